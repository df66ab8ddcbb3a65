// A small domain for tests of the runtime, with commands that misbehave on demand.
#pragma once

#include <annals/runtime.hpp>

#include <stdexcept>

namespace world {

using annals::field;

struct add {
  std::int64_t amount = 0;
  std::uint32_t times = 1;
  static constexpr auto about = annals::describe<&add::amount, &add::times>("add", 1);
};
struct check {  // accepted without events
  static constexpr auto about = annals::describe("check", 1);
};
struct throw_in_decide {
  static constexpr auto about = annals::describe("throw_in_decide", 1);
};
struct throw_in_evolve {
  static constexpr auto about = annals::describe("throw_in_evolve", 1);
};
struct note {
  std::string text;
  static constexpr auto about = annals::describe<&note::text>("note", 1);
};

struct added {
  std::int64_t amount = 0;
  static constexpr auto about = annals::describe<&added::amount>("added", 1);
};
struct noted {
  std::string text;
  static constexpr auto about = annals::describe<&noted::text>("noted", 1);
};
struct poisoned {
  static constexpr auto about = annals::describe("poisoned", 1);
};

/// Never below zero.
struct counter {
  static constexpr std::string_view category = "counter";
  using commands = annals::types<add, check, throw_in_decide, throw_in_evolve, note>;
  using events = annals::types<added, noted, poisoned>;
  struct state {
    std::int64_t sum = 0;
    static constexpr auto about = annals::describe<&state::sum>("state", 1);
  };
  static annals::decision<counter> decide(const state& s, const add& c, const annals::context&) {
    if (s.sum + c.amount * c.times < 0) return annals::reject("below_zero", std::to_string(s.sum));
    return std::vector<annals::event_of<counter>>(c.times, added{c.amount});
  }
  static annals::decision<counter> decide(const state&, const check&, const annals::context&) { return annals::nothing; }
  static annals::decision<counter> decide(const state&, const throw_in_decide&, const annals::context&) {
    throw std::runtime_error("decide does not like this");
  }
  static annals::decision<counter> decide(const state&, const throw_in_evolve&, const annals::context&) { return poisoned{}; }
  static annals::decision<counter> decide(const state&, const note& c, const annals::context&) { return noted{c.text}; }
  static void evolve(state& s, const added& e) { s.sum += e.amount; }
  static void evolve(state&, const noted&) {}
  static void evolve(state& s, const poisoned&) {
    s.sum = -1;
    throw std::runtime_error("evolve does not like this");
  }
};

struct sum_of {
  std::string key;
  static constexpr auto about = annals::describe<&sum_of::key>("sum_of", 1);
};

struct sums {
  static constexpr std::string_view name = "sums";
  using follows = annals::types<counter>;
  using queries = annals::types<sum_of>;
  struct model {
    std::map<std::string, std::int64_t, std::less<>> by_key;
    annals::position last = 0;
    std::uint64_t applied = 0;
    static constexpr auto about = annals::describe<&model::by_key, &model::last, &model::applied>("sums", 1);
  };
  static void apply(model& m, const added& e, const annals::record_view& r) {
    m.by_key[std::string{r.key()}] += e.amount;
    m.last = r.at;
    ++m.applied;
  }
  static std::int64_t answer(const model& m, const sum_of& q) {
    const auto found = m.by_key.find(q.key);
    return found == m.by_key.end() ? 0 : found->second;
  }
};

}  // namespace world
