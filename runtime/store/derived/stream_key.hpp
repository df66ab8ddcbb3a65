// The keys of a stream's entries in derived state: stream · 0x00 · version (u64, big-endian). Stream names have no control
// characters, so 0x00 ends them, and the entries of a stream are adjacent, in version order.
#pragma once

#include <annals/receipt.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace annals::store {

struct stream_key {
  std::string_view stream;
  annals::version version = 0;
};

inline std::string key_of(std::string_view stream, version at) {
  std::string key;
  key.reserve(stream.size() + 9);
  key.append(stream).append(1, '\0');
  for (int shift = 56; shift >= 0; shift -= 8) key += static_cast<char>(at >> shift);
  return key;
}

inline std::optional<stream_key> parse_stream_key(std::string_view key) {
  if (key.size() < 10 || key[key.size() - 9] != '\0') return std::nullopt;
  stream_key k{key.substr(0, key.size() - 9), 0};
  for (const char c : key.substr(key.size() - 8)) k.version = (k.version << 8) | static_cast<unsigned char>(c);
  return k;
}

}  // namespace annals::store
