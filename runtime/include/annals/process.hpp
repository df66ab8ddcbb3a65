/// How to write a process manager: a durable state machine that observes events of other aggregates, sends commands and sets timers.
/// Its functions are pure, like those of an aggregate.
///
///     struct fulfilment {
///       static constexpr std::string_view category = "fulfilment";        // each instance is a stream of its own
///       using observes = annals::types<order, inventory, payment>;        // observed for events; may get commands
///       using events   = annals::types<line_reserved, …>;                 // its own, none named "annals.…"; evolve for each
///       using timers   = annals::types<payment_overdue>;                  // described structs; optional
///       struct state { … };
///       static std::optional<std::string> key(const stock_reserved&);     // which instance; without an overload: not observed
///       static annals::steps<fulfilment> on(const state&, const stock_reserved&, const annals::context&);
///       static annals::steps<fulfilment> on(const state&, const payment_overdue&, const annals::context&);
///       static annals::steps<fulfilment> rejected(const state&, const reserve_stock&, const annals::rejection&,
///                                                 const annals::context&);
///       static void evolve(state&, const line_reserved&);
///     };
///
/// If `on`, `rejected` or `evolve` throws, the runtime tries again after growing pauses. After the last attempt it parks that input and
/// blocks the instance until somebody retries or skips the input. Other instances go on. `static constexpr annals::failure_policy
/// on_failure{…}` sets the number of attempts, or stops the process manager instead (parked.hpp). A `key` that throws stops it.
///
/// An overload that the runtime would never call does not compile: one with another signature, or for an event that is not observed.
/// A command to an aggregate that is not in `observes`, or a timer that is not in `timers`, does not compile either.
///
/// The runtime sends each command until it is answered; the command takes effect at most once. If the target rejects it, the runtime
/// calls the `rejected` overload for its type; without one, it only records the rejection in the log. If the command fails at its target
/// (`decide` threw, say), the runtime reports it to options::on_failure, and calls `rejected` with the errc's name as code. If this
/// program cannot hand it to its target (not hosted, no such command, cannot be loaded), the command is not rejected: the runtime holds
/// and reports it (options::on_failure, health), and sends it at a later start.
///
/// The instance's own records, its commands, and its timers and their answers take correlation and principal from the observed record.
/// If that has no correlation, a command gets the instance's stream as correlation. The causation of each is "@" and the position of
/// the record that caused it: the observed record; for a timer the record that set it; for a rejection the record that sent the
/// command.
#pragma once

#include <annals/aggregate.hpp>
#include <annals/codec.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace annals {

/// A described value whose type is erased; shared and immutable.
class any_described {
public:
  template <described T>
  explicit any_described(T value)
      : name_(T::about.name),
        held_(std::make_shared<const T>(std::move(value))),
        encode_([](const void* v, encoder& out) { encode(out, *static_cast<const T*>(v)); }),
        same_([](const void* a, const void* b) { return same(*static_cast<const T*>(a), *static_cast<const T*>(b)); }) {}
  /// A move copies, which costs a reference count: a moved-from object still has its value.
  any_described(const any_described&) = default;
  any_described& operator=(const any_described&) = default;

  std::string_view name() const { return name_; }
  void encode_to(encoder& out) const { encode_(held_.get(), out); }

  friend bool operator==(const any_described& a, const any_described& b) { return a.encode_ == b.encode_ && a.same_(a.held_.get(), b.held_.get()); }

private:
  std::string_view name_;
  std::shared_ptr<const void> held_;
  void (*encode_)(const void*, encoder&);
  bool (*same_)(const void*, const void*);
};

/// A command to the aggregate `category`-`key`; made by send<A>().
struct command_to_send {
  std::string_view category;
  std::string key;
  any_described command;

  friend bool operator==(const command_to_send&, const command_to_send&) = default;
};

/// A timer to set: the runtime hands `timer` to the instance after `delay`. Made by after().
struct timer_to_set {
  std::chrono::microseconds delay;
  any_described timer;

  friend bool operator==(const timer_to_set&, const timer_to_set&) = default;
};

