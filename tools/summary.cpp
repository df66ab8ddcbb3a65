#include "tools/summary.hpp"

#include "projections/order_board.hpp"
#include "tools/output.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tools {

namespace {

annals::result<std::vector<std::string>> parked_lines(const annals::node& on, const parked_of& parked_of_owner) {
  std::vector<std::string> lines;
  const auto health = on.health();
  if (!health) return health.error();
  for (const auto* followers : {&health->projections, &health->processes})
    for (const auto& follower : *followers) {
      const auto parked = parked_of_owner(follower.name);
      if (!parked) return parked.error();
      for (const auto& one : *parked) lines.push_back(fmt::format("{}: position {} of {}: {}", follower.name, one.at, one.stream, one.error));
    }
  return lines;
}

}  // namespace

annals::result<summary> summarize(annals::node& on, const parked_of& parked_of_owner) {
  using namespace std::chrono_literals;
  summary s;
  const auto head = on.head();
  if (!head) return head.error();
  const annals::at_least now{*head, 60s};
  const auto board = on.ask<projections::order_board>(projections::totals_of_board{}, now).get();
  if (!board) return board.error();
  const auto revenue = on.ask<projections::order_board>(projections::revenue_by_country{}, now).get();
  if (!revenue) return revenue.error();
  s.orders_placed = board->placed;
  s.orders_shipped = board->shipped;
  s.orders_cancelled = board->cancelled;
  s.orders_open = board->open();
  s.cancelled_by_reason = board->cancelled_by_reason;
  s.credit_notes = board->credit_notes;
  s.units_sold = board->units_sold;
  s.units_returned = board->units_returned;
  s.revenue_cents = board->revenue_cents;
  s.revenue_by_country = *revenue;
  s.head_position = head->at;
  const auto counted = on.log(1, head->at, [&](const annals::record_view& record) {
    ++s.events;
    // The events of a command are adjacent, and each id has one effect: counts only the first event of each command.
    if (record.index == 0 && !record.command_id.empty()) ++s.commands;
    return true;
  });
  if (!counted) return counted.error();
  auto parked = parked_lines(on, parked_of_owner);
  if (!parked) return parked.error();
  s.parked = std::move(*parked);
  return s;
}

std::string as_json(const summary& s) {
  std::string reasons;
  for (const auto& [reason, count] : s.cancelled_by_reason) reasons += fmt::format("{}{}:{}", reasons.empty() ? "" : ",", json_text(reason), count);
  return fmt::format(
      R"({{"orders_placed":{},"orders_shipped":{},"orders_cancelled":{},"orders_open":{},"parked":{},"cancelled_by_reason":{{{}}},"credit_notes":{},)"
      R"("rows_refused":{},"units_sold":{},"units_returned":{},"revenue_cents":{},"commands":{},"events":{},)"
      R"("head_position":{},"seconds":{:.3f}}})",
      s.orders_placed, s.orders_shipped, s.orders_cancelled, s.orders_open, s.parked.size(), reasons, s.credit_notes, s.rows_refused, s.units_sold,
      s.units_returned, s.revenue_cents, s.commands, s.events, s.head_position, s.seconds);
}

namespace {

void row(std::string& table, std::string_view name, const std::string& value) { table += fmt::format("  {:<28}{:>20}\n", name, value); }

void ruler(std::string& table) { table += "  " + std::string(48, '-') + "\n"; }

}  // namespace

std::string as_table(const summary& s) {
  std::string table;
  row(table, "orders placed", grouped(s.orders_placed));
  row(table, "  shipped", grouped(s.orders_shipped));
  row(table, "  cancelled", grouped(s.orders_cancelled));
  if (s.orders_open > 0) row(table, "  open", grouped(s.orders_open));
  for (const auto& [reason, count] : s.cancelled_by_reason) row(table, "    " + reason, grouped(count));
  row(table, "units sold", grouped(s.units_sold));
  row(table, "units returned", fmt::format("{} in {} credit notes", grouped(s.units_returned), grouped(s.credit_notes)));
  if (s.rows_refused > 0) row(table, "rows refused", grouped(s.rows_refused));
  ruler(table);
  std::vector<std::pair<std::string, std::int64_t>> countries(s.revenue_by_country.begin(), s.revenue_by_country.end());
  std::stable_sort(countries.begin(), countries.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  if (countries.size() > 5) countries.resize(5);
  row(table, "revenue", money(s.revenue_cents));
  for (const auto& [country, cents] : countries) row(table, "  " + country, money(cents));
  ruler(table);
  row(table, "commands", grouped(static_cast<std::int64_t>(s.commands)));
  row(table, "events, all durable", grouped(static_cast<std::int64_t>(s.events)));
  row(table, "head of the log", grouped(static_cast<std::int64_t>(s.head_position)));
  row(table, "seconds", fmt::format("{:.2f}", s.seconds));
  return table;
}

}  // namespace tools
