// Numbers and texts as bytes: little-endian numbers, texts after their length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>

namespace annals::net {

/// The longest text with a 16-bit length.
inline constexpr std::size_t text_bytes_max = std::numeric_limits<std::uint16_t>::max();

/// Appends to a string that the caller owns.
class byte_writer {
public:
  explicit byte_writer(std::string& out) : out_(out) {}

  template <class Number>
  void number(Number n) {
    static_assert(std::is_unsigned_v<Number>);
    char bytes[sizeof n];
    for (std::size_t i = 0; i < sizeof n; ++i) bytes[i] = static_cast<char>(n >> (8 * i));
    out_.append(bytes, sizeof n);
  }
  /// At most text_bytes_max; what is longer is cut.
  void text(std::string_view t) {
    t = t.substr(0, text_bytes_max);
    number(static_cast<std::uint16_t>(t.size()));
    out_.append(t);
  }
  void raw(std::string_view bytes) { out_.append(bytes); }

private:
  std::string& out_;
};

/// Reads from bytes that outlive it. After the first thing that is not there everything is zero or empty, and ok() is false.
class byte_reader {
public:
  explicit byte_reader(std::string_view bytes) : left_(bytes) {}

  template <class Number>
  Number number() {
    static_assert(std::is_unsigned_v<Number>);
    const auto bytes = raw(sizeof(Number));
    Number n = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) n = static_cast<Number>(n | Number{static_cast<unsigned char>(bytes[i])} << (8 * i));
    return n;
  }
  std::string_view text() { return raw(number<std::uint16_t>()); }
  std::string_view raw(std::size_t bytes) {
    if (!ok_ || bytes > left_.size()) {
      ok_ = false;
      return {};
    }
    const auto taken = left_.substr(0, bytes);
    left_.remove_prefix(bytes);
    return taken;
  }
  std::string_view rest() { return raw(left_.size()); }

  bool ok() const { return ok_; }
  bool at_end() const { return left_.empty(); }

private:
  std::string_view left_;
  bool ok_ = true;
};

}  // namespace annals::net
