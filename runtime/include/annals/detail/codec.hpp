// The templates of codec.hpp.
#pragma once

#include <annals/codec.hpp>
#include <annals/detail/flat.hpp>
#include <annals/detail/members.hpp>

#include <algorithm>
#include <concepts>
#include <initializer_list>

namespace annals::detail {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;
/// std::map and std::unordered_map with std::string keys; any order, hash and equality.
template <class T>
concept text_map = requires(T m, std::string key) {
  requires std::same_as<typename T::key_type, std::string>;
  m.emplace(key, typename T::mapped_type{}).second;
};
/// std::set and std::unordered_set of std::string, likewise.
template <class T>
concept text_set = requires(T s, std::string item) {
  requires std::same_as<typename T::key_type, std::string> && std::same_as<typename T::value_type, std::string>;
  s.insert(item).second;
};
template <class T>
concept without_order = requires { typename T::hasher; };

/// Equal values must have equal bytes: entries of an unordered container are written in the order of their keys.
template <class T, class Visit>
void in_order(const T& of, Visit&& visit) {
  if constexpr (without_order<T>) {
    std::vector<const typename T::value_type*> sorted;
    sorted.reserve(of.size());
    for (const auto& one : of) sorted.push_back(&one);
    std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) {
      if constexpr (text_map<T>)
        return a->first < b->first;
      else
        return *a < *b;
    });
    for (const auto* one : sorted) visit(*one);
  } else
    for (const auto& one : of) visit(one);
}

template <class T>
inline constexpr bool not_a_field = false;
/// Refuses types whose values would not survive encoding and decoding.
template <class T>
struct comes_back_as_it_was {
  static_assert(!std::is_same_v<T, long double>, "a long double cannot be stored exactly: make the field a double");
  static_assert(!std::is_integral_v<T> || sizeof(T) <= sizeof(std::int64_t), "an integer of more than 64 bits cannot be stored");
};
template <class T>
struct comes_back_as_it_was<std::optional<T>> {
  static_assert(!is_optional<T>,
                "an optional of an optional cannot be stored: an empty one would be one or the other; "
                "put the inner one into a struct");
  static_assert(!std::is_same_v<T, encoded_value>,
                "an optional encoded_value cannot be stored: one that holds nil would come back empty; "
                "an encoded_value is nil by itself");
};

template <class T>
void put_value(encoder& out, const T& v) {
  if constexpr (described<T>)
    encode(out, v);
  else if constexpr (std::is_same_v<T, encoded_value>)
    out.put_encoded(v.bytes);
  else if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, std::string>)
    out.put(std::conditional_t<std::is_same_v<T, bool>, bool, std::string_view>(v));
  else if constexpr (std::is_enum_v<T>)
    put_value(out, static_cast<std::underlying_type_t<T>>(v));
  else if constexpr (std::is_integral_v<T>) {
    static_assert(sizeof(comes_back_as_it_was<T>) > 0);
    out.put(std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>(v));
  } else if constexpr (std::is_floating_point_v<T>) {
    static_assert(sizeof(comes_back_as_it_was<T>) > 0);
    out.put(static_cast<double>(v));
  } else if constexpr (is_optional<T>) {
    static_assert(sizeof(comes_back_as_it_was<T>) > 0);
    if (v)
      put_value(out, *v);
    else
      out.put_nil();
  } else if constexpr (is_vector<T>) {
    if (!out.begin_nested()) return;
    out.begin_array(v.size());
    for (const typename T::value_type& item : v) put_value(out, item);
    out.end_nested();
  } else if constexpr (text_map<T>) {
    if (!out.begin_nested()) return;
    out.begin_map(v.size());
    in_order(v, [&](const auto& entry) {
      out.put(std::string_view{entry.first});
      put_value(out, entry.second);
    });
    out.end_nested();
  } else if constexpr (text_set<T>) {
    if (!out.begin_nested()) return;
    out.begin_array(v.size());
    in_order(v, [&](const std::string& item) { out.put(std::string_view{item}); });
    out.end_nested();
  } else
    static_assert(not_a_field<T>, "a field of this type cannot be stored: see annals/describe.hpp");
}

/// `undecodable`, with what was expected; the caller adds where.
error wrong_kind(std::string_view expected);
/// Prefixes the place that the error names with `name`.
error within(std::string_view name, error inner);
error duplicate_key(std::string_view name);

template <class T>
result<void> get_value(const value& from, T& v);

/// Decodes into an object whose type only `get` knows.
using get_erased = result<void> (*)(const value& from, void* object);
template <class T>
result<void> get_object(const value& from, void* object) {
  if constexpr (described<T>)
    return decode(from, *static_cast<T*>(object));
  else
    return get_value(from, *static_cast<T*>(object));
}
/// One field of an object that is being decoded.
struct field_in_object {
  std::string_view name;
  void* where;
  get_erased get;
};
result<void> get_fields(const value& from, std::initializer_list<field_in_object> fields);
/// Parses the bytes as a document and decodes it; prefixes the place of an error with `name`.
result<void> decode_document(std::string_view bytes, std::string_view name, void* object, get_erased get);

