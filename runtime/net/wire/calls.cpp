#include "net/wire/calls.hpp"

#include <algorithm>

namespace annals::net {

std::string_view to_string(call c) {
  constexpr std::array<std::string_view, calls.size()> names{"ask",          "stream",        "state",   "log",        "head",   "health", "parked",
                                                             "retry_parked", "skip_parked",   "rebuild", "subscribe",  "next",   "ack",    "nack",
                                                             "resolve",      "member_parked", "leave",   "statistics", "source", "pull"};
  const auto found = std::find(calls.begin(), calls.end(), c);
  return found == calls.end() ? "unknown" : names[static_cast<std::size_t>(found - calls.begin())];
}

}  // namespace annals::net
