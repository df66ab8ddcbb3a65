// Texts that go to PostgreSQL and come back, and what its error codes mean here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace annals::postgresql {

/// An array as a parameter: {1,2,3}.
template <class Number>
std::string array_of(const std::vector<Number>& numbers) {
  std::string text = "{";
  for (const auto& number : numbers) text += (text.size() > 1 ? "," : "") + std::to_string(number);
  return text + "}";
}

/// bytea in hex form: https://www.postgresql.org/docs/15/datatype-binary.html#id-1.5.7.12.9
std::string bytes_of(std::string_view raw);
std::string raw_of(std::string_view bytes);
/// Bytes that are no UTF-8, and NUL, become "?".
std::string as_utf8(std::string_view text);

/// What an SQLSTATE means: https://www.postgresql.org/docs/15/errcodes-appendix.html
enum class fault {
  of_the_event,
  of_the_server,  ///< may pass: connect again after a pause
  of_the_moment,  ///< try again at once: a deadlock, a serialization failure
};
fault fault_of(std::string_view sql_state);

}  // namespace annals::postgresql
