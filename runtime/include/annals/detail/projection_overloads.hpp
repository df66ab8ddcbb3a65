// Which events a projection applies, and which have an effect: it leaves out those that it does not want. An overload that is
// meant for one of them, but would never be called, is refused.
#pragma once

#include <annals/detail/overloads.hpp>
#include <annals/projection.hpp>

namespace annals::detail {

template <class P, class E>
concept applies = requires {
  static_cast<void (*)(typename P::model&, const E&, const record_view&)>(&P::apply);
};
template <class P, class E>
concept affects = requires { static_cast<void (*)(const E&, const record_view&)>(&P::effect); };
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

// Meant for this event, but of another signature, and so never called.
template <class P, class E>
concept applies_otherwise = !applies<P, E> && requires(typename P::model& m, only<E>& e, const record_view& r) {
  requires requires { P::apply(m, e, r); } || requires { P::apply(m, r, e); } || requires { P::apply(m, e); };
};
template <class P, class E>
concept affects_otherwise = !affects<P, E> && requires(typename P::model& m, only<E>& e, const record_view& r) {
  requires requires { P::effect(e, r); } || requires { P::effect(r, e); } || requires { P::effect(e); } || requires { P::effect(m, e, r); };
};
template <class P, class E>
struct projection_with_overloads_for_event {
  static_assert(!applies_otherwise<P, E>,
                "another signature, never called: it is static void P::apply(P::model&, const E&, const annals::record_view&)");
  static_assert(!affects_otherwise<P, E>, "another signature, never called: it is static void P::effect(const E&, const annals::record_view&)");
};
template <class P, class... Es>
consteval bool all_as_they_are_called_of(types<Es...>) {
  return (sizeof(projection_with_overloads_for_event<P, Es>) && ... && true);
}
template <class P, class... As>
consteval bool all_as_they_are_called(types<As...>) {
  return (all_as_they_are_called_of<P>(typename As::events{}) && ... && true);
}
template <class P>
struct projection_with_overloads {
  using follows = typename P::follows;
  static_assert(all_as_they_are_called<P>(follows{}));
  static_assert(applies_any<P>(follows{}),
                "no event of what it follows has an overload: static void P::apply(P::model&, const E&, const annals::record_view&)");
  static_assert(!names_effect<P>() || has_effects<P>(follows{}),
                "no event of what it follows has an overload: static void P::effect(const E&, const annals::record_view&)");
};

}  // namespace annals::detail
