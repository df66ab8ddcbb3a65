// Times as text: ISO 8601 in UTC.
#pragma once

#include <annals/receipt.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace annals::ops {

/// 2026-11-28T17:12:09.720364Z
std::string time_text(timestamp time);
/// Reads that form; the seconds, their fraction, the time of day and the Z may be missing.
std::optional<timestamp> parse_time(std::string_view text);
timestamp now();

}  // namespace annals::ops
