// Counting the members of a struct against those that are described: one that is forgotten would be there in memory, and not in
// the log.
#pragma once

#include <annals/describe.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>

namespace annals::detail {

/// Becomes whatever a member of S takes.
template <class S>
struct any_member {
  template <class T>
    requires(!__is_base_of(T, S))
  operator T() const;
};
/// Becomes an empty base class of S, and nothing else.
template <class S>
struct empty_base {
  template <class T>
    requires(__is_base_of(T, S) && __is_empty(T) && !std::is_same_v<T, S>)
  operator T() const;
};
template <class S, std::size_t>
using any_member_of = any_member<S>;
template <class S, std::size_t>
using empty_base_of = empty_base<S>;

template <class S, std::size_t... Bs, std::size_t... Is>
consteval bool begins_with(std::index_sequence<Bs...>, std::index_sequence<Is...>) {
  return requires { S{empty_base_of<S, Bs>{}..., any_member_of<S, Is>{}...}; };
}
/// S can be made of so many empty bases and then so many members; an array has as many as it has elements.
template <class S, std::size_t Bases, std::size_t Members>
inline constexpr bool takes_members = begins_with<S>(std::make_index_sequence<Bases>{}, std::make_index_sequence<Members>{});
/// The same, with Inner in braces at the place of the I-th.
template <class S, std::size_t Bases, std::size_t... Bs, std::size_t... Is, std::size_t... Js, std::size_t... Ks>
consteval bool takes_inner(std::index_sequence<Bs...>, std::index_sequence<Is...>, std::index_sequence<Js...>, std::index_sequence<Ks...>) {
  return requires { S{empty_base_of<S, Bs>{}..., any_member_of<S, Is>{}..., {any_member_of<S, Js>{}...}, any_member_of<S, Ks>{}...}; };
}
template <class S, std::size_t Bases, std::size_t Before, std::size_t Inner, std::size_t After>
inline constexpr bool takes_inner_at = takes_inner<S, Bases>(std::make_index_sequence<Bases>{}, std::make_index_sequence<Before>{},
                                                             std::make_index_sequence<Inner>{}, std::make_index_sequence<After>{});

inline constexpr std::size_t elements_max = 256;  // arrays included

template <class S, std::size_t Bases = 0>
consteval std::size_t empty_bases() {
  if constexpr (Bases < 8 && takes_members<S, Bases + 1, 0>)
    return empty_bases<S, Bases + 1>();
  else
    return Bases;
}
template <class S, std::size_t Bases, std::size_t Known>
consteval std::size_t elements() {
  if constexpr (Known < elements_max && takes_members<S, Bases, Known + 1>)
    return elements<S, Bases, Known + 1>();
  else
    return Known;
}
/// Of how many elements the member is that begins at this one: more than one of an array only, since another one in braces
/// still leaves place for all that follow it.
template <class S, std::size_t Bases, std::size_t All, std::size_t At, std::size_t Width>
consteval std::size_t width() {
  if constexpr (At + Width >= All || !takes_inner_at<S, Bases, At, Width + 1, 0>)
    return Width > 1 && !takes_inner_at<S, Bases, At, Width, All - At - Width + 1> ? Width : 1;
  else
    return width<S, Bases, All, At, Width + 1>();
}
template <class S, std::size_t Bases, std::size_t All, std::size_t At = 0>
consteval std::size_t members_from() {
  if constexpr (At >= All)
    return 0;
  else
    return 1 + members_from<S, Bases, All, At + width<S, Bases, All, At, 1>()>();
}

template <class S, std::size_t Bases, std::size_t Members>
consteval bool has_members_after() {
  if constexpr (!takes_members<S, Bases, Members>)
    return false;
  else if constexpr (!takes_members<S, Bases, Members + 1>)
    return true;
  else
    return members_from<S, Bases, elements<S, Bases, Members + 1>()>() == Members;
}
/// Whether the struct has so many members; asked for the likely answers first, since it takes time: without a base class.
template <class S, std::size_t Members>
consteval bool has_members() {
  if constexpr (Members > 0 && has_members_after<S, 0, Members>())
    return true;
  else
    return has_members_after<S, empty_bases<S>(), Members>();
}

template <class S, class Field>
inline constexpr bool is_of = false;
template <class S, class Type>
inline constexpr bool is_of<S, field<S, Type>> = true;

/// Whether each member is described once: what stands twice was copied, and another member was meant.
template <described T>
consteval bool is_each_described_once() {
  return T::about.fields.apply([](const auto&... all) {
    [[maybe_unused]] const auto is_once = [&](const auto& one) { return (are_of_one_member(one, all) + ... + 0) == 1; };
    return (is_once(all) && ... && true);
  });
}

template <described T, class About = std::remove_cvref_t<decltype(T::about)>>
struct with_all_members;
template <described T, class... Fields>
struct with_all_members<T, description<Fields...>> {
  static_assert(!T::about.is_counted || (is_of<T, Fields> && ...),
                "`about` describes another struct: it is inherited or copied; this one needs its own");
  static_assert(is_each_described_once<T>(), "two fields of this struct describe the same member");
  static_assert(!T::about.is_counted || std::is_aggregate_v<T>,
                "the members of this struct cannot be counted, since it has a constructor or a private member: describe all, and say so with "
                "annals::uncounted{}");
  static_assert(!T::about.is_counted || !std::is_aggregate_v<T> || !(is_of<T, Fields> && ...) ||
                    has_members<T, sizeof...(Fields) + T::about.not_stored>(),
                "a member of this struct is not described, so it would not be stored: add a field, or annals::not_stored{&T::member}; a base "
                "class with members needs annals::uncounted{}");
};

}  // namespace annals::detail
