// How values are shown, other than they are stored: an enum by its labels.
#pragma once

#include <annals/describe.hpp>
#include <annals/detail/shape.hpp>

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

namespace annals::detail {

struct shown_field;

/// Of a type; lists and optionals are shown as what is in them.
struct shown_as {
  std::span<const std::string_view> labels;            ///< of an enum, from 0 on
  std::span<const shown_field> (*fields)() = nullptr;  ///< of a described struct
  unsigned maps = 0;                                   ///< so many within each other, and this in the innermost
};
struct shown_field {
  std::string_view name;
  shown_as as;
};

// An enum of a class has its labels in a friend.
template <class T>
concept labelled = std::is_enum_v<T> && requires { labels_of(T{}); };
template <labelled T>
inline constexpr auto labels = labels_of(T{});

template <class T>
constexpr shown_as shown();

template <described T>
std::span<const shown_field> shown_fields() {
  static constexpr auto all = T::about.fields.apply([]<class... Types>(const field<T, Types>&... fields) {
    return std::array<shown_field, sizeof...(fields)>{shown_field{fields.name, shown<Types>()}...};
  });
  return all;
}

/// Whether there are labels in it, so deep.
template <class T>
constexpr bool has_labels(int depth) {
  if constexpr (labelled<T>)
    return true;
  else if constexpr (described<T>)
    return depth > 0 &&
           T::about.fields.apply([&]<class... Types>(const field<T, Types>&...) { return (has_labels<Types>(depth - 1) || ... || false); });
  else if constexpr (text_map<T>)
    return has_labels<typename T::mapped_type>(depth);
  else if constexpr (is_optional<T> || is_vector<T>)
    return has_labels<typename T::value_type>(depth);
  else
    return false;
}

template <class T>
constexpr shown_as shown() {
  if constexpr (labelled<T>) {
    static_assert(std::is_same_v<typename decltype(labels<T>)::value_type, std::string_view>,
                  "labels_of(an enum) returns a std::array<std::string_view, N>");
    return {labels<T>, nullptr};
  } else if constexpr (described<T>)
    return {{}, has_labels<T>(shape_depth_max) ? &shown_fields<T> : nullptr};
  else if constexpr (text_map<T>) {
    auto as = shown<typename T::mapped_type>();
    ++as.maps;
    return as;
  } else if constexpr (is_optional<T> || is_vector<T>)
    return shown<typename T::value_type>();
  else
    return {};
}

}  // namespace annals::detail
