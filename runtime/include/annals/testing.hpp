/// Tests a domain without a store: given events, when a command, then events.
///
///     annals::given<account>(account_opened{"Ada"}).when(withdraw{5}).then_rejects("insufficient_funds");
///     annals::project<balances>().event<account>("42", money_deposited{5}).ask(balance_of{"42"});
///     annals::process<transferring>("t1").observes<account>("42", money_withdrawn{5, "t1"})
///         .then(annals::send<account>("43", deposit{5, "t1"}));
///     annals::replays_alike<account>(account_opened{"Ada"}, money_deposited{5});
///
/// At each step all inputs and outputs, and each described state or model, are encoded and decoded again. So a test also finds a member
/// that is not stored: its value is lost. A failed expectation throws expectation_failed, which any test framework reports.
#pragma once

#include <annals/codec.hpp>
#include <annals/detail/aggregate_table.hpp>
#include <annals/detail/process_table.hpp>
#include <annals/detail/projection_table.hpp>
#include <annals/detail/testing.hpp>
#include <annals/replay.hpp>

#include <chrono>
#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace annals {

/// The outcome of a command.
template <class A>
class outcome_of {
public:
  explicit outcome_of(decision<A> made) : made_(std::move(made)) {}

  /// Expects exactly these events, in this order.
  template <one_of<typename A::events>... Es>
  void then(const Es&... events) const {
    std::vector<event_of<A>> expected;
    // As in decision: this compiles faster than a list of variants.
    (expected.push_back(event_of<A>{std::in_place_index<detail::index_in<Es>(typename A::events{})>, events}), ...);
    check(expected);
  }
  void then_nothing() const { then(); }
  void then_rejects(std::string_view code) const {
    if (made_.accepted()) fail("a rejection, " + std::string{code}, detail::shown(made_.events()));
    if (made_.why().code != code) fail("a rejection, " + std::string{code}, made_.why().code);
  }
  const decision<A>& decision_made() const { return made_; }

private:
  void check(const std::vector<event_of<A>>& expected) const {
    if (!made_.accepted()) fail("events" + detail::shown(expected), "a rejection, " + made_.why().code);
    if (!detail::agree(made_.events(), expected)) fail(detail::shown(expected), detail::shown(made_.events()));
  }
  [[noreturn]] static void fail(const std::string& expected, const std::string& actual) {
    throw expectation_failed("expected: " + expected + "\n  actual: " + actual);
  }
  decision<A> made_;
};

/// An aggregate with past events; made by given().
template <class A>
class given_past {
public:
  template <one_of<typename A::events> E>
  given_past& and_event(const E& event) {
    A::evolve(state_, detail::travelled(event));
    detail::travel(state_);
    ++version_;
    return *this;
  }
  given_past& with_key(std::string key) { return key_ = std::move(key), *this; }
  given_past& at_time(timestamp now) { return now_ = now, *this; }
  given_past& as(std::string principal) { return principal_ = std::move(principal), *this; }

  /// Decides the command. Its events become part of the past, so that when() may follow when().
  template <one_of<typename A::commands> C>
  outcome_of<A> when(const C& command) {
    context about;
    about.now = now_;
    about.key = key_;
    about.version = version_;
    about.principal = principal_;
    auto made = A::decide(std::as_const(state_), detail::travelled(command), about);
    for (const auto& event : made.events()) std::visit([&](const auto& e) { and_event(e); }, event);
    return outcome_of<A>{std::move(made)};
  }
  const typename A::state& state() const { return state_; }

private:
  typename A::state state_{};
  version version_ = 0;
  std::string key_ = "1";
  std::string principal_;
  timestamp now_ = 0;
};

template <class A, one_of<typename A::events>... Es>
given_past<A> given(const Es&... events) {
  given_past<A> past;
  (past.and_event(events), ...);
  return past;
}

