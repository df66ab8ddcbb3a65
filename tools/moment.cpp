#include "tools/moment.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>

namespace tools {
namespace {

using namespace std::chrono;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Reads tokens from the front of a text.
struct reader {
  std::string_view rest;

  bool take(char c) {
    if (!rest.starts_with(c)) return false;
    rest.remove_prefix(1);
    return true;
  }
  /// A number of exactly this many digits.
  std::optional<int> number(std::size_t digits) {
    if (rest.size() < digits || !std::all_of(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(digits), is_digit)) return std::nullopt;
    int value = 0;
    std::from_chars(rest.data(), rest.data() + digits, value);
    rest.remove_prefix(digits);
    return value;
  }
  /// A number of two digits below this bound.
  std::optional<int> below(int bound) {
    const auto value = number(2);
    return value && *value < bound ? value : std::nullopt;
  }
};

std::optional<sys_days> read_day(reader& in) {
  const auto y = in.number(4);
  if (!y || !in.take('-')) return std::nullopt;
  const auto m = in.number(2);
  if (!m || !in.take('-')) return std::nullopt;
  const auto d = in.number(2);
  if (!d) return std::nullopt;
  const year_month_day day{year{*y}, month{static_cast<unsigned>(*m)}, std::chrono::day{static_cast<unsigned>(*d)}};
  if (!day.ok()) return std::nullopt;
  return sys_days{day};
}

/// The fraction of a second, one to six digits.
std::optional<microseconds> read_fraction(reader& in) {
  const auto digits = static_cast<std::size_t>(std::find_if_not(in.rest.begin(), in.rest.end(), is_digit) - in.rest.begin());
  if (digits == 0 || digits > 6) return std::nullopt;
  auto value = *in.number(digits);
  for (auto i = digits; i < 6; ++i) value *= 10;
  return microseconds{value};
}

std::optional<microseconds> read_time(reader& in) {
  const auto h = in.below(24);
  if (!h || !in.take(':')) return std::nullopt;
  const auto m = in.below(60);
  if (!m) return std::nullopt;
  microseconds time = hours{*h} + minutes{*m};
  if (!in.take(':')) return time;
  const auto s = in.below(60);
  if (!s) return std::nullopt;
  time += seconds{*s};
  if (!in.take('.')) return time;
  const auto fraction = read_fraction(in);
  if (!fraction) return std::nullopt;
  return time + *fraction;
}

std::optional<annals::timestamp> read_moment(std::string_view text) {
  annals::timestamp number = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (wrong == std::errc{} && end == text.data() + text.size()) return number;
  reader in{text};
  const auto day = read_day(in);
  if (!day) return std::nullopt;
  microseconds time{0};
  if (in.take('T')) {
    const auto read = read_time(in);
    if (!read) return std::nullopt;
    time = *read;
  }
  in.take('Z');
  if (!in.rest.empty()) return std::nullopt;
  return (sys_time<microseconds>{*day} + time).time_since_epoch().count();
}

}  // namespace

annals::result<annals::timestamp> parse_moment(std::string_view text) {
  if (const auto found = read_moment(text)) return *found;
  return annals::error{annals::errc::bad_option, "not a moment: " + std::string{text},
                       "in UTC, as 2010-12-01, 2010-12-01T08:26:00.000000Z or microseconds since 1970"};
}

}  // namespace tools
