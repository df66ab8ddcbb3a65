#include "ops/console/parameters.hpp"

#include "ops/console/moments.hpp"

#include <algorithm>
#include <charconv>

namespace annals::ops {

void parameters::refuse(std::string_view name, std::string why) {
  if (!wrong_) wrong_ = error{errc::bad_option, "parameter " + std::string{name} + ": " + std::move(why), std::string{name}};
}

std::string parameters::needed_text(std::string_view name) {
  auto found = text(name);
  if (found.empty()) refuse(name, "it is needed");
  return found;
}

std::optional<std::uint64_t> parameters::number(std::string_view name, std::uint64_t least) {
  const auto given = of_.parameter(name).value_or("");
  if (given.empty()) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(given.data(), given.data() + given.size(), value);
  if (failed != std::errc{} || end != given.data() + given.size() || value < least) {
    refuse(name, "a whole number from " + std::to_string(least) + " on is needed");
    return std::nullopt;
  }
  return value;
}

std::uint64_t parameters::needed_number(std::string_view name, std::uint64_t least) {
  const auto found = number(name, least);
  if (!found) refuse(name, "it is needed");
  return found.value_or(least);
}

std::uint64_t parameters::between(std::string_view name, std::uint64_t least, std::uint64_t most, std::uint64_t otherwise) {
  const auto found = number(name, least).value_or(otherwise);
  if (found > most) refuse(name, "at most " + std::to_string(most));
  return std::min(found, most);
}

std::optional<timestamp> parameters::time(std::string_view name) {
  const auto given = of_.parameter(name).value_or("");
  if (given.empty()) return std::nullopt;
  const auto found = parse_time(given);
  if (!found) refuse(name, "a time is needed, ISO 8601 in UTC");
  return found;
}

std::size_t parameters::one_of(std::string_view name, std::initializer_list<std::string_view> all) {
  const auto given = of_.parameter(name).value_or("");
  if (given.empty()) return 0;
  const auto found = std::find(all.begin(), all.end(), given);
  if (found == all.end()) return refuse(name, "not one of the known words"), 0;
  return static_cast<std::size_t>(found - all.begin());
}

}  // namespace annals::ops
