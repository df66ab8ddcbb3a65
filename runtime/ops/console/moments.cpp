#include "ops/console/moments.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace annals::ops {
namespace {

using std::chrono::microseconds;

/// Takes exactly `digits` of them from the beginning.
std::optional<int> take_digits(std::string_view& text, std::size_t digits) {
  int value = 0;
  if (text.size() < digits) return std::nullopt;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + digits, value);
  if (wrong != std::errc{} || end != text.data() + digits || text.front() == '-') return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

bool skip_char(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<microseconds> take_fraction(std::string_view& text) {
  int value = 0, digits = 0;
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1), ++digits)
    if (digits < 6) value = value * 10 + (text.front() - '0');
  if (digits == 0 || digits > 9) return std::nullopt;
  for (; digits < 6; ++digits) value *= 10;
  return microseconds{value};
}

std::optional<microseconds> take_time_of_day(std::string_view& text) {
  const auto hour = take_digits(text, 2);
  if (!hour || *hour > 23 || !skip_char(text, ':')) return std::nullopt;
  const auto minute = take_digits(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  microseconds all = std::chrono::hours{*hour} + std::chrono::minutes{*minute};
  if (!skip_char(text, ':')) return all;
  const auto second = take_digits(text, 2);
  if (!second || *second > 59) return std::nullopt;
  all += std::chrono::seconds{*second};
  if (!skip_char(text, '.')) return all;
  const auto fraction = take_fraction(text);
  if (!fraction) return std::nullopt;
  return all + *fraction;
}

}  // namespace

std::string time_text(timestamp time) {
  const std::chrono::sys_time<microseconds> moment{microseconds{time}};
  const auto day = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{moment - day};
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", int{date.year()}, unsigned{date.month()}, unsigned{date.day()},
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
                static_cast<int>(clock.subseconds().count()));
  return text.data();
}

std::optional<timestamp> parse_time(std::string_view text) {
  const auto year = take_digits(text, 4);
  if (!year || !skip_char(text, '-')) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || !skip_char(text, '-')) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  microseconds all = std::chrono::sys_days{date}.time_since_epoch();
  if (skip_char(text, 'T') || skip_char(text, ' ')) {
    const auto clock = take_time_of_day(text);
    if (!clock) return std::nullopt;
    all += *clock;
  }
  skip_char(text, 'Z');
  if (!text.empty()) return std::nullopt;
  return all.count();
}

timestamp now() { return std::chrono::duration_cast<microseconds>(std::chrono::system_clock::now().time_since_epoch()).count(); }

}  // namespace annals::ops
