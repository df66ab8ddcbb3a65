// Reads a flat struct directly from its bytes, if they are as encode() writes them: all fields, in the order of the description. Nearly
// all records are so, and this takes a quarter of the time of a document. It refuses nothing: any other bytes are decoded through a
// document, which knows the rules and says what is wrong.
#pragma once

#include <annals/describe.hpp>

#include <bit>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace annals::detail {

/// Texts, numbers, optionals of these, and structs of these. Lists and maps go through a document, which enforces limits.
template <class T>
inline constexpr bool is_flat = std::is_arithmetic_v<T> || std::is_enum_v<T> || std::is_same_v<T, std::string>;
template <class T>
inline constexpr bool is_flat<std::optional<T>> = is_flat<T>;
template <described T>
inline constexpr bool is_flat<T> = T::about.fields.apply([]<class... Types>(const field<T, Types>&...) { return (is_flat<Types> && ...); });

/// True if T can hold the number exactly; a narrower float refuses a number that it would change. Any NaN fits.
template <class T>
constexpr bool fits(double number) {
  if constexpr (sizeof(T) >= sizeof(double))
    return true;
  else
    return number != number || number == std::numeric_limits<double>::infinity() || number == -std::numeric_limits<double>::infinity() ||
           (number <= std::numeric_limits<T>::max() && number >= std::numeric_limits<T>::lowest() && static_cast<T>(number) == number);
}

/// Encoded bytes of the head of a map with this many fields, and of a name with its head.
constexpr std::size_t encoded_map_size(std::size_t fields) { return fields < 16 ? 1 : 3; }
constexpr std::size_t encoded_name_size(std::string_view name) { return name.size() + (name.size() < 32 ? 1 : name.size() < 256 ? 2 : 3); }
/// Encoded bytes of the head of a map with `all` fields, and of the first `first` of the `names` in it.
consteval std::size_t encoded_names_size(const std::string_view* names, std::size_t all, std::size_t first) {
  auto size = encoded_map_size(all);
  for (std::size_t i = 0; i < first; ++i) size += encoded_name_size(names[i]);
  return size;
}

