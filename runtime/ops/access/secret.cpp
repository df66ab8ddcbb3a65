#include "ops/access/secret.hpp"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstddef>

namespace annals::ops {
namespace {

constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

}  // namespace

std::optional<std::string> new_secret() {
  std::array<unsigned char, 33> bytes{};  // the last one stays 0: 32 bytes are 43 digits
  ssize_t got = 0;
  do got = ::getrandom(bytes.data(), 32, 0);
  while (got < 0 && errno == EINTR);
  if (got != 32) return std::nullopt;
  std::string out(44, '\0');
  auto* next = out.data();
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const unsigned three = bytes[at] << 16U | bytes[at + 1] << 8U | bytes[at + 2];
    for (const unsigned shift : {18U, 12U, 6U, 0U}) *next++ = digits[three >> shift & 63U];
  }
  out.resize(43);
  return out;
}

bool is_same_secret(std::string_view known, std::string_view given) {
  if (known.empty() || known.size() != given.size()) return false;
  volatile unsigned char differs = 0;
  for (std::size_t at = 0; at < known.size(); ++at) differs = differs | static_cast<unsigned char>(known[at] ^ given[at]);
  return differs == 0;
}

}  // namespace annals::ops
