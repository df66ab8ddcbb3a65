// The owners of parked events: a projection, a process manager, a subscription, each with what it can do about them, in one table.
#pragma once

#include "support/virtual_engine.hpp"

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dead_letters {

using namespace annals;
using namespace world;
using namespace std::chrono_literals;

using places = std::vector<position>;
using texts = std::vector<std::string>;
inline constexpr std::uint32_t attempts = 3;
inline bool cures = false;

/// A note is "LANE WHAT"; it is written to the counter LANE.
inline std::string lane_of(std::string_view text) { return std::string{text.substr(0, text.find(' '))}; }
inline void handle(const std::string& text) {
  if (text.ends_with("bad") && !cures) throw std::runtime_error("does not like " + text);
}

template <on_failure Then>
struct reader {
  static constexpr std::string_view name = "reader";
  static constexpr failure_policy on_failure{attempts, 1ms, Then};
  using follows = types<counter>;
  using queries = types<>;
  struct model {
    texts seen;
  };
  static void apply(model& m, const noted& e, const record_view&) {
    handle(e.text);
    m.seen.push_back(e.text);
  }
};

struct worker {
  static constexpr std::string_view category = "worker";
  static constexpr failure_policy on_failure{attempts, 1ms};
  using observes = types<counter>;
  using events = types<noted>;
  struct state {};
  static std::optional<std::string> key(const noted& e) { return lane_of(e.text); }
  static steps<worker> on(const state&, const noted& e, const context&) {
    handle(e.text);
    return e;
  }
  static void evolve(state&, const noted&) {}
};

/// One owner of parked events on its engine. Its orders are answered when time passes.
class owner {
public:
  owner(const memory_store& on, const std::function<void(detail::engine&)>& host) : e(on, true, host) {}
  virtual ~owner() = default;
  virtual std::shared_ptr<detail::waiter> order(position at, bool is_retry) = 0;
  virtual std::vector<parked_event> parked() = 0;
  virtual texts handled() = 0;
  /// Lets it handle what it can.
  virtual void work() { e.pass(50ms); }

  places write(const texts& all) {
    places at;
    for (const auto& text : all) {
      e.note(lane_of(text), text);
      at.push_back(e.engine().head().at);
      work();
    }
    return at;
  }
  std::optional<errc> code_of(const std::shared_ptr<detail::waiter>& asked) {
    if (!asked->is_answered()) return std::nullopt;
    const auto answer = asked->await();
    return answer ? fine : answer.error().code;
  }
  std::optional<errc> done(position at, bool is_retry) {
    const auto asked = order(at, is_retry);
    e.settle();
    work();
    return code_of(asked);
  }
  std::optional<errc> retry(position at) { return done(at, true); }
  std::optional<errc> skip(position at) { return done(at, false); }
  position place_in_error(position at, bool is_retry) {
    const auto asked = order(at, is_retry);
    e.settle();
    return asked->await().error().place;
  }
  places parked_at() {
    places all;
    for (const auto& one : parked()) all.push_back(one.at);
    return all;
  }
  /// The next decision stays on its way to the log for a while.
  void write_slowly() {
    store::memory_faults faults;
    faults.drain_no_space = 3;
    e.log().set_faults(faults);
  }

  virtual_engine e;
};

template <on_failure Then>
struct projection_owner : owner {
  explicit projection_owner(const memory_store& on)
      : owner(on, [](detail::engine& more) { more.add(detail::table_of_projection<reader<Then>>()).value(); }) {}
  std::shared_ptr<detail::waiter> order(position at, bool is_retry) override {
    if (is_retry) return e.engine().order("reader", actors::retry_parked{at, {}});
    return e.engine().order("reader", actors::skip_parked{at, {}});
  }
  std::vector<parked_event> parked() override { return e.engine().parked("reader").value(); }
  texts handled() override {
    texts seen;
    e.engine().read_model("reader", [&](const void* m, position) { seen = static_cast<const typename reader<Then>::model*>(m)->seen; }).value();
    return seen;
  }
};

struct process_owner : owner {
  explicit process_owner(const memory_store& on) : owner(on, [](detail::engine& more) { more.add(detail::table_of_process<worker>()).value(); }) {}
  std::shared_ptr<detail::waiter> order(position at, bool is_retry) override {
    if (is_retry) return e.engine().order("worker", actors::retry_parked{at, {}});
    return e.engine().order("worker", actors::skip_parked{at, {}});
  }
  std::vector<parked_event> parked() override { return e.engine().parked("worker").value(); }
  texts handled() override {
    texts seen;
    store::read_limits limits;
    (void)e.log().read(1, limits, [&](const record_view& r) {
      if (r.category() == "worker" && r.type == noted::about.name) seen.push_back(decoded<noted>(r.payload)->text);
      return true;
    });
    return seen;
  }
};

template <on_failure Then>
struct subscription_owner : owner {
  explicit subscription_owner(const memory_store& on) : owner(on, {}), one(e, "mail", {.failure = {attempts, 1ms, Then}}) { work(); }
  std::shared_ptr<detail::waiter> order(position at, bool is_retry) override { return one.in().resolve(at, is_retry); }
  std::vector<parked_event> parked() override { return one.parked(); }
  texts handled() override { return seen; }
  void work() override {
    for (std::uint32_t turn = 0; turn < 2 * attempts; ++turn, e.pass(10ms))
      for (auto next = one.take(1); !next.empty(); next = one.take(1)) take(next[0]);
  }
  void take(const delivered& given) {
    const auto text = decoded<noted>(given.record.payload)->text;
    try {
      handle(text);
      seen.push_back(text);
      one.in().ack({given.record.at});
      e.run();
    } catch (const std::exception& why) {
      one.nack(given.record.at, why.what());
    }
  }
  texts seen;
  member one;
};

struct row {
  const char* name;
  bool has_lanes;  // what follows in the stream, or for the instance, waits
  std::function<std::unique_ptr<owner>(const memory_store&)> open;
};
template <class Owner>
row row_of(const char* name, bool has_lanes) {
  return {name, has_lanes, [](const memory_store& on) { return std::make_unique<Owner>(on); }};
}
inline const std::array owners{row_of<projection_owner<on_failure::park_event>>("a projection, by event", false),
                               row_of<projection_owner<on_failure::park_stream>>("a projection, by stream", true),
                               row_of<process_owner>("a process manager", true),
                               row_of<subscription_owner<on_failure::park_event>>("a subscription, by event", false),
                               row_of<subscription_owner<on_failure::park_stream>>("a subscription, by stream", true)};

}  // namespace dead_letters
