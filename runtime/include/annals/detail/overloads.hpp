// Finds the overloads that a host's type has under a name that the runtime calls (a hook). An overload with the wrong signature, or
// for a type that never comes, would silently never be called. These checks make it a compile error.
#pragma once

#include <annals/aggregate.hpp>

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace annals::detail {

/// The result type of a hook call when no overload of the type takes its arguments.
struct not_taken {};

// A hook. `is_named`: T has functions of this name, private ones included: beside `fallback` its name is then ambiguous.
// `takes`: at least one of them takes such arguments. A final type cannot be derived from: there an ambiguous call looks like none.
#define ANNALS_HOOK(hook)                                                                                   \
  struct hook##_hook {                                                                                      \
    struct fallback {                                                                                       \
      static not_taken hook(...);                                                                           \
    };                                                                                                      \
    template <class T>                                                                                      \
    struct with_fallback : T, fallback {};                                                                  \
    template <class T>                                                                                      \
    struct beside_fallback : T, fallback {                                                                  \
      using T::hook;                                                                                        \
      using fallback::hook;                                                                                 \
    };                                                                                                      \
    template <class T>                                                                                      \
    static consteval bool is_named() {                                                                      \
      if constexpr (requires { typename T::hook; } || requires { requires is_object<decltype(&T::hook)>; }) \
        return false;                                                                                       \
      else if constexpr (std::is_final_v<T>)                                                                \
        return true;                                                                                        \
      else                                                                                                  \
        return !requires { &with_fallback<T>::hook; };                                                      \
    }                                                                                                       \
    template <class T, class... As>                                                                         \
    static consteval bool takes() {                                                                         \
      if constexpr (std::is_final_v<T>)                                                                     \
        return requires(const As&... as) { T::hook(as...); };                                               \
      else                                                                                                  \
        return !requires(beside_fallback<T>& of, const As&... as) {                                         \
          { of.hook(as...) } -> std::same_as<not_taken>;                                                    \
        };                                                                                                  \
    }                                                                                                       \
  }

/// True for the address of a variable or of a data member.
template <class Address>
inline constexpr bool is_object = std::is_object_v<std::remove_pointer_t<Address>> && !std::is_member_function_pointer_v<Address>;

ANNALS_HOOK(accepted);
ANNALS_HOOK(answer);
ANNALS_HOOK(apply);
ANNALS_HOOK(decide);
ANNALS_HOOK(effect);
ANNALS_HOOK(evolve);
ANNALS_HOOK(key);
ANNALS_HOOK(merge);
ANNALS_HOOK(on);
ANNALS_HOOK(rejected);
ANNALS_HOOK(upcast);
#undef ANNALS_HOOK

/// An argument that converts to any parameter type, except the types for which `Except::has<T>` is true.
template <class Except>
struct anything_but {
  template <class T>
    requires(!Except::template has<std::remove_cvref_t<T>>)
  operator T&() const;
  template <class T>
    requires(!Except::template has<std::remove_cvref_t<T>>)
  operator T&&() const;
};
/// An argument that only a function template takes.
struct template_only {};

template <class Hook, class T, class Any, std::size_t At, std::size_t... Is>
consteval bool is_template_at(std::index_sequence<Is...>) {
  return Hook::template takes<T, std::conditional_t<Is == At, template_only, Any>...>();
}
template <std::size_t, class Any>
using repeated = Any;
/// A template that takes everything does not count as an overload for something else.
template <class Hook, class T, class Any, std::size_t... Is>
consteval bool takes_as_many(std::index_sequence<Is...> all) {
  if constexpr (!Hook::template takes<T, repeated<Is, Any>...>())
    return false;
  else
    return !(is_template_at<Hook, T, Any, Is>(all) || ... || false);
}
/// True if T has an overload of the hook, with up to five parameters, that takes none of the types `Called::has<E>` with which the
/// runtime calls the hook.
template <class Hook, class T, class Called>
consteval bool has_overload_beside() {
  if constexpr (!Hook::template is_named<T>())
    return false;
  else
    return []<std::size_t... Ns>(std::index_sequence<Ns...>) {
      return (takes_as_many<Hook, T, anything_but<Called>>(std::make_index_sequence<Ns>{}) || ...);
    }(std::make_index_sequence<6>{});
}

/// All of these types but E: an overload beside them takes E, or none of them.
template <class All, class E>
struct all_but {
  template <class T>
  static constexpr bool has = All::template has<T> && !std::is_same_v<T, E>;
};
/// The types of a list, as a predicate.
template <class List>
struct all_of {
  template <class T>
  static constexpr bool has = is_in<T, List>;
};
/// The events, or the commands, of a list of aggregates, as a predicate.
template <class As>
struct events_of_all;
template <class... As>
struct events_of_all<types<As...>> {
  template <class T>
  static constexpr bool has = (is_in<T, typename As::events> || ...);
};
template <class As>
struct commands_of_all;
template <class... As>
struct commands_of_all<types<As...>> {
  template <class T>
  static constexpr bool has = (is_in<T, typename As::commands> || ...);
};

template <class List>
inline constexpr bool all_described = false;
template <class... Ts>
inline constexpr bool all_described<types<Ts...>> = (described<Ts> && ...);

// Types that are hosted, followed or observed.
template <class A>
concept has_events = requires {
  A::category;
  typename A::events;
};
template <class A>
concept has_commands = has_events<A> && requires { typename A::commands; };
template <class List>
inline constexpr bool all_have_events = false;
template <class... As>
inline constexpr bool all_have_events<types<As...>> = (has_events<As> && ...);
template <class List>
inline constexpr bool all_have_commands = false;
template <class... As>
inline constexpr bool all_have_commands<types<As...>> = (has_commands<As> && ...);

}  // namespace annals::detail
