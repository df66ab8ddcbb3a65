// "ADDRESS:PORT", and "[ADDRESS]:PORT" for IPv6.
#pragma once

#include <annals/result.hpp>

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace annals::net {

struct address {
  std::string host;
  std::uint16_t port = 0;
};

/// Errors: bad_option, which says what is wrong with it.
inline result<address> address_of(std::string_view text) {
  const auto wrong = [&](std::string_view why) { return error{errc::bad_option, "\"" + std::string{text} + "\" is no address", std::string{why}}; };
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong("the port is missing: ADDRESS:PORT");
  auto host = text.substr(0, colon);
  const auto digits = text.substr(colon + 1);
  address made;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), made.port);
  if (failed != std::errc{} || end != digits.data() + digits.size()) return wrong("the port must be 0 to 65,535");
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos)
    return wrong("an IPv6 address stands in brackets: [ADDRESS]:PORT");
  if (host.empty()) return wrong("the host is missing");
  made.host = host;
  return made;
}

}  // namespace annals::net
