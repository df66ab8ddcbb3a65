#include "benchmarks/numbers.hpp"

#include <fmt/format.h>

#include <cmath>

namespace bench {

std::string grouped(std::int64_t n) {
  auto digits = std::to_string(n);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > (n < 0 ? 1 : 0); at -= 3) digits.insert(static_cast<std::size_t>(at), 1, ',');
  return digits;
}

std::string number_text(double number) {
  const auto size = std::abs(number);
  if (size >= 1'000) return grouped(std::llround(number));
  return fmt::format("{:.{}f}", number, size < 1 ? 3 : size < 10 ? 2 : 1);
}

std::string text_of(const figures& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_number_float()) return number_text(value.get<double>());
  if (value.is_number()) return grouped(value.get<std::int64_t>());
  return value.dump();
}

}  // namespace bench
