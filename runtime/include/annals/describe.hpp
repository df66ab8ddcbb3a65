/// How to describe a plain struct, so that annals can store, send and show it: its stored name, its schema version, its fields.
///
///     struct money_deposited {
///       std::int64_t cents = 0;
///       static constexpr auto about = annals::describe<&money_deposited::cents>("money_deposited", 1);
///     };
///
/// A field is stored under the name of its member. If you rename the member, give the field its stored name, or what is stored is lost:
///
///     static constexpr auto about = annals::describe("money_deposited", 1, annals::field{"cents", &money_deposited::amount});
///
/// A field is a bool, an integer, a floating-point number, an enum (stored as its integer), a std::string or another described struct;
/// a std::optional or std::vector of these; a map of these with std::string keys (std::map or std::unordered_map, any order); or a set
/// of std::string. A struct may hold a vector of itself. An event nested more than 64 levels deep (annals/codec.hpp) is too_large, as
/// is one with more bytes than `event_bytes_max`.
///
/// An enum may have labels: the names of its values 0, 1, 2 … when a state or an event is shown as JSON. Labels are not stored. An enum
/// in a class declares them in a friend, any other enum in a function beside it:
///
///     enum class phase : std::uint8_t { none, placed };
///     friend constexpr auto labels_of(phase) { return std::to_array<std::string_view>({"none", "placed"}); }
///
/// The compiler counts the members: a struct with a member that is not described does not compile. To leave a member out, pass
/// `annals::not_stored{&money_deposited::cache}` after the schema version. The compiler cannot count a struct with a constructor, a
/// private member or a non-empty base class: pass `annals::uncounted{}` there. A type that would not decode to the same value cannot be
/// a field: a long double, an optional of an optional.
///
/// Schemas. Stored events never change; the program reads them as its present types.
/// - To add or remove a field, only change the struct; give a new field a default. A missing field takes its default, an unknown one is
///   ignored. A program refuses an event of a higher schema than its own: raise the schema if older programs must not read on.
/// - For any other change, raise the schema, keep the old form beside the new one, and add a pure function from the old to the new.
///   Forms make a chain, checked by the compiler. A record is read as the oldest form whose schema is not below the record's.
///
///     struct customer_created_v1 {
///       std::string name;
///       static constexpr auto about = annals::describe<&customer_created_v1::name>("customer_created", 1);
///     };
///     struct customer_created {
///       std::string name;
///       std::string email;
///       static constexpr auto about = annals::describe<&customer_created::name, &customer_created::email>("customer_created", 2);
///       using before = customer_created_v1;
///       static customer_created upcast(const customer_created_v1& old) { return {old.name, "unknown"}; }
///     };
///
/// - To rename an event, list its former names in the newest form, and keep them there.
///
///       static constexpr std::array formerly{"client_created"};
///
/// This holds for events wherever they are read: aggregates, projections, process managers, history, past states. An upcast that throws
/// stops its reader with an error that has the type and the position, as undecodable bytes do. Commands, timers and queries have no old
/// forms: their fields may come and go, with defaults. Keep the name of a timer as long as one is set.
///
/// Stored states and models have no old forms either, because annals can rebuild them. It drops them when their description or that of
/// their events changes. If only code changed, raise their schema (a projection's `version`): aggregate.hpp and projection.hpp.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <type_traits>
#include <utility>

namespace annals {

/// One field: its stored name and its member.
template <class Struct, class Type>
struct field {
  std::string_view name;
  Type Struct::* member;

  constexpr field(std::string_view field_name, Type Struct::* where) : name(field_name), member(where) {}
};

/// Instead of a field: a member that is deliberately not stored, such as a cache. In a decoded struct it has its default, so no decision
/// and no state may depend on it.
template <class Struct, class Type>
struct not_stored {
  Type Struct::* member;

