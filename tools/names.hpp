// Names of streams as text: any bytes, so that what is shown can be named on the command line.
#pragma once

#include <string>
#include <string_view>

namespace tools {

/// A byte that belongs to no UTF-8 character, or to a control character, becomes \xHH, a backslash \\; everything else stays as it is.
std::string shown_name(std::string_view name);

/// The name that is shown so.
std::string parse_name(std::string_view shown);

}  // namespace tools
