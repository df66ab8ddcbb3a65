// A number for the shape of a described type: what is stored by one shape is not read by another. For derived state
// only, which is then dropped and rebuilt; events have schema versions. What is a fold of events has a shape of these, too:
// event_shape.hpp.
#pragma once

#include <annals/detail/codec.hpp>

#include <cstdint>
#include <string_view>

namespace annals::detail {

/// FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/
class shape_hash {
public:
  constexpr void add(std::string_view text) {
    for (const char c : text) add_byte(static_cast<unsigned char>(c));
    add_byte(0);
  }
  constexpr void add_number(std::uint64_t n) {
    for (int shift = 0; shift < 64; shift += 8) add_byte(n >> shift & 0xff);
  }
  constexpr std::uint64_t value() const { return value_; }

private:
  constexpr void add_byte(std::uint64_t byte) { value_ = (value_ ^ byte) * 0x100000001b3ULL; }
  std::uint64_t value_ = 0xcbf29ce484222325ULL;
};

constexpr int shape_depth_max = 16;  // of a struct within itself, through a vector

template <class T>
constexpr void add_shape(shape_hash& to, int depth);

template <described T>
constexpr void add_struct(shape_hash& to, int depth) {
  to.add(T::about.name);
  to.add_number(T::about.schema);
  T::about.fields.apply([&]<class... Types>(const field<T, Types>&... fields) { ((to.add(fields.name), add_shape<Types>(to, depth)), ...); });
}

template <class T>
constexpr void add_shape(shape_hash& to, int depth) {
  if (depth == 0) return to.add("…");
  if constexpr (described<T>) {
    to.add("struct");
    add_struct<T>(to, depth - 1);
  } else if constexpr (std::is_enum_v<T>)
    add_shape<std::underlying_type_t<T>>(to, depth);
  else if constexpr (std::is_integral_v<T>)
    to.add(std::is_same_v<T, bool> ? "bool" : std::is_signed_v<T> ? "integer" : "natural");
  else if constexpr (std::is_floating_point_v<T>)
    to.add("number");
  else if constexpr (std::is_same_v<T, std::string>)
    to.add("text");
  else if constexpr (text_map<T>) {
    to.add("map");
    add_shape<typename T::mapped_type>(to, depth - 1);
  } else if constexpr (text_set<T>)
    to.add("set");
  else if constexpr (is_optional<T> || is_vector<T>) {
    to.add(is_vector<T> ? "vector" : "optional");
    add_shape<typename T::value_type>(to, depth - 1);
  } else
    to.add("any");
}

}  // namespace annals::detail
