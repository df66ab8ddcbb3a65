// How things are printed.
#pragma once

#include <annals/record.hpp>
#include <annals/result.hpp>

#include <functional>
#include <string>
#include <vector>

namespace tools {

/// One record as an object of JSON, in one line; the payload as JSON too, or as hexadecimal digits when it has none. The stream is
/// shown as names.hpp says.
std::string json_of(const annals::record_view& record);
/// The same for people, in one line.
std::string line_of(const annals::record_view& record);
/// 2010-12-01T08:26:00.000000Z
std::string time_text(annals::timestamp time);
std::string json_text(std::string_view text);
/// 1234567 → 1,234,567
std::string grouped(std::int64_t number);
/// -123456 → -1,234.56
std::string money(std::int64_t cents);

/// Prints the error in one line on stderr; the exit status.
int fail(const annals::error& why);

/// Runs a command, which prints and returns its exit status. What could not be printed makes it a failure; a quiet one
/// when the reader wants no more.
int with_output(const std::function<int()>& command);

}  // namespace tools
