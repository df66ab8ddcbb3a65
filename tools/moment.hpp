// Moments as people write them.
#pragma once

#include <annals/receipt.hpp>
#include <annals/result.hpp>

#include <string_view>

namespace tools {

/// ISO 8601 in UTC, from the day on and up to the microsecond: 2010-12-01, 2010-12-01T08:26Z, 2010-12-01T08:26:00.123456Z
/// (the Z may be left out, the rest is 0), or microseconds since 1970 as they are. Error: bad_option.
annals::result<annals::timestamp> parse_moment(std::string_view text);

}  // namespace tools
