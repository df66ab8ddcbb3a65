// The date of an order or a credit note, which may be long before the time when it is recorded.
#pragma once

#include <annals/receipt.hpp>

#include <array>
#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>

namespace shop {

/// Whether the text is a date like 2010-12-01, or a date with the time of day like 2010-12-01T08:26.
inline bool is_date(std::string_view text) {
  constexpr std::string_view form = "dddd-dd-ddTdd:dd";  // d: a digit
  if (text.size() != 10 && text.size() != form.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i]) return false;
  const auto number = [&](std::size_t at, std::size_t digits) {
    int n = 0;
    for (const char c : text.substr(at, digits)) n = 10 * n + (c - '0');
    return n;
  };
  const std::chrono::year_month_day day{std::chrono::year{number(0, 4)}, std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                        std::chrono::day(static_cast<unsigned>(number(8, 2)))};
  return day.ok() && (text.size() == 10 || (number(11, 2) < 24 && number(14, 2) < 60));
}

/// The day of a date, e.g. 2010-12-01; if the date is empty, the day in UTC when its event was recorded.
inline std::string day_of(std::string_view date, annals::timestamp recorded) {
  if (!date.empty()) return std::string{date.substr(0, 10)};
  const std::chrono::sys_time<std::chrono::microseconds> moment{std::chrono::microseconds{recorded}};
  const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(moment)};
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                static_cast<unsigned>(day.day()));
  return text.data();
}

}  // namespace shop