/// Returns where the next bytes go.
consteval unsigned char* put_name(unsigned char* to, std::string_view name) {
  const auto size = name.size();
  if (size >= 65'536) throw "the name of a field has less than 64 KiB";
  *to++ = static_cast<unsigned char>(size < 32 ? 0xa0 | size : size < 256 ? 0xd9 : 0xda);
  if (size >= 256) *to++ = static_cast<unsigned char>(size >> 8);
  if (size >= 32) *to++ = static_cast<unsigned char>(size);
  for (const char c : name) *to++ = static_cast<unsigned char>(c);
  return to;
}

consteval void put_names(unsigned char* to, const std::string_view* names, std::size_t fields) {
  if (fields < 16)
    *to++ = static_cast<unsigned char>(0x80 | fields);
  else
    *to++ = 0xde, *to++ = 0, *to++ = static_cast<unsigned char>(fields);
  for (std::size_t i = 0; i < fields; ++i) to = put_name(to, names[i]);
}

/// The encoded head of the map, followed by all encoded names. Unsigned: g++ 12 takes an array of char for a text, and warns at -O1.
template <described T>
struct encoded_names {
  unsigned char bytes[encoded_names_size(T::about.fields.names, T::about.fields.size, T::about.fields.size)];
  consteval encoded_names() : bytes{} { put_names(bytes, T::about.fields.names, T::about.fields.size); }
};
template <described T>
inline constexpr encoded_names<T> names_of{};

class flat_reader {
public:
  explicit flat_reader(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool at_end() const { return at_ == end_; }

  template <class T>
  bool read(T& v) {
    if constexpr (described<T>)
      return read_fields(v, std::make_index_sequence<T::about.fields.size>{});
    else if constexpr (std::is_same_v<T, std::string>)
      return read_text(v);
    else if constexpr (std::is_same_v<T, bool>)
      return read_bool(v);
    else if constexpr (std::is_enum_v<T>) {
      std::underlying_type_t<T> number{};
      if (!read(number)) return false;
      v = static_cast<T>(number);
      return true;
    } else if constexpr (std::is_integral_v<T>)
      return read_integer(v);
    else if constexpr (std::is_floating_point_v<T>)
      return read_real(v);
    else if (left() > 0 && head() == 0xc0) {
      ++at_;
      v.reset();
      return true;
    } else
      return read(v.emplace());
  }

private:
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
  unsigned char head() const { return static_cast<unsigned char>(*at_); }

  /// Inline, so that the expected bytes are constants.
  template <std::size_t Size>
  [[gnu::always_inline]] bool skip(const unsigned char* expected) {
    if (left() < Size || std::memcmp(at_, expected, Size) != 0) return false;
    at_ += Size;
    return true;
  }

  template <class T, std::size_t... Is>
  bool read_fields(T& object, std::index_sequence<Is...>) {
    constexpr const unsigned char* expected = names_of<T>.bytes;
    return skip<encoded_map_size(sizeof...(Is))>(expected) &&
           ((skip<encoded_name_size(T::about.fields.names[Is])>(expected + encoded_names_size(T::about.fields.names, sizeof...(Is), Is)) &&
             read(object.*(field_in<Is>(T::about.fields).member))) &&
            ...);
  }

  /// Reads the big-endian number after the head, which has this many bytes; the caller has checked that they exist.
  std::uint64_t take(std::size_t bytes) {
    std::uint64_t number = 0;  // the most significant byte first
    for (const char* const end = ++at_ + bytes; at_ != end; ++at_) number = number << 8 | head();
    return number;
  }

  template <class T>
  static bool put(std::int64_t number, T& v) {
    if (number >= 0) return put(static_cast<std::uint64_t>(number), v);
    if (number < static_cast<std::int64_t>(std::numeric_limits<T>::min())) return false;
    v = static_cast<T>(number);
    return true;
  }
  template <class T>
  static bool put(std::uint64_t number, T& v) {
    if (number > static_cast<std::uint64_t>(std::numeric_limits<T>::max())) return false;
    v = static_cast<T>(number);
    return true;
  }

  template <class T>
  bool read_integer(T& v) {
    if (left() == 0) return false;
    const auto kind = head();
    if (kind < 0x80 || kind >= 0xe0) return put(std::int64_t{static_cast<signed char>(*at_++)}, v);
    if (kind < 0xcc || kind > 0xd3) return false;
    const std::size_t bytes = std::size_t{1} << (kind & 3);
    if (left() <= bytes) return false;
    const auto number = take(bytes);
    if (kind < 0xd0) return put(number, v);
    const auto unused = 64 - 8 * bytes;
    return put(static_cast<std::int64_t>(number << unused) >> unused, v);
  }

  /// The encoder writes a whole number as an integer.
  template <class T>
  bool read_real(T& v) {
    constexpr std::int64_t exact = std::int64_t{1} << std::numeric_limits<double>::digits;
    if (left() > sizeof(double) && head() == 0xcb) {
      const auto number = std::bit_cast<double>(take(sizeof(double)));
      if (!fits<T>(number)) return false;
      v = static_cast<T>(number);
      return true;
    }
    std::int64_t whole = 0;
    if (!read_integer(whole) || whole > exact || whole < -exact || !fits<T>(static_cast<double>(whole))) return false;
    v = static_cast<T>(static_cast<double>(whole));
    return true;
  }

  bool read_bool(bool& v) {
    if (left() == 0 || (head() & 0xfe) != 0xc2) return false;
    v = (*at_++ & 1) != 0;
    return true;
  }

  bool read_text(std::string& v) {
    if (left() == 0) return false;
    std::size_t bytes = head() & 0x1f;
    if ((head() & 0xe0) == 0xa0)
      ++at_;
    else if ((head() == 0xd9 || head() == 0xda) && left() > 2)
      bytes = take(head() == 0xd9 ? 1 : 2);
    else
      return false;
    if (bytes > left()) return false;
    if (bytes == 0) return v.clear(), true;  // many are empty: saves a call
    v.assign(at_, bytes);
    at_ += bytes;
    return true;
  }

  const char* at_;
  const char* end_;
};

}  // namespace annals::detail