/// Cancels all timers of this name that the instance has set and that have not fired. Made by cancel<T>().
struct timer_to_cancel {
  std::string_view name;

  friend bool operator==(const timer_to_cancel&, const timer_to_cancel&) = default;
};

// What send(), after() and cancel() return keeps its type until it becomes a step, so that steps<P> accepts only what P declares.
template <class A>
struct command_to : command_to_send {};
template <class T>
struct timer_for : timer_to_set {};
template <class T>
struct cancel_of : timer_to_cancel {};

template <class A, one_of<typename A::commands> C>
command_to<A> send(std::string key, C command) {
  return {{A::category, std::move(key), any_described{std::move(command)}}};
}

/// A step that sets a timer. Setting the machine's clock does not change a running delay; after a restart the stored due time counts. A timer with
/// a negative delay is due at once; one that is due beyond the last timestamp never fires.
template <described T>
timer_for<T> after(std::chrono::microseconds delay, T timer) {
  return {{delay, any_described{std::move(timer)}}};
}

template <described T>
cancel_of<T> cancel() {
  return {{T::about.name}};
}

namespace detail {
template <class P>
struct timers_in {
  using type = types<>;
};
template <class P>
  requires requires { typename P::timers; }
struct timers_in<P> {
  using type = typename P::timers;
};
/// `P::timers`, or an empty list.
template <class P>
using timers_of = typename timers_in<P>::type;

/// Checks whether S may be a step of P; the static_asserts say why not.
template <class P, class S>
struct step_of {
  static constexpr bool is_event = is_in<S, typename P::events>;
  static constexpr bool is_one = is_event;
  static_assert(!described<S> || is_event, "P takes a step that is not in P::events; commands go by annals::send, timers by annals::after");
  static_assert(described<S>,
                "a step is one of P::events, or made by annals::send<A>(key, command), annals::after(delay, timer), "
                "annals::cancel<T>()");
};
template <class P, class A>
struct step_of<P, command_to<A>> {
  static constexpr bool is_event = false;
  static constexpr bool is_one = is_in<A, typename P::observes>;
  static_assert(is_one, "P sends to an aggregate that it does not observe: add it to P::observes");
};
template <class P, class T>
struct step_of<P, timer_for<T>> {
  static constexpr bool is_event = false;
  static constexpr bool is_one = is_in<T, timers_of<P>>;
  static_assert(is_one, "P sets a timer that it could not take when it is due: add it to P::timers");
};
template <class P, class T>
struct step_of<P, cancel_of<T>> {
  static constexpr bool is_event = false;
  static constexpr bool is_one = is_in<T, timers_of<P>>;
  static_assert(is_one, "P cancels a timer that it cannot set: add it to P::timers");
};

template <class S>
inline constexpr bool may_be_step =
    described<S> || std::is_base_of_v<command_to_send, S> || std::is_base_of_v<timer_to_set, S> || std::is_base_of_v<timer_to_cancel, S>;
}  // namespace detail

/// What an instance does next: its own events, commands, and timers. They are written together, in the order in which they are listed.
template <class P>
class steps {
public:
  using event = event_of<P>;
  using step = std::variant<event, command_to_send, timer_to_set, timer_to_cancel>;

  steps() = default;
  steps(nothing_t) {}

  /// One or more steps: `return {line_reserved{…}, annals::send<payment>(…)};`
  template <class... Ss>
    requires(sizeof...(Ss) > 0 && (detail::may_be_step<std::remove_cvref_t<Ss>> && ...))
  steps(Ss&&... list) {
    (add(std::forward<Ss>(list)), ...);
  }

  template <class S>
  steps& add(S&& s) {
    using kind = detail::step_of<P, std::remove_cvref_t<S>>;
    if constexpr (kind::is_event)
      list_.emplace_back(event{std::forward<S>(s)});
    else if constexpr (kind::is_one)
      list_.emplace_back(std::forward<S>(s));
    return *this;
  }

  const std::vector<step>& list() const { return list_; }

private:
  std::vector<step> list_;
};

}  // namespace annals
