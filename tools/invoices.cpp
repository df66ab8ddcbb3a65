#include "tools/invoices.hpp"

#include "tools/csv.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <unordered_map>

namespace tools {
namespace {

using annals::errc;
using annals::error;
using annals::result;

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

result<std::string> read_file(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  std::ostringstream text;
  if (std::filesystem::is_directory(file) || !in || !(text << in.rdbuf())) {
    // An empty file has nothing to copy. The stream reports that as a failure, too.
    std::error_code ignored;
    if (!in.is_open() || std::filesystem::is_directory(file) || std::filesystem::file_size(file, ignored) != 0)
      return error{errc::not_found, file.string(), "cannot be read"};
  }
  return text.str();
}

std::string joined(const std::vector<std::string>& names) {
  std::string all;
  for (const auto& name : names) all += (all.empty() ? "" : ",") + name;
  constexpr std::size_t most = 200;  // the file may be anything
  return all.size() <= most ? all : all.substr(0, most) + "...";
}

result<void> check_header(csv_reader& rows, const std::filesystem::path& file, const std::vector<std::string>& wanted) {
  csv_row header;
  const bool there = rows.next(header);
  for (auto& name : header.fields) name = trimmed(name);
  if (there && header.malformed.empty() && header.fields == wanted) return {};
  const auto found = !there ? "the file is empty" : !header.malformed.empty() ? header.malformed : "found \"" + joined(header.fields) + "\"";
  return error{errc::undecodable, file.string() + ":1", "the first line must be \"" + joined(wanted) + "\"; " + found};
}

enum column { invoice_no, stock_code, description, quantity, invoice_date, unit_price, customer_id, country, columns };

/// One valid row.
struct line {
  std::string invoice;
  std::string sku;
  std::string customer;
  std::string country;
  std::string date;
  std::int64_t quantity = 0;  // above zero, also for a credit note
  std::int64_t cents = 0;
  bool is_credit() const { return invoice.starts_with('C'); }
};

bool is_possible(std::string_view text) {
  constexpr std::size_t bytes_max = 200;
  return text.size() <= bytes_max && !has_control_character(text);
}

/// The row's line, or why the row is refused.
std::variant<line, std::string> check_row(const csv_row& row, date_order dates) {
  if (!row.malformed.empty()) return row.malformed;
  if (row.fields.size() != columns) return std::to_string(row.fields.size()) + " columns, expected " + std::to_string(columns);
  line l{parse_number_name(trimmed(row.fields[invoice_no])), trimmed(row.fields[stock_code]), parse_number_name(trimmed(row.fields[customer_id])),
         trimmed(row.fields[country])};
  if (l.invoice.empty()) return "no invoice number";
  if (l.sku.empty()) return "no stock code";
  if (!is_possible(l.invoice)) return "an impossible invoice number";
  if (!is_possible(l.sku)) return "an impossible stock code";
  if (!is_possible(l.customer)) return "an impossible customer";
  if (!is_possible(l.country)) return "an impossible country";
  if (const auto text = trimmed(row.fields[invoice_date]); !text.empty()) {
    auto date = parse_date(text, dates);
    if (!date) return "date \"" + text + "\" is not " + (dates == date_order::day_first ? "day/month/year" : "month/day/year") + " or ISO 8601";
    l.date = std::move(*date);
  }
  const auto count = parse_whole(trimmed(row.fields[quantity]));
  if (!count) return "quantity \"" + row.fields[quantity] + "\" is not a whole number";
  const auto cents = parse_cents(trimmed(row.fields[unit_price]));
  if (!cents) return "price \"" + row.fields[unit_price] + "\" is not an amount";
  if (l.is_credit()) {
    if (*count >= 0) return "the quantity of a credit note is not below zero";
    if (*count < -1'000'000'000'000) return "the quantity is too large";
    l.quantity = -*count;
    return l;
  }
  if (*count <= 0) return "the quantity is not above zero";
  if (*count > 1'000'000'000'000) return "the quantity is too large";
  const auto price = trimmed(row.fields[unit_price]);
  const bool above_zero = !price.starts_with('-') && price.find_first_of("123456789") != std::string::npos;
  if (!above_zero) return "the price is not above zero";
  constexpr std::int64_t most = 1'000'000'000'000'000;  // cents; thousands of lines can still be summed
  if (*cents > 0 && *count > most / *cents) return "quantity times price is too large";
  l.quantity = *count;
  l.cents = *cents;
  return l;
}

/// Collects invoices whose lines come one by one.
class gathering {
public:
  void add(line& l, std::size_t file_line) {
    const auto [place, is_new] = places_.try_emplace(l.invoice, all_.size());
    if (is_new) all_.push_back({first_of(l), {}});
    auto& [invoice, lines] = all_[place->second];
    lines.push_back(file_line);
    if (auto* credit = std::get_if<shop::receive_delivery>(&invoice.command))
      credit->lines.push_back({std::move(l.sku), l.quantity});
    else
      std::get<shop::place_order>(invoice.command).lines.push_back({std::move(l.sku), l.quantity, l.cents});
  }

