// Stream names as text. Names may have any bytes, and each can be typed on the command line in the form in which it is shown.
#pragma once

#include <string>
#include <string_view>

namespace tools {

/// Bytes of no UTF-8 character and of control characters become \xHH, a backslash becomes \\; everything else stays as it is.
std::string shown_name(std::string_view name);

/// The name that is shown as this text.
std::string parse_name(std::string_view shown);

}  // namespace tools
