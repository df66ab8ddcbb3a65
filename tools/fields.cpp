#include "tools/fields.hpp"

#include <shop/date.hpp>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <vector>

namespace tools {
namespace {

bool is_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Removes a decimal point that only zeros follow, and these zeros.
std::string_view without_zero_part(std::string_view text) {
  const auto point = text.find('.');
  if (point == std::string_view::npos || point + 1 == text.size()) return text;
  return text.find_first_not_of('0', point + 1) == std::string_view::npos ? text.substr(0, point) : text;
}

std::vector<std::string_view> split(std::string_view text, std::string_view at) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = text.find_first_of(at);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// A number of at most four digits.
std::optional<int> small_number(std::string_view text) {
  if (text.empty() || text.size() > 4 || !is_digits(text)) return std::nullopt;
  return static_cast<int>(*parse_whole(text));
}

/// "08:26" or "08:26:00" as "T08:26"; an empty text stays empty.
std::optional<std::string> time_of_day(std::string_view text) {
  if (text.empty()) return std::string{};
  const auto parts = split(text, ":");
  if (parts.size() < 2 || parts.size() > 3) return std::nullopt;
  const auto hour = small_number(parts[0]), minute = small_number(parts[1]);
  if (!hour || !minute || (parts.size() == 3 && !small_number(parts[2]))) return std::nullopt;
  std::string written(32, '\0');
  written.resize(static_cast<std::size_t>(std::snprintf(written.data(), written.size(), "T%02d:%02d", *hour, *minute)));
  return written;
}

}  // namespace

std::string trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t";
  const auto begin = text.find_first_not_of(blank);
  if (begin == std::string_view::npos) return {};
  return std::string{text.substr(begin, text.find_last_not_of(blank) - begin + 1)};
}

std::optional<std::int64_t> parse_whole(std::string_view text) {
  text = without_zero_part(text);
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (!is_digits(text)) return std::nullopt;
  }
  std::int64_t v = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), v);
  if (wrong != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return v;
}

std::optional<std::int64_t> parse_cents(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const auto point = text.find('.');
  const auto whole = text.substr(0, point);
  const auto part = point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
  if ((whole.empty() && part.empty()) || !is_digits(whole) || !is_digits(part) || whole.size() > 13) return std::nullopt;
  std::int64_t cents = whole.empty() ? 0 : *parse_whole(whole) * 100;
  if (!part.empty()) cents += (part[0] - '0') * 10;
  if (part.size() > 1) cents += part[1] - '0';
  if (part.size() > 2 && part[2] >= '5') ++cents;
  return negative ? -cents : cents;
}

std::string parse_number_name(std::string_view text) {
  const auto whole = without_zero_part(text);
  return std::string{!whole.empty() && is_digits(whole) ? whole : text};
}

std::optional<std::string> parse_date(std::string_view text, date_order order) {
  const auto blank = text.find_first_of(" T");
  const auto time = time_of_day(blank == std::string_view::npos ? std::string_view{} : text.substr(blank + 1));
  const auto day = text.substr(0, blank);
  const bool is_iso = day.find('-') != std::string_view::npos;
  const auto parts = split(day, is_iso ? "-" : "/");
  if (!time || parts.size() != 3) return std::nullopt;
  auto first = small_number(parts[0]), second = small_number(parts[1]), third = small_number(parts[2]);
  if (!first || !second || !third) return std::nullopt;
  if (!is_iso) {
    std::swap(first, third);  // now the year comes first
    if (order == date_order::month_first) std::swap(second, third);
  }
  std::string written(64, '\0');
  written.resize(static_cast<std::size_t>(std::snprintf(written.data(), written.size(), "%04d-%02d-%02d", *first, *second, *third)));
  written += *time;
  if (!shop::is_date(written)) return std::nullopt;
  return written;
}

}  // namespace tools
