// Finds which events a projection applies, and which have an effect. It has overloads only for those it wants. An overload that would
// never be called is a compile error.
#pragma once

#include <annals/detail/overloads.hpp>
#include <annals/projection.hpp>

namespace annals::detail {

template <class P, class E>
concept applies = requires { static_cast<void (*)(typename P::model&, const E&, const record_view&)>(&P::apply); };
template <class P, class E>
concept affects = requires { static_cast<void (*)(const E&, const record_view&)>(&P::effect); };
template <class P, class Q>
concept answers = requires(const typename P::model& m, const Q& q) {
  P::answer(m, q);
  requires !std::is_void_v<decltype(P::answer(m, q))>;
};
template <class P>
constexpr bool is_partitioned = requires { P::partitions; };
template <class P>
concept merges = requires { static_cast<void (*)(typename P::model&, typename P::model&&)>(&P::merge); };

template <class P, class... Es>
constexpr bool has_effects_of(types<Es...>) {
  return (affects<P, Es> || ... || false);
}
template <class P, class... As>
constexpr bool has_effects(types<As...>) {
  return (has_effects_of<P>(typename As::events{}) || ... || false);
}
template <class P, class... Es>
constexpr bool applies_any_of(types<Es...>) {
  return (applies<P, Es> || ... || false);
}
template <class P, class... As>
constexpr bool applies_any(types<As...>) {
  return (applies_any_of<P>(typename As::events{}) || ... || false);
}

template <class P>
using followed = events_of_all<typename P::follows>;
template <class P>
struct applied {
  template <class E>
  static constexpr bool has = followed<P>::template has<E> && applies<P, E>;
};
template <class P>
struct affected {
  template <class E>
  static constexpr bool has = followed<P>::template has<E> && affects<P, E>;
};

// Instantiated only if there is an extra overload: is it meant for this event?
template <class P, class E>
struct projection_with_another_apply {
  static_assert(!has_overload_beside<apply_hook, P, all_but<followed<P>, E>>(),
                "another signature, never called: it is static void P::apply(P::model&, const E&, const annals::record_view&)");
};
template <class P, class E>
struct projection_with_another_effect {
  static_assert(!has_overload_beside<effect_hook, P, all_but<followed<P>, E>>(),
                "another signature, never called: it is static void P::effect(const E&, const annals::record_view&)");
};
template <template <class, class> class Check, class P, class... Es>
consteval bool each_event(types<Es...>) {
  return (sizeof(Check<P, Es>) && ... && true);
}
template <template <class, class> class Check, class P, class... As>
consteval bool each_event_of(types<As...>) {
  return (each_event<Check, P>(typename As::events{}) && ... && true);
}

template <class P>
consteval bool apply_is_called() {
  if constexpr (has_overload_beside<apply_hook, P, followed<P>>()) {
    static_assert(sizeof(P) == 0,
                  "an overload of apply is never called: it takes no event of what P follows; add the aggregate to P::follows, "
                  "or give a helper another name");
    return true;
  } else if constexpr (has_overload_beside<apply_hook, P, applied<P>>())
    return each_event_of<projection_with_another_apply, P>(typename P::follows{});
  else
    return true;
}
template <class P>
consteval bool effect_is_called() {
  if constexpr (has_overload_beside<effect_hook, P, followed<P>>()) {
    static_assert(sizeof(P) == 0,
                  "an overload of effect is never called: it takes no event of what P follows; add the aggregate to P::follows, "
                  "or give a helper another name");
    return true;
  } else if constexpr (has_overload_beside<effect_hook, P, affected<P>>())
    return each_event_of<projection_with_another_effect, P>(typename P::follows{});
  else
    return true;
}

/// Only a projection can be projected, and it must follow types that have events.
template <class P>
struct projected_type {
  static_assert(
      requires { typename P::follows; } || !has_events<P>, "this is an aggregate or a process manager: host or orchestrate it, do not project it");
  static_assert(requires { typename P::follows; }, "a projection needs: using follows = annals::types<...>, the aggregates whose events it applies");
  static_assert(
      !requires { typename P::follows; } || requires { requires all_have_events<typename P::follows>; },
      "what P follows are aggregates or process managers, annals::types<...> of those, not their events");
  static constexpr bool is_one = requires { requires all_have_events<typename P::follows>; };
};

template <class P>
struct projection_with_overloads {
  using follows = typename P::follows;
  static_assert(!apply_hook::is_named<P>() || apply_is_called<P>());
  static_assert(applies_any<P>(follows{}),
                "no event of what it follows has an overload: static void P::apply(P::model&, const E&, const annals::record_view&)");
  static_assert(has_effects<P>(follows{}) || std::is_final_v<P> || !effect_hook::is_named<P>(),
                "no event of what it follows has an overload: static void P::effect(const E&, const annals::record_view&)");
  static_assert(effect_is_called<P>());
};

template <class P, class Q>
struct projection_needs_answer_for_query {
  static_assert(answers<P, Q>, "missing overload: static ANSWER P::answer(const P::model&, const Q&)");
};
template <class P, class... Qs>
consteval bool all_answered(types<Qs...>) {
  return (sizeof(projection_needs_answer_for_query<P, Qs>) && ... && true);
}

}  // namespace annals::detail
