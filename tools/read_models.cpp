#include "tools/read_models.hpp"

#include "projections/revenue.hpp"
#include "projections/statement.hpp"
#include "tools/names.hpp"
#include "tools/with_store.hpp"

#include <annals/fold.hpp>

#include <fmt/format.h>

namespace tools {
namespace {

using annals::result;
using annals::store_view;

void print_json(const std::string& account, const projections::account_statement& s) {
  std::string movements;
  for (const auto& m : s.movements) {
    movements += fmt::format(R"({}{{"position":{},"version":{},"time":"{}","kind":"{}","cents":{},"balance_cents":{})", movements.empty() ? "" : ",",
                             m.at, m.version, time_text(m.time), m.kind, m.cents, m.balance_cents);
    for (const auto& [name, text] : {std::pair{"transfer", &m.transfer}, {"correlation", &m.correlation}, {"principal", &m.principal}})
      if (!text->empty()) movements += fmt::format(R"(,"{}":{})", name, json_text(*text));
    movements += '}';
  }
  fmt::print("{{\"account\":{},\"owner\":{},\"open\":{},\"balance_cents\":{},\"movements\":[{}]}}\n", json_text(account), json_text(s.owner), s.open,
             s.balance_cents, movements);
}

void print_table(const std::string& account, const projections::account_statement& s) {
  fmt::print("account {}, {}, {}\n", account, s.owner, s.open ? "open" : "closed");
  fmt::print("{:>8}  {:<27}  {:<10} {:>16} {:>16}  {}\n", "version", "time", "", "amount", "balance", "transfer, correlation, principal");
  for (const auto& m : s.movements) {
    auto line =
        fmt::format("{:>8}  {}  {:<10} {:>16} {:>16}", m.version, time_text(m.time), m.kind, m.cents ? money(m.cents) : "", money(m.balance_cents));
    for (const auto* text : {&m.transfer, &m.correlation, &m.principal}) line += "  " + (text->empty() ? "-" : *text);
    fmt::print("{}\n", line);
  }
}

/// The JSON form of `annals report`.
struct report {
  projections::sales total;
  std::vector<projections::day_of_sales> days;
  static constexpr auto about = annals::describe<&report::total, &report::days>("report", 1);
};

void print_sales(std::string_view day, std::string_view country, const projections::sales& s) {
  fmt::print("  {:<10}  {:<28}{:>10}{:>14}{:>18}\n", day, country, grouped(s.orders), grouped(s.units), money(s.revenue_cents));
}

void print_table(const report& r) {
  fmt::print("  {:<10}  {:<28}{:>10}{:>14}{:>18}\n", "day", "country", "orders", "units", "revenue");
  for (const auto& day : r.days) {
    for (const auto& [country, sold] : day.by_country) print_sales(day.day, country, sold);
    if (day.by_country.size() > 1) print_sales(day.day, "all", day.total);
    if (day.credit_notes > 0)
      fmt::print("  {:<10}  {} units returned in {} credit notes\n", day.day, grouped(day.units_returned), grouped(day.credit_notes));
  }
  print_sales("all", "all", r.total);
}

/// An error if events had to be left out: what was printed is incomplete.
result<void> whole_without(const std::vector<annals::parked_event>& left_out) {
  if (left_out.empty()) return {};
  for (const auto& one : left_out) fmt::print(stderr, "left out: position {} of {}: {}\n", one.at, shown_name(one.stream), one.error);
  const auto events = left_out.size() == 1 ? "an event" : std::to_string(left_out.size()) + " events";
  return annals::error{annals::errc::projection_failed, "the printed model is incomplete", events + " could not be applied", 0, left_out[0].at};
}

}  // namespace

int show_statement(const std::filesystem::path& store, const std::string& account, bool json) {
  return with_store(store, [&](const store_view& view) -> result<void> {
    projections::statement::model model;
    std::vector<annals::parked_event> left_out;
    const auto stream = std::string{bank::account::category} + "-" + parse_name(account);
    if (auto ok = annals::fold_stream<projections::statement>(view, stream, model, 1, &left_out); !ok) return ok.error();
    if (model.accounts.empty()) return annals::error{annals::errc::not_found, "every event of this account is skipped for its statement", stream};
    const auto& found = model.accounts.begin()->second;
    json ? print_json(account, found) : print_table(account, found);
    return whole_without(left_out);
  });
}

int show_report(const std::filesystem::path& store, bool json) {
  return with_store(store, [&](const store_view& view) -> result<void> {
    using projections::revenue;
    revenue::model model;
    std::vector<annals::parked_event> left_out;
    if (auto ok = annals::fold<revenue>(view, model, 1, &left_out); !ok) return ok.error();
    const report all{revenue::answer(model, projections::total_of_sales{}), revenue::answer(model, projections::days_of_sales{})};
    if (!json)
      print_table(all);
    else if (const auto text = annals::to_json(annals::encoded(all)); !text)
      return text.error();
    else
      fmt::print("{}\n", *text);
    return whole_without(left_out);
  });
}

}  // namespace tools
