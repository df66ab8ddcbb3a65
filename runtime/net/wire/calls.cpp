#include "net/wire/calls.hpp"

namespace annals::net {

std::string_view to_string(call c) {
  constexpr std::array<std::string_view, calls.size()> names{"ask",    "stream",       "state",       "log",           "head",      "health",
                                                             "parked", "retry_parked", "skip_parked", "rebuild",       "subscribe", "next",
                                                             "ack",    "nack",         "resolve",     "member_parked", "leave",     "statistics"};
  const auto at = static_cast<std::size_t>(c) - 1;
  return at < names.size() ? names[at] : "unknown";
}

}  // namespace annals::net
