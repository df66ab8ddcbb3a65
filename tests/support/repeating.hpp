// A process manager that rejects some inputs, for tests of what happens to these.
#pragma once

#include "support/memory_engine.hpp"

namespace world {

using namespace annals;
using namespace std::chrono_literals;

inline std::atomic<bool> cures{false};
inline std::atomic<int> tries{0};
inline std::atomic<bool> all_are_y{false};  // all notes go to one instance
inline std::atomic<bool> is_held{false};    // a bad input waits
inline std::atomic<bool> is_blind{false};   // a note that ends with "bad" is for no instance

struct observed {
  std::string text;
  static constexpr auto about = describe<&observed::text>("observed", 1);
};
struct was_rejected {
  static constexpr auto about = describe("was_rejected", 1);
};
struct later {
  static constexpr auto about = describe("later", 1);
};

/// Repeats notes on a counter; the first character of a note is the instance's key. "bad" throws when it is observed, "ask"
/// sends a command that is rejected, "time" sets a timer; "bad ask" and "bad time" throw when the answer or the timer arrives.
struct repeating {
  static constexpr std::string_view category = "repeating";
  static constexpr failure_policy on_failure{3, 1ms};
  using observes = types<world::counter>;
  using events = types<observed, was_rejected>;
  using timers = types<later>;
  struct state {
    std::string all;
    static constexpr auto about = describe<&state::all>("repeating", 1);
  };
  static void dislike(bool it) {
    if (!it) return;
    ++tries;
    while (is_held) std::this_thread::yield();
    if (!cures) throw std::runtime_error("does not like it");
  }
  static std::optional<std::string> key(const world::noted& e) {
    if (is_blind && e.text.ends_with("bad")) return std::nullopt;
    return all_are_y ? "y" : e.text.substr(0, 1);
  }
  static steps<repeating> on(const state&, const world::noted& e, const context&) {
    const auto text = e.text.substr(2);
    dislike(text == "bad");
    if (text.ends_with("ask")) return {observed{text}, annals::send<world::counter>("target", world::add{-1})};
    if (text.ends_with("time")) return {observed{text}, after(1s, later{})};
    return observed{text};
  }
  static steps<repeating> on(const state& s, const later&, const context&) {
    dislike(s.all.find("bad time") != std::string::npos);
    return observed{"timed"};
  }
  static steps<repeating> rejected(const state& s, const world::add&, const rejection&, const context&) {
    dislike(s.all.find("bad ask") != std::string::npos);
    return was_rejected{};
  }
  static void evolve(state& s, const observed& e) { s.all += e.text + ","; }
  static void evolve(state& s, const was_rejected&) { s.all += "rejected,"; }
};

struct repeating_rig : memory_engine {
  explicit repeating_rig(const memory_store& on, options with = quiet(), timestamp at = 1'000'000)
      : memory_engine(on, std::move(with), [](detail::engine& e) { e.add(detail::table_of_process<repeating>()).value(); }, at) {}

  position write(std::string text) { return send("a", world::note{std::move(text)}).value().at; }
  std::vector<parked_event> parked() const {
    auto all = engine->parked("repeating");
    return std::move(all).value();
  }
  std::vector<position> positions() const {
    std::vector<position> all;
    for (const auto& one : parked()) all.push_back(one.at);
    return all;
  }
  void wait_for_parked(std::size_t count) {
    wait_until([&] { return positions().size() == count; });
  }
  /// What the instance has seen, once nothing is in progress.
  std::string seen_by(const std::string& key) {
    engine->settle(60s).value();
    std::string all;
    engine
        ->read_stream("repeating-" + key, 1, 20'000,
                      [&](const record_view& r) {
                        if (r.type == observed::about.name) all += decoded<observed>(r.payload)->text + ",";
                        if (r.type == was_rejected::about.name) all += "rejected,";
                        return true;
                      })
        .value();
    return all;
  }
  template <class Order>
  result<position> order(Order what) {
    auto answer = detail::await(*engine->order("repeating", what));
    if (!answer) return std::move(answer).error();
    return answer->accepted.at;
  }
  result<position> retry(position at) { return order(actors::retry_parked{at, {}}); }
  result<position> skip(position at) { return order(actors::skip_parked{at, {}}); }
};

inline void begin() {
  all_are_y = false;
  is_held = false;
  is_blind = false;
  cures = false;
  tries = 0;
}

using places = std::vector<position>;

}  // namespace world
