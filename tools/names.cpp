#include "tools/names.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>

namespace tools {
namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

/// The length in bytes of the UTF-8 character at the beginning (RFC 3629); 0 if there is none.
std::size_t character_bytes(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
  if (size == 0 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if (!is_continuation(text[i])) return 0;
  const auto second = static_cast<unsigned char>(text[1]);
  const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool surrogate = first == 0xed && second >= 0xa0, too_large = first == 0xf4 && second >= 0x90;
  return overlong || surrogate || too_large ? 0 : size;
}

/// C0, DEL and C1 (C2 80 to C2 9F in UTF-8): terminals obey them.
bool is_control(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  return first < 0x20 || first == 0x7f || (first == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0);
}

}  // namespace

std::string shown_name(std::string_view name) {
  std::string shown;
  while (!name.empty()) {
    auto bytes = character_bytes(name);
    if (bytes > 0 && is_control(name)) bytes = 0;
    if (bytes == 0)
      shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(name[0]));
    else
      shown.append(name[0] == '\\' ? std::string_view{"\\\\"} : name.substr(0, bytes));
    name.remove_prefix(bytes == 0 ? 1 : bytes);
  }
  return shown;
}

std::string parse_name(std::string_view shown) {
  std::string name;
  while (!shown.empty()) {
    std::uint8_t byte = 0;
    if (shown.starts_with("\\\\")) {
      name += '\\';
      shown.remove_prefix(2);
    } else if (shown.starts_with("\\x") && shown.size() >= 4 &&
               std::from_chars(shown.data() + 2, shown.data() + 4, byte, 16).ptr == shown.data() + 4) {
      name += static_cast<char>(byte);
      shown.remove_prefix(4);
    } else {
      name += shown[0];
      shown.remove_prefix(1);
    }
  }
  return name;
}

}  // namespace tools
