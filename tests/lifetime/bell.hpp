// What the program hosts, and how it says what does not hold.
#pragma once

#include <annals/runtime.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <memory>
#include <string>

using namespace std::chrono_literals;

struct ring {
  static constexpr auto about = annals::describe("ring", 1);
};
struct rang {
  static constexpr auto about = annals::describe("rang", 1);
};
struct bell {
  static constexpr std::string_view category = "bell";
  using commands = annals::types<ring>;
  using events = annals::types<rang>;
  struct state {
    int times = 0;
  };
  static annals::decision<bell> decide(const state&, const ring&, const annals::context&) { return rang{}; }
  static void evolve(state& s, const rang&) { ++s.times; }
};

inline std::promise<void> in_effect;  // an effect has begun
inline std::promise<void> may_end;    // and goes on when this is kept: never, in most ways
inline bool effects_are_stuck = false;

struct peals {
  static constexpr std::string_view name = "peals";
  using follows = annals::types<bell>;
  using queries = annals::types<>;
  struct model {
    int times = 0;
  };
  static void apply(model& m, const rang&, const annals::record_view&) { ++m.times; }
  static void effect(const rang&, const annals::record_view&) {
    if (!effects_are_stuck) return;
    in_effect.set_value();
    may_end.get_future().wait();
  }
};

/// What does not hold is said, and is the end.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "not so: %s\n", what);
  std::_Exit(EXIT_FAILURE);
}
template <class T>
void require_code(const annals::result<T>& answer, annals::errc code, const char* what) {
  if (!answer && answer.error().code == code) return;
  std::fprintf(stderr, "%s: %s\n", what, answer ? "no error" : answer.error().message().c_str());
  std::_Exit(EXIT_FAILURE);
}

inline std::unique_ptr<annals::runtime> begun(const std::string& store, annals::options with = {}) {
  auto rt = std::make_unique<annals::runtime>(annals::runtime::open(store, with).value());
  rt->host<bell>().value();
  rt->project<peals>().value();
  rt->start().value();
  return rt;
}
inline void use(annals::runtime& rt) {
  rt.send<bell>("1", ring{}).get().value();
  auto member = rt.subscribe("ringers").value();
  const auto heard = member.next(10, 10s).value();
  for (const auto& one : heard) member.ack(one.record.at).get().value();
}
