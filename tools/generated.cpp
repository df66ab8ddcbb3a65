// Generated invoices, for a demo without an input file.
#include "tools/invoices.hpp"

#include <fmt/format.h>

#include <random>

namespace tools {
namespace {

/// One order a minute from 1 December 2010 on, in shops that are open day and night.
std::string date_of(std::size_t order) {
  constexpr std::size_t minutes_of_a_day = 24 * 60, days_of_a_month = 28;  // every month has at least that many days
  const auto day = order / minutes_of_a_day, minute = order % minutes_of_a_day;
  const auto month = 11 + day / days_of_a_month;
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}", 2010 + month / 12, month % 12 + 1, day % days_of_a_month + 1, minute / 60, minute % 60);
}

}  // namespace

demo_input generate_invoices(std::size_t orders, std::int64_t initial_stock) {
  constexpr std::size_t skus = 500;
  const std::vector<std::string> countries{"United Kingdom", "Germany", "France", "Ireland", "Spain", "Netherlands", "Norway"};
  std::mt19937_64 random{20'101'201};  // the same shop each time
  const auto up_to = [&](std::uint64_t n) { return random() % n; };
  const auto sku_name = [](std::size_t i) { return "SKU-" + std::to_string(10'000 + i); };
  demo_input input;
  for (std::size_t i = 0; i < skus; ++i) input.stock.emplace(sku_name(i), initial_stock);
  for (std::size_t n = 0; n < orders; ++n) {
    const auto number = std::to_string(500'000 + n);
    if (up_to(40) == 0) {
      shop::delivery_line back{sku_name(up_to(skus)), 0};
      back.quantity = 1 + static_cast<std::int64_t>(up_to(5));
      input.invoices.push_back({"C" + number, shop::receive_delivery{"credit_note", {back}, date_of(n)}});
    }
    shop::place_order order{"customer-" + std::to_string(up_to(2'000)), countries[up_to(countries.size())], {}, 0, date_of(n)};
    for (auto lines = 1 + up_to(5); lines > 0; --lines)
      order.lines.push_back({sku_name(up_to(skus)), 1 + static_cast<std::int64_t>(up_to(12)), 50 + static_cast<std::int64_t>(up_to(5'000))});
    input.invoices.push_back({number, std::move(order)});
  }
  return input;
}

}  // namespace tools