  constexpr explicit not_stored(Type Struct::* where) : member(where) {}
};
/// Instead of a field: you state that all members are described. For a struct whose members the compiler cannot count: one with a
/// constructor, a private member or a base class that is not empty.
struct uncounted {};

namespace detail {
template <std::size_t I, class Field>
struct field_at {
  Field it;
};
template <std::size_t I, class Field>
constexpr const Field& field_in(const field_at<I, Field>& fields) {
  return fields.it;
}
template <class Indices, class... Fields>
struct fields_at;
/// The fields of one struct: a tuple that compiles in a fraction of std::tuple's time. Every message has one.
template <std::size_t... Is, class... Fields>
struct fields_at<std::index_sequence<Is...>, Fields...> : field_at<Is, Fields>... {
  static constexpr std::size_t size = sizeof...(Fields);
  std::string_view names[size == 0 ? 1 : size];
  /// Calls `visit(fields...)`.
  template <class Visit>
  constexpr decltype(auto) apply(Visit&& visit) const {
    return visit(static_cast<const field_at<Is, Fields>&>(*this).it...);
  }
};
}  // namespace detail

namespace detail {
/// The compiler's text for a member: "… [with auto Member = &deposit::cents]" (g++), "… [Member = &deposit::cents]" (clang++).
template <auto Member>
consteval const char* spelled() {
  return __PRETTY_FUNCTION__;
}
/// The identifier at the end of that text.
template <auto Member>
consteval std::string_view name_of_member() {
  constexpr auto is_of_a_name = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || (c & 0x80) != 0;
  };
  std::string_view text = spelled<Member>();
  while (!is_of_a_name(text.back())) text.remove_suffix(1);
  auto begin = text.size();
  while (is_of_a_name(text[begin - 1])) --begin;
  return text.substr(begin);
}
}  // namespace detail

/// The description of a struct; made by describe().
template <class... Fields>
struct description {
  std::string_view name;
  std::uint16_t schema;
  detail::fields_at<std::index_sequence_for<Fields...>, Fields...> fields;
  std::size_t not_stored;  ///< number of members that are left out
  bool is_counted;
};

namespace detail {
/// Throws if a name or the schema is not allowed; a call that throws does not compile.
consteval void check_names(std::string_view name, std::uint16_t schema, std::initializer_list<std::string_view> fields) {
  if (name.empty() || name.size() > 64) throw "a stored name has 1 to 64 bytes";
  if (schema == 0) throw "a schema version is 1, 2, 3 …";
  for (auto i = fields.begin(); i != fields.end(); ++i)
    for (auto j = i + 1; j != fields.end(); ++j)
      if (*i == *j) throw "two fields of a struct have the same name";
}
template <class Part>
inline constexpr bool is_field = false;
template <class Struct, class Type>
inline constexpr bool is_field<field<Struct, Type>> = true;
template <class Part>
inline constexpr bool is_left_out = false;
template <class Struct, class Type>
inline constexpr bool is_left_out<not_stored<Struct, Type>> = true;
template <class One, class Other>
constexpr bool are_of_one_member(const One& a, const Other& b) {
  if constexpr (requires { a.member == b.member; })
    return a.member == b.member;
  else
    return false;
}
/// Counts the members that are not stored. A member that another part also names does not count.
template <class... Parts>
consteval std::size_t count_left_out(const Parts&... parts) {
  const auto is_named_once = [&](const auto& one) { return (are_of_one_member(one, parts) + ... + 0) == 1; };
  return ((is_left_out<Parts> && is_named_once(parts)) + ... + std::size_t{0});
}
/// The description of the fields. described_in_turn() has dropped the parts that are not fields.
template <class... Fields>
consteval auto described_as(std::string_view name, std::uint16_t schema, std::size_t not_stored, bool is_counted, Fields... fields) {
  static_assert(sizeof...(Fields) <= 64, "a described struct has at most 64 fields");
  check_names(name, schema, {fields.name...});
  return description<Fields...>{name, schema, {{fields}..., {fields.name...}}, not_stored, is_counted};
}
template <std::size_t Left, class Part, class... Parts>
consteval auto described_in_turn(std::string_view name, std::uint16_t schema, std::size_t not_stored, bool is_counted, Part part, Parts... parts) {
  if constexpr (Left == 0)
    return described_as(name, schema, not_stored, is_counted, part, parts...);
  else if constexpr (is_field<Part>)
    return described_in_turn<Left - 1>(name, schema, not_stored, is_counted, parts..., part);
  else if constexpr (sizeof...(Parts) == 0)
    return described_as(name, schema, not_stored, is_counted);
  else
    return described_in_turn<Left - 1>(name, schema, not_stored, is_counted, parts...);
}
}  // namespace detail

