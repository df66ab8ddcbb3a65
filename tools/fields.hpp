// Fields of invoices, as spreadsheets export them: numbers with a sign or ".0" at the end, dates in two orders.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tools {

/// The text without blanks and tabs at both ends.
std::string trimmed(std::string_view text);

/// "6", "+6" and "6.0" are 6. Nothing if the text is not a whole number, or too large.
std::optional<std::int64_t> parse_whole(std::string_view text);

/// "2.55" and "+2.55" are 255; half a cent rounds up (away from zero). Nothing if the text is not a decimal number, or too large.
std::optional<std::int64_t> parse_cents(std::string_view text);

/// "17850.0", an identifier exported as a decimal number, is "17850"; every other text stays as it is.
std::string parse_number_name(std::string_view text);

enum class date_order { day_first, month_first };

/// "01/12/2010 08:26" or "2010-12-01 08:26", also without the time of day or with seconds, is "2010-12-01T08:26".
/// Nothing if the text is not a date.
std::optional<std::string> parse_date(std::string_view text, date_order order);

}  // namespace tools