/// A read model to which a test feeds events; made by project().
template <class P>
class projected {
public:
  /// Applies the next event of the log, in the stream of the aggregate A with this key.
  template <class A, one_of<typename A::events> E>
  projected& event(std::string_view key, const E& e) {
    const auto stream = std::string{A::category} + "-" + std::string{key};
    const auto payload = encoded(e);
    record_view record;
    record.at = ++at_;
    record.stream = stream;
    record.version = ++versions_[stream];
    record.time = now_;
    record.type = E::about.name;
    record.schema = E::about.schema;
    record.payload = payload;
    if (auto ok = model_.apply(record); !ok) throw expectation_failed(ok.error().message());
    if (auto ok = model_.restore(model_.saved()); !ok) throw expectation_failed(ok.error().message());
    return *this;
  }
  projected& at_time(timestamp now) { return now_ = now, *this; }

  template <one_of<typename P::queries> Q>
  answer_of<P, Q> ask(const Q& query) const {
    auto bytes = model_.answer(Q::about.name, encoded(query));
    if (!bytes) throw expectation_failed(bytes.error().message());
    auto answer = detail::decoded_answer<answer_of<P, Q>>(*bytes);
    if (!answer) throw expectation_failed(answer.error().message());
    return std::move(*answer);
  }
  const typename P::model& model() const { return *static_cast<const typename P::model*>(model_.model()); }

private:
  detail::projection_model<P> model_;
  std::map<std::string, version> versions_;
  position at_ = 0;
  timestamp now_ = 0;
};

template <class P>
projected<P> project() {
  return {};
}

/// One instance of a process manager, seen from outside; made by process().
template <class P>
class process_under_test {
public:
  explicit process_under_test(std::string key) : key_(std::move(key)) {}

  /// Hands the instance an event of aggregate A. `P::key` must route the event to this instance.
  template <class A, one_of<typename A::events> E>
  process_under_test& observes(std::string_view key, const E& event) {
    static_assert(detail::is_in<A, typename P::observes>, "the process manager does not observe this aggregate");
    const auto there = detail::travelled(event);
    const auto routed = P::key(there);
    if (!routed || *routed != key_)
      throw expectation_failed(detail::shown(event) + " is routed to " + routed.value_or("no instance") + ", not to " + key_);
    const auto source = std::string{A::category} + "-" + std::string{key};
    return take(P::on(std::as_const(state_), there, about(source)));
  }

  /// Aggregate A rejects a command that this instance sent.
  template <class A, one_of<typename A::commands> C>
  process_under_test& hears_rejection(std::string_view key, const C& command, std::string code) {
    const auto source = std::string{A::category} + "-" + std::string{key};
    return take(P::rejected(std::as_const(state_), detail::travelled(command), rejection{std::move(code), {}}, about(source)));
  }

  /// Lets time pass. Due timers fire, the earliest first; then() checks all of their steps together.
  process_under_test& elapse(std::chrono::microseconds time) {
    now_ += time.count();
    last_.clear();
    for (;;) {
      auto due = timers_.end();
      for (auto i = timers_.begin(); i != timers_.end(); ++i)
        if (i->due <= now_ && (due == timers_.end() || i->due < due->due)) due = i;
      if (due == timers_.end()) return *this;
      const auto fired = *due;
      timers_.erase(due);
      auto before = std::exchange(last_, {});
      fire(detail::timers_of<P>{}, fired);
      last_.insert(last_.begin(), before.begin(), before.end());
    }
  }

  /// Expects that the last call led to exactly these steps.
  template <class... Ss>
  process_under_test& then(const Ss&... expected) {
    steps<P> wanted;
    (wanted.add(expected), ...);
    return check(wanted.list());
  }
  process_under_test& then_nothing() { return then(); }

  const std::vector<typename steps<P>::step>& last() const { return last_; }
  const typename P::state& state() const { return state_; }
  std::size_t open_timers() const { return timers_.size(); }

private:
  process_under_test& check(const std::vector<typename steps<P>::step>& wanted) {
    if (!detail::agree(last_, wanted)) throw expectation_failed("expected:" + detail::shown(wanted) + "\n  actual:" + detail::shown(last_));
    return *this;
  }
  struct open_timer {
    timestamp due;
    std::string name;
    std::string bytes;
  };