/// Describes fields whose stored names you choose. `name`: the stored name of the struct, 1 to 64 bytes; never reuse it for something
/// else. `schema`: 1, 2, 3 … (see "Schemas" above). `parts`: a field{…} for each member, in any order.
template <class... Parts>
consteval auto describe(std::string_view name, std::uint16_t schema, Parts... parts) {
  if constexpr ((detail::is_field<Parts> && ...))
    return detail::described_as(name, schema, 0, true, parts...);
  else
    return detail::described_in_turn<sizeof...(Parts)>(name, schema, detail::count_left_out(parts...), !(std::is_same_v<Parts, uncounted> || ...),
                                                       parts...);
}

/// The usual form: each of `Members` is a field under its own name. `parts`: fields with other names, not_stored, uncounted.
template <auto First, auto... More, class... Parts>
consteval auto describe(std::string_view name, std::uint16_t schema, Parts... parts) {
  static_assert(std::is_member_object_pointer_v<decltype(First)> && (std::is_member_object_pointer_v<decltype(More)> && ...),
                "a field is a member of the struct: describe<&T::member>");
  return describe(name, schema, field{detail::name_of_member<First>(), First}, field{detail::name_of_member<More>(), More}..., parts...);
}

/// A struct with a description.
template <class T>
concept described = requires {
  { T::about.name } -> std::convertible_to<std::string_view>;
  { T::about.schema } -> std::convertible_to<std::uint16_t>;
  T::about.fields;
};

/// Calls `visit(name, value)` for every field of `object`, in the order of the description.
template <described T, class Object, class Visit>
  requires std::same_as<std::remove_cvref_t<Object>, T>
constexpr void for_each_field(Object&& object, Visit&& visit) {
  T::about.fields.apply([&](const auto&... f) { (visit(f.name, object.*(f.member)), ...); });
}

/// Whether two described values are equal in every field. Their types need no operator==.
template <described T>
constexpr bool same(const T& a, const T& b);

namespace detail {
template <class T>
constexpr bool same_value(const T& a, const T& b) {
  if constexpr (described<T>)
    return same(a, b);
  else if constexpr (
      requires {
        a.begin();
        a.size();
      } && !requires { a.substr(0); }) {
    if (a.size() != b.size()) return false;
    auto j = b.begin();
    for (auto i = a.begin(); i != a.end(); ++i, ++j)
      if (!same_value(*i, *j)) return false;
    return true;
  } else if constexpr (requires {
                         a.has_value();
                         *a;
                       })
    return a.has_value() == b.has_value() && (!a.has_value() || same_value(*a, *b));
  else if constexpr (requires {
                       a.first;
                       a.second;
                     })
    return same_value(a.first, b.first) && same_value(a.second, b.second);
  else if constexpr (std::is_floating_point_v<T>)
    return a == b || (a != a && b != b);
  else
    return a == b;
}
}  // namespace detail

template <described T>
constexpr bool same(const T& a, const T& b) {
  return T::about.fields.apply([&](const auto&... f) { return (detail::same_value(a.*(f.member), b.*(f.member)) && ...); });
}

}  // namespace annals
