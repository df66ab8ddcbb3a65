#include "actors/base/stream_names.hpp"

#include <algorithm>

namespace annals::actors {
namespace {

constexpr std::size_t stream_bytes_max = 255;  // a record's header has one byte for the length

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

}  // namespace

std::optional<error> wrong_stream(std::string_view category, std::string_view key) {
  if (key.empty()) return error{errc::invalid_stream, "the key is empty", std::string{category}};
  if (const auto bytes = category.size() + 1 + key.size(); bytes > stream_bytes_max)
    return error{errc::invalid_stream, "the stream's name is too long",
                 std::to_string(bytes) + " bytes, at most " + std::to_string(stream_bytes_max)};
  if (has_control_character(key)) return error{errc::invalid_stream, "the key has a control character", std::string{category}};
  return std::nullopt;
}

}  // namespace annals::actors