template <class Wide, class T>
result<void> get_integer(const value& from, T& v) {
  Wide wide = 0;
  if (!from.get(wide)) return wrong_kind("an integer");
  if (wide < static_cast<Wide>(std::numeric_limits<T>::min()) || wide > static_cast<Wide>(std::numeric_limits<T>::max()))
    return wrong_kind("an integer that fits its field");
  v = static_cast<T>(wide);
  return {};
}

template <class T>
result<void> get_vector(const value& from, std::vector<T>& v) {
  if (!from.is_array()) return wrong_kind("an array");
  v.clear();
  for (std::size_t i = 0; i < from.size(); ++i) {
    T item{};
    if (auto ok = get_value(from.at(i), item); !ok) return within(std::to_string(i), std::move(ok).error());
    v.push_back(std::move(item));
  }
  return {};
}

template <text_map T>
result<void> get_text_map(const value& from, T& v) {
  if (!from.is_map()) return wrong_kind("a map");
  v.clear();
  for (std::size_t i = 0; i < from.size(); ++i) {
    typename T::mapped_type item{};
    if (auto ok = get_value(from.at(i), item); !ok) return within(from.key(i), std::move(ok).error());
    if (!v.emplace(from.key(i), std::move(item)).second) return duplicate_key(from.key(i));
  }
  return {};
}

template <text_set T>
result<void> get_text_set(const value& from, T& v) {
  if (!from.is_array()) return wrong_kind("an array");
  v.clear();
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::string_view item;
    if (!from.at(i).get(item)) return within(std::to_string(i), wrong_kind("a text"));
    if (!v.emplace(item).second) return duplicate_key(item);
  }
  return {};
}

template <class T>
result<void> get_value(const value& from, T& v) {
  if constexpr (described<T>)
    return decode(from, v);
  else if constexpr (std::is_same_v<T, encoded_value>) {
    v.bytes.clear();
    from.copy_to(v.bytes);
  } else if constexpr (std::is_same_v<T, bool>) {
    if (!from.get(v)) return wrong_kind("true or false");
  } else if constexpr (std::is_same_v<T, std::string>) {
    std::string_view text;
    if (!from.get(text)) return wrong_kind("a text");
    v.assign(text);
  } else if constexpr (std::is_enum_v<T>) {
    std::underlying_type_t<T> number{};
    if (auto ok = get_value(from, number); !ok) return ok;
    v = static_cast<T>(number);
  } else if constexpr (std::is_integral_v<T>)
    return get_integer<std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>>(from, v);
  else if constexpr (std::is_floating_point_v<T>) {
    double wide = 0;
    if (!from.get(wide)) return wrong_kind("a number");
    if (!fits<T>(wide)) return wrong_kind("a number that fits its field");
    v = static_cast<T>(wide);
  } else if constexpr (is_optional<T>) {
    if (from.is_nil()) {
      v.reset();
      return {};
    }
    return get_value(from, v.emplace());
  } else if constexpr (is_vector<T>)
    return get_vector(from, v);
  else if constexpr (text_map<T>)
    return get_text_map(from, v);
  else if constexpr (text_set<T>)
    return get_text_set(from, v);
  else
    static_assert(not_a_field<T>, "a field of this type cannot be stored: see annals/describe.hpp");
  return {};
}

}  // namespace annals::detail

namespace annals {

template <described T>
void encode(encoder& out, const T& object) {
  static_assert(sizeof(detail::with_all_members<T>) > 0);
  if (!out.begin_nested()) return;
  T::about.fields.apply([&](const auto&... f) {
    out.begin_map(sizeof...(f));
    ((out.put(f.name), detail::put_value(out, object.*(f.member))), ...);
  });
  out.end_nested();
}

template <described T>
result<void> decode(const value& from, T& object) {
  static_assert(sizeof(detail::with_all_members<T>) > 0);
  return T::about.fields.apply([&]<class... Types>(const field<T, Types>&... f) {
    return detail::get_fields(from, {detail::field_in_object{f.name, &(object.*(f.member)), detail::get_object<Types>}...});
  });
}

namespace detail {
/// `object` must be default-constructed. If this returns false, it is default-constructed again.
template <described T>
bool read_flat(std::string_view bytes, T& object) {
  if constexpr (is_flat<T>) {
    flat_reader reader{bytes};
    if (reader.read(object) && reader.at_end()) return true;
    object = T{};
  }
  return false;
}
/// `object` must be default-constructed.
template <described T>
result<void> decode_bytes(std::string_view bytes, T& object) {
  if (read_flat(bytes, object)) return {};
  return decode_document(bytes, T::about.name, &object, get_object<T>);
}
}  // namespace detail

template <described T>
result<T> decoded(std::string_view bytes) {
  result<T> made{T{}};
  if (detail::read_flat(bytes, *made)) return made;
  if (auto ok = detail::decode_document(bytes, T::about.name, &*made, detail::get_object<T>); !ok) made = std::move(ok).error();
  return made;
}

}  // namespace annals
