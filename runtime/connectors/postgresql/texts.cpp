#include "connectors/postgresql/texts.hpp"

#include <array>
#include <cstdint>

namespace annals::postgresql {
namespace {

constexpr std::string_view digits = "0123456789abcdef";

/// Bytes of the character that begins here: RFC 3629, section 4; 0 if there is none.
std::size_t length_of_character(std::string_view text) {
  const auto at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto in = [&](std::size_t i, unsigned from, unsigned to) { return at(i) >= from && at(i) <= to; };
  if (at(0) < 0x80) return at(0) == 0 ? 0 : 1;
  if (in(0, 0xc2, 0xdf)) return in(1, 0x80, 0xbf) ? 2 : 0;
  const unsigned first = at(0);
  if (in(0, 0xe0, 0xef)) return in(1, first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf) && in(2, 0x80, 0xbf) ? 3 : 0;
  if (in(0, 0xf0, 0xf4)) return in(1, first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf) && in(2, 0x80, 0xbf) && in(3, 0x80, 0xbf) ? 4 : 0;
  return 0;
}

}  // namespace

std::string bytes_of(std::string_view raw) {
  std::string text = "\\x";
  for (const unsigned char byte : raw) (text += digits[byte >> 4]) += digits[byte & 15];
  return text;
}

std::string raw_of(std::string_view bytes) {
  std::string raw;
  for (std::size_t i = 2; i + 1 < bytes.size(); i += 2) {
    const auto high = digits.find(bytes[i]), low = digits.find(bytes[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return raw;
    raw += static_cast<char>(high << 4 | low);
  }
  return raw;
}

std::string as_utf8(std::string_view text) {
  std::string made;
  while (!text.empty()) {
    const auto length = length_of_character(text);
    if (length == 0)
      made += '?';
    else
      made += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return made;
}

fault fault_of(std::string_view sql_state) {
  if (sql_state.starts_with("40")) return fault::of_the_moment;
  if (sql_state.size() != 5) return fault::of_the_server;
  // Connection, resources, an operator's intervention, limits of the system, a fault in the server, a lock, a standby, rights.
  for (const std::string_view one : {"08", "28", "53", "57", "58", "XX", "55P03", "25006", "42501", "3D"})
    if (sql_state.starts_with(one)) return fault::of_the_server;
  return fault::of_the_event;
}

}  // namespace annals::postgresql