  /// Moves the invoices that are not too long to the input, with stock for their SKUs.
  void move_to(demo_input& input, std::int64_t initial_stock) {
    static_assert(shop::order::lines_max == shop::delivery::lines_max);
    constexpr auto lines_max = shop::order::lines_max;
    for (auto& [invoice, lines] : all_) {
      if (lines.size() > lines_max) {
        const auto why = "invoice " + invoice.number + " has " + std::to_string(lines.size()) + " lines, at most " + std::to_string(lines_max);
        for (const auto at : lines) input.refused.push_back({at, why});
        continue;
      }
      std::visit(
          [&](const auto& command) {
            for (const auto& l : command.lines) input.stock.try_emplace(l.sku, initial_stock);
          },
          invoice.command);
      input.invoices.push_back(std::move(invoice));
    }
    std::sort(input.refused.begin(), input.refused.end(), [](const auto& a, const auto& b) { return a.line < b.line; });
  }

private:
  static invoice first_of(const line& l) {
    if (l.is_credit()) return {l.invoice, shop::receive_delivery{"credit_note", {}, l.date}};
    return {l.invoice, shop::place_order{l.customer, l.country, {}, 0, l.date}};
  }

  std::vector<std::pair<invoice, std::vector<std::size_t>>> all_;  // with their lines in the file, in the order of the first lines
  std::unordered_map<std::string, std::size_t> places_;            // index in all_, by invoice number
};

}  // namespace

result<demo_input> read_invoices(const std::filesystem::path& file, std::int64_t initial_stock, date_order dates) {
  const auto text = read_file(file);
  if (!text) return text.error();
  csv_reader rows{*text, columns};
  auto ok = check_header(rows, file, {"InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"});
  if (!ok) return std::move(ok).error();
  demo_input input;
  gathering all;
  csv_row row;
  while (rows.next(row)) {
    auto checked = check_row(row, dates);
    if (auto* why = std::get_if<std::string>(&checked))
      input.refused.push_back({row.line, std::move(*why)});
    else
      all.add(std::get<line>(checked), row.line);
  }
  all.move_to(input, initial_stock);
  return input;
}

result<void> read_stock(const std::filesystem::path& file, demo_input& input) {
  const auto text = read_file(file);
  if (!text) return text.error();
  csv_reader rows{*text, 2};
  if (auto ok = check_header(rows, file, {"StockCode", "Quantity"}); !ok) return ok;
  input.stock.clear();
  csv_row row;
  while (rows.next(row)) {
    const auto refuse = [&](std::string why) { return error{errc::undecodable, file.string() + ":" + std::to_string(row.line), std::move(why)}; };
    if (!row.malformed.empty()) return refuse(row.malformed);
    if (row.fields.size() != 2) return refuse(std::to_string(row.fields.size()) + " columns, expected 2");
    const auto sku = trimmed(row.fields[0]);
    const auto count = parse_whole(trimmed(row.fields[1]));
    if (sku.empty() || !is_possible(sku)) return refuse("no stock code, or an impossible one");
    if (!count || *count < 0) return refuse("quantity \"" + row.fields[1] + "\" is not a whole number from zero on");
    if (!input.stock.emplace(sku, *count).second) return refuse("stock code " + sku + " is there twice");
  }
  return {};
}

}  // namespace tools
