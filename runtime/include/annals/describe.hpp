/// Describing a plain struct, so that it can be stored, sent and shown: its stored name, its schema version, its fields.
///
///     struct money_deposited {
///       std::int64_t cents = 0;
///       static constexpr auto about = annals::describe<&money_deposited::cents>("money_deposited", 1);
///     };
///
/// A field is stored under the name of its member. Renaming the member would lose what is stored: give the field its stored name then.
///
///     static constexpr auto about = annals::describe("money_deposited", 1, annals::field{"cents", &money_deposited::amount});
///
/// A field is a bool, an integer, a floating-point number, an enum (stored as its integer), a std::string, another
/// described struct, or a std::optional, std::vector or map of these by std::string (std::map or std::unordered_map with any
/// order), or a set of std::string. A struct may hold a vector of itself; what is nested more than 64 deep
/// (annals/codec.hpp) is refused with too_large, as an event that has more bytes than `event_bytes_max` is.
///
/// An enum may have labels: what its values 0, 1, 2 … are called where a state or an event is shown as JSON. They are no part of what
/// is stored. An enum of a class has them in a friend, another one in a function beside it:
///
///     enum class phase : std::uint8_t { none, placed };
///     friend constexpr auto labels_of(phase) { return std::to_array<std::string_view>({"none", "placed"}); }
///
/// The compiler counts the members: one that is not described does not compile, unless `annals::not_stored{&money_deposited::cache}`
/// says so, after the schema version. A struct with a constructor, private members or a base class cannot be counted, and says
/// `annals::uncounted{}` there. What would come back as another value is no field: a long double, an optional of an optional.
///
/// Schemas. What was written stays as it is; the program reads it as what its types have become.
/// - A field is added with a default, or is left out: nothing else to do. What is missing takes its default, what is
///   unknown is ignored. An event of a higher schema than the program's is refused, so raise it where an older program
///   must not read on.
/// - An event changes otherwise: its schema is raised, its old form stays beside it, and a pure function leads from it to
///   the next. Forms make a chain, checked by the compiler. A record is read as the oldest form that is not older than it.
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
/// - An event is renamed: its former names stay in the newest form, permanently.
///
///       static constexpr std::array formerly{"client_created"};
///
/// All of this holds for events, wherever they are read: aggregates, projections, process managers, history, states of the
/// past. An upcast that throws stops its reader with type and position, as bytes do that cannot be decoded. Commands,
/// timers and queries have no old forms: fields may come and go with defaults; a timer's name stays as long as one is set.
///
/// States and models are kept on disk, too, but can be folded again: they have no old forms. They are dropped when what describes
/// them or their events changes, and when their schema (or a projection's `version`) is raised, which is for code that has come to
/// mean something else: aggregate.hpp and projection.hpp.
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

/// One field: its stored name and where it is.
template <class Struct, class Type>
struct field {
  std::string_view name;
  Type Struct::*member;

  constexpr field(std::string_view field_name, Type Struct::*where) : name(field_name), member(where) {}
};

/// In the place of a field: a member that is not stored on purpose, as what can be computed. Nothing reads it back: it has its
/// default in what comes from the log, so that no decision and no state may rest on it.
template <class Struct, class Type>
struct not_stored {
  Type Struct::*member;

  constexpr explicit not_stored(Type Struct::*where) : member(where) {}
};
/// In the place of a field: states that all members are described. For a struct whose members the compiler cannot count: one with a
/// constructor, a private member or a base class that is not empty.
struct uncounted {};

namespace detail {
template <std::size_t I, class Field>
struct field_at {
  Field it;
};
template <std::size_t I, class Field>
constexpr const Field& field_in(const field_at<I, Field>& fields) { return fields.it; }
template <class Indices, class... Fields>
struct fields_at;
/// The fields of one struct: a tuple that compiles in a fraction of the time, since every message has one.
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
consteval const char* spelled() { return __PRETTY_FUNCTION__; }
/// The identifier that ends it.
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
  std::size_t not_stored;  ///< so many members more
  bool is_counted;
};

namespace detail {
/// Throws, which does not compile, when the names are not what they have to be.
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
/// The description of the fields, once all parts before them have been looked at: what is no field is left out.
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

/// A description of fields with stored names of their own. `name`: the stored name of the struct, 1 to 64 bytes, never reused for
/// something else. `schema`: 1, 2, 3 … (see "Schemas" above). Then a field{…} for each member, in any order.
template <class... Parts>
consteval auto describe(std::string_view name, std::uint16_t schema, Parts... parts) {
  if constexpr ((detail::is_field<Parts> && ...))
    return detail::described_as(name, schema, 0, true, parts...);
  else
    return detail::described_in_turn<sizeof...(Parts)>(name, schema, detail::count_left_out(parts...),
                                                       !(std::is_same_v<Parts, uncounted> || ...), parts...);
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

/// Whether two described values agree in every field; needs no operator== of theirs.
template <described T>
constexpr bool same(const T& a, const T& b);

namespace detail {
template <class T>
constexpr bool same_value(const T& a, const T& b) {
  if constexpr (described<T>)
    return same(a, b);
  else if constexpr (requires { a.begin(); a.size(); } && !requires { a.substr(0); }) {
    if (a.size() != b.size()) return false;
    auto j = b.begin();
    for (auto i = a.begin(); i != a.end(); ++i, ++j)
      if (!same_value(*i, *j)) return false;
    return true;
  } else if constexpr (requires { a.has_value(); *a; })
    return a.has_value() == b.has_value() && (!a.has_value() || same_value(*a, *b));
  else if constexpr (requires { a.first; a.second; })
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