  context about(std::string_view source) const {
    context c;
    c.now = now_;
    c.key = key_;
    c.source = source;
    return c;
  }

  process_under_test& take(const steps<P>& made) {
    last_ = made.list();
    for (const auto& step : last_) {
      if (auto* own = std::get_if<0>(&step))
        std::visit([&](const auto& e) { P::evolve(state_, detail::travelled(e)); }, *own), detail::travel(state_);
      else if (auto* timer = std::get_if<timer_to_set>(&step)) {
        std::string bytes;
        encoder out{bytes};
        timer->timer.encode_to(out);
        timers_.push_back({detail::due_at(now_, timer->delay), std::string{timer->timer.name()}, std::move(bytes)});
      } else if (auto* cancelled = std::get_if<timer_to_cancel>(&step))
        std::erase_if(timers_, [&](const open_timer& t) { return t.name == cancelled->name; });
    }
    return *this;
  }

  template <class... Ts>
  void fire(types<Ts...> list, const open_timer& timer) {
    detail::with_named(list, timer.name, [&]<class T>() { take(P::on(std::as_const(state_), decoded<T>(timer.bytes).value(), about({}))); });
  }

  std::string key_;
  typename P::state state_{};
  timestamp now_ = 0;
  std::deque<open_timer> timers_;
  std::vector<typename steps<P>::step> last_;
};

template <class P>
process_under_test<P> process(std::string key) {
  return process_under_test<P>{std::move(key)};
}

/// The replay check for past events of an aggregate or process manager A with a described state. It folds the events twice from the
/// start, and once from the stored and restored state after each event, and expects equal states. A failure names the event. The time
/// grows with the square of the number of events.
template <class A>
void replays_alike(const std::vector<event_of<A>>& past) {
  using state = typename A::state;
  static_assert(described<state>, "only a state that is described can be compared: static constexpr auto about = annals::describe(…)");
  std::vector<std::pair<std::string, state>> folds{{"the first replay", {}}, {"the second replay", {}}};
  state live{};  // evolves by the decided events, before they are encoded, as an aggregate does
  const auto named = [](std::size_t number) { return "event " + std::to_string(number); };
  for (std::size_t number = 1; number <= past.size(); ++number) {
    const auto& event = past[number - 1];
    for (auto& [name, folded] : folds) std::visit([&folded = folded](const auto& e) { A::evolve(folded, detail::travelled(e)); }, event);
    std::visit([&](const auto& e) { A::evolve(live, e); }, event);
    const auto bytes = encoded(folds[0].second);
    for (const auto& [name, folded] : folds)
      if (encoded(folded) != bytes)
        throw expectation_failed(name + " differs from the first replay after " + named(number) + ", " + detail::shown(event) + ": " +
                                 detail::shown(folded) + " and not " + detail::shown(folds[0].second));
    if (encoded(live) != bytes)
      throw expectation_failed("the state differs from its replay after " + named(number) + ", " + detail::shown(event) +
                               ", part of which is not stored: " + detail::shown(live) + " and not " + detail::shown(folds[0].second));
    auto restored = decoded<state>(bytes);
    if (!restored) throw expectation_failed("the state after " + named(number) + " cannot be decoded: " + restored.error().message());
    folds.emplace_back("the replay from the state after " + named(number), std::move(*restored));
  }
}

template <class A, one_of<typename A::events>... Es>
void replays_alike(const Es&... events) {
  replays_alike<A>(std::vector<event_of<A>>{event_of<A>{events}...});
}

/// The same for a whole store: for a runtime, or for a store_view and its hosted_types.
template <class Store, class... Types>
  requires requires(const Store& store, const Types&... types) { store.verify_replay(types...).value(); }
replayed replays_alike(const Store& store, const Types&... types) {
  auto same = store.verify_replay(types...);
  if (!same) throw expectation_failed(same.error().message());
  return *same;
}

}  // namespace annals
