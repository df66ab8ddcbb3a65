// How the commands print.
#pragma once

#include <annals/record.hpp>
#include <annals/result.hpp>

#include <functional>
#include <string>
#include <vector>

namespace tools {

/// One record as a JSON object in one line. The payload is JSON as well, or hexadecimal digits if it cannot be shown so. The stream is
/// shown as names.hpp says.
std::string json_of(const annals::record_view& record);
/// One record in one line, for people.
std::string line_of(const annals::record_view& record);
/// 2010-12-01T08:26:00.000000Z
std::string time_text(annals::timestamp time);
std::string json_text(std::string_view text);
/// 1234567 → 1,234,567
std::string grouped(std::int64_t number);
/// -123456 → -1,234.56
std::string money(std::int64_t cents);

/// Prints the error in one line on stderr. Returns the exit status.
int fail(const annals::error& why);

/// Runs a command, which prints and returns its exit status. If its output cannot be written, the status is 1, with a message unless
/// the reader has closed the pipe.
int with_output(const std::function<int()>& command);

}  // namespace tools
