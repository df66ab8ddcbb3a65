// Reads moments in the form in which people write them.
#pragma once

#include <annals/receipt.hpp>
#include <annals/result.hpp>

#include <string_view>

namespace tools {

/// Reads ISO 8601 in UTC, from a day to a microsecond: 2010-12-01, 2010-12-01T08:26Z, 2010-12-01T08:26:00.123456Z (the Z is optional,
/// omitted parts are 0), or a number of microseconds since 1970. Error: bad_option.
annals::result<annals::timestamp> parse_moment(std::string_view text);

}  // namespace tools
