// Finds which events a process manager observes, which of its timers fire, and which rejections it hears. It has overloads only for
// what it wants. An overload that would never be called is a compile error.
#pragma once

#include <annals/detail/aggregate_overloads.hpp>
#include <annals/detail/tables.hpp>
#include <annals/process.hpp>

#include <optional>
#include <string>

namespace annals::detail {

template <class P, class E>
concept routes = requires { static_cast<std::optional<std::string> (*)(const E&)>(&P::key); };
template <class P, class E>
concept reacts = requires { static_cast<steps<P> (*)(const typename P::state&, const E&, const context&)>(&P::on); };
template <class P, class C>
concept hears_rejection_of =
    requires { static_cast<steps<P> (*)(const typename P::state&, const C&, const rejection&, const context&)>(&P::rejected); };

template <class P>
using observed = events_of_all<typename P::observes>;
template <class P>
using commanded = commands_of_all<typename P::observes>;
template <class P>
struct routed {
  template <class E>
  static constexpr bool has = observed<P>::template has<E> && routes<P, E>;
};
template <class P>
struct observed_or_timed {
  template <class E>
  static constexpr bool has = observed<P>::template has<E> || is_in<E, timers_of<P>>;
};
template <class P>
struct reacted_to {
  template <class E>
  static constexpr bool has = observed_or_timed<P>::template has<E> && reacts<P, E>;
};
template <class P>
struct heard {
  template <class C>
  static constexpr bool has = commanded<P>::template has<C> && hears_rejection_of<P, C>;
};

template <class P, class E>
struct process_needs_key_for_event {
  static_assert(!reacts<P, E> || routes<P, E> || is_in<E, timers_of<P>>,
                "missing overload: static std::optional<std::string> P::key(const E&), for an event that P::on takes");
};
template <class P, class E>
struct process_needs_on_for_event {
  static_assert(!routes<P, E> || reacts<P, E>, "missing overload: static annals::steps<P> P::on(const P::state&, const E&, const annals::context&)");
};
template <class P, class T>
struct process_needs_on_for_timer {
  static_assert(reacts<P, T>, "missing overload: static annals::steps<P> P::on(const P::state&, const T&, const annals::context&)");
};
// Instantiated only if there is an extra overload: is it meant for this event or command?
template <class P, class E>
struct process_with_another_key {
  static_assert(!has_overload_beside<key_hook, P, all_but<observed<P>, E>>(),
                "another signature, never called: it is static std::optional<std::string> P::key(const E&)");
};
template <class P, class E>
struct process_with_another_on {
  static_assert(!has_overload_beside<on_hook, P, all_but<observed_or_timed<P>, E>>(),
                "another signature, never called: it is static annals::steps<P> P::on(const P::state&, const E&, const annals::context&)");
};
template <class P, class C>
struct process_with_another_rejected {
  static_assert(!has_overload_beside<rejected_hook, P, all_but<commanded<P>, C>>(),
                "another signature, never called: it is static annals::steps<P> P::rejected(const P::state&, const C&, "
                "const annals::rejection&, const annals::context&)");
};

template <template <class, class> class Check, class P, class... Ts>
consteval bool all_pass(types<Ts...>) {
  return (sizeof(Check<P, Ts>) && ... && true);
}
template <template <class, class> class Check, class P, class... As>
consteval bool events_pass(types<As...>) {
  return (all_pass<Check, P>(typename As::events{}) && ... && true);
}
template <template <class, class> class Check, class P, class... As>
consteval bool commands_pass(types<As...>) {
  return (all_pass<Check, P>(typename As::commands{}) && ... && true);
}
template <class P, class... Es>
consteval bool routes_any(types<Es...>) {
  return (routes<P, Es> || ... || false);
}
template <class P, class... As>
consteval bool routes_any_of(types<As...>) {
  return (routes_any<P>(typename As::events{}) || ... || false);
}
template <class P, class... Cs>
consteval bool hears_any(types<Cs...>) {
  return (hears_rejection_of<P, Cs> || ... || false);
}
template <class P, class... As>
consteval bool hears_any_of(types<As...>) {
  return (hears_any<P>(typename As::commands{}) || ... || false);
}

template <class P>
consteval bool key_is_called() {
  if constexpr (has_overload_beside<key_hook, P, observed<P>>()) {
    static_assert(sizeof(P) == 0,
                  "an overload of key is never called: it takes no event of what P observes; add the aggregate to P::observes, "
                  "or give a helper another name");
    return true;
  } else if constexpr (has_overload_beside<key_hook, P, routed<P>>())
    return events_pass<process_with_another_key, P>(typename P::observes{});
  else
    return true;
}
template <class P>
consteval bool on_is_called() {
  if constexpr (has_overload_beside<on_hook, P, observed_or_timed<P>>()) {
    static_assert(sizeof(P) == 0,
                  "an overload of on is never called: it takes no event of what P observes and none of P::timers; add it there, "
                  "or give a helper another name");
    return true;
  } else if constexpr (has_overload_beside<on_hook, P, reacted_to<P>>())
    return events_pass<process_with_another_on, P>(typename P::observes{}) && all_pass<process_with_another_on, P>(timers_of<P>{});
  else
    return true;
}
template <class P>
consteval bool rejected_is_called() {
  if constexpr (has_overload_beside<rejected_hook, P, commanded<P>>()) {
    static_assert(sizeof(P) == 0,
                  "an overload of rejected is never called: it takes no command of what P observes; add the aggregate to P::observes, "
                  "or give a helper another name");
    return true;
  } else if constexpr (has_overload_beside<rejected_hook, P, heard<P>>())
    return commands_pass<process_with_another_rejected, P>(typename P::observes{});
  else
    return true;
}

/// Only a process manager can be orchestrated, and it must observe aggregates.
template <class P>
struct orchestrated_type {
  static_assert(requires { typename P::observes; } || !has_commands<P>, "this is an aggregate: host it, do not orchestrate it");
  static_assert(requires { typename P::observes; } || !requires { typename P::follows; }, "this is a projection: project it, do not orchestrate it");
  static_assert(
      has_events<P> && requires { typename P::observes; },
      "a process manager needs: static constexpr std::string_view category, using observes and events = annals::types<...>");
  static_assert(
      !requires { typename P::observes; } || requires { requires all_have_commands<typename P::observes>; },
      "what P observes are aggregates, annals::types<...> of those, not their events");
  static constexpr bool is_one = has_events<P> && requires { requires all_have_commands<typename P::observes>; };
};

template <class P>
struct process_with_overloads : with_evolve_overloads<P> {
  using observes = typename P::observes;
  static_assert(all_described<timers_of<P>>, "each timer needs: static constexpr auto about = annals::describe(...)");
  static_assert(key_is_called<P>());
  static_assert(routes_any_of<P>(observes{}), "no event of what it observes has an overload: static std::optional<std::string> P::key(const E&)");
  static_assert(events_pass<process_needs_on_for_event, P>(observes{}));
  static_assert(on_is_called<P>());
  static_assert(names_are_unique(timers_of<P>{}), "two timers of a process manager have the same stored name");
  static_assert(all_pass<process_needs_on_for_timer, P>(timers_of<P>{}));
  static_assert(events_pass<process_needs_key_for_event, P>(observes{}));
  static_assert(rejected_is_called<P>());
  static_assert(hears_any_of<P>(observes{}) || std::is_final_v<P> || !rejected_hook::is_named<P>(),
                "no command of what it observes has an overload: static annals::steps<P> P::rejected(const P::state&, const C&, "
                "const annals::rejection&, const annals::context&)");
  static_assert(std::is_final_v<P> || !accepted_hook::is_named<P>(),
                "accepted is never called: observe the event that the command leads to, or give a helper another name");
};

}  // namespace annals::detail
