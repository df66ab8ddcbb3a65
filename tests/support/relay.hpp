// A process manager that does what notes on counters tell it, and records what it observes.
#pragma once

#include "store/log/record.hpp"
#include "support/memory_engine.hpp"

namespace world {

using namespace annals;
using namespace std::chrono_literals;

struct told {
  std::string what, correlation, principal, causation;
  static constexpr auto about = describe<&told::what, &told::correlation, &told::principal, &told::causation>("told", 1);
  friend bool operator==(const told&, const told&) = default;
};
struct reminder {
  static constexpr auto about = describe("reminder", 1);
};

/// "add N" adds N to the counter "target"; a rejected add makes it add 3. "wait" sets a timer of 2 s, which adds 7.
struct relay {
  static constexpr std::string_view category = "relay";
  using observes = types<counter>;
  using events = types<told>;
  using timers = types<reminder>;
  struct state {};
  static std::optional<std::string> key(const noted&) { return "it"; }
  static told seen(std::string what, const context& about) {
    return {std::move(what), std::string{about.correlation}, std::string{about.principal}, std::string{about.causation}};
  }
  static steps<relay> on(const state&, const noted& e, const context& about) {
    if (e.text == "wait") return {seen(e.text, about), after(2s, reminder{})};
    return {seen(e.text, about), annals::send<counter>("target", add{std::stoll(e.text.substr(4))})};
  }
  static steps<relay> on(const state&, const reminder&, const context& about) {
    return {seen("timer", about), annals::send<counter>("target", add{7})};
  }
  static steps<relay> rejected(const state&, const add&, const rejection& why, const context& about) {
    return {seen(why.code, about), annals::send<counter>("target", add{3})};
  }
  static void evolve(state&, const told&) {}
};

inline void host_relay(detail::engine& e) { e.add(detail::table_of_process<relay>()).value(); }

struct kept_record {
  position at;
  std::string stream, type, id, correlation, principal, causation, payload;
};
inline std::vector<kept_record> records_of(const memory_store& store) {
  std::vector<kept_record> all;
  for (const auto& bytes : store.log->records) {
    const auto r = store::read_record(all.size() + 1, bytes).value();
    all.push_back({r.at, std::string{r.stream}, std::string{r.type}, std::string{r.command_id}, std::string{r.correlation}, std::string{r.principal},
                   std::string{r.causation}, std::string{r.payload}});
  }
  return all;
}
inline std::vector<kept_record> records_of(const memory_store& store, std::string_view stream) {
  auto all = records_of(store);
  std::erase_if(all, [&](const auto& one) { return one.stream != stream; });
  return all;
}

/// What is left after a crash that lost every record after this position, and all derived state.
inline memory_store cut_after(const memory_store& store, position at) {
  memory_store left;
  left.log->identity = store.log->identity;
  left.log->records.assign(store.log->records.begin(), store.log->records.begin() + static_cast<std::ptrdiff_t>(at));
  return left;
}

}  // namespace world
