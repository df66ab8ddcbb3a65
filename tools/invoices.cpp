#include "tools/invoices.hpp"

#include "tools/csv.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <random>
#include <sstream>
#include <unordered_map>

namespace tools {
namespace {

using annals::errc;
using annals::error;
using annals::result;

std::string trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t";
  const auto begin = text.find_first_not_of(blank);
  if (begin == std::string_view::npos) return {};
  return std::string{text.substr(begin, text.find_last_not_of(blank) - begin + 1)};
}

std::optional<std::int64_t> parse_whole(std::string_view text) {
  std::int64_t v = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), v);
  if (wrong != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return v;
}

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

result<std::string> read_file(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  std::ostringstream text;
  if (std::filesystem::is_directory(file) || !in || !(text << in.rdbuf())) {
    // An empty file has nothing to copy, which the stream calls a failure too.
    std::error_code ignored;
    if (!in.is_open() || std::filesystem::is_directory(file) || std::filesystem::file_size(file, ignored) != 0)
      return error{errc::not_found, file.string(), "cannot be read"};
  }
  return text.str();
}

result<void> check_header(csv_reader& rows, const std::filesystem::path& file, const std::vector<std::string>& wanted) {
  csv_row header;
  const bool there = rows.next(header);
  for (auto& name : header.fields) name = trimmed(name);
  if (there && header.malformed.empty() && header.fields == wanted) return {};
  std::string names;
  for (const auto& name : wanted) names += (names.empty() ? "" : ",") + name;
  return error{errc::undecodable, file.string() + ":1", "the first line has to be " + names};
}

enum column { invoice_no, stock_code, description, quantity, invoice_date, unit_price, customer_id, country, columns };

/// One good row.
struct line {
  std::string invoice;
  std::string sku;
  std::int64_t quantity = 0;  // above zero, also of a credit note
  std::int64_t cents = 0;
};

/// The line, or why the row cannot be.
std::variant<line, std::string> check_row(const csv_row& row) {
  if (!row.malformed.empty()) return row.malformed;
  if (row.fields.size() != columns)
    return "it has " + std::to_string(row.fields.size()) + " columns, not " + std::to_string(columns);
  line l{trimmed(row.fields[invoice_no]), trimmed(row.fields[stock_code])};
  if (l.invoice.empty()) return "no invoice number";
  if (l.sku.empty()) return "no stock code";
  if (l.invoice.size() > 200 || has_control_character(l.invoice)) return "an impossible invoice number";
  if (l.sku.size() > 200 || has_control_character(l.sku)) return "an impossible stock code";
  const auto count = parse_whole(trimmed(row.fields[quantity]));
  if (!count) return "quantity «" + row.fields[quantity] + "» is not a whole number";
  const auto cents = parse_cents(trimmed(row.fields[unit_price]));
  if (!cents) return "price «" + row.fields[unit_price] + "» is not an amount";
  if (l.invoice.starts_with('C')) {
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
  constexpr std::int64_t most = 1'000'000'000'000'000;  // cents, so that thousands of lines can be summed
  if (*cents > 0 && *count > most / *cents) return "quantity times price is too large";
  l.quantity = *count;
  l.cents = *cents;
  return l;
}

}  // namespace

std::optional<std::int64_t> parse_cents(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const auto point = text.find('.');
  const auto whole = text.substr(0, point);
  const auto part = point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
  const auto digits = [](std::string_view s) { return std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; }); };
  if ((whole.empty() && part.empty()) || !digits(whole) || !digits(part) || whole.size() > 13) return std::nullopt;
  std::int64_t cents = whole.empty() ? 0 : *parse_whole(whole) * 100;
  if (!part.empty()) cents += (part[0] - '0') * 10;
  if (part.size() > 1) cents += part[1] - '0';
  if (part.size() > 2 && part[2] >= '5') ++cents;
  return negative ? -cents : cents;
}

result<demo_input> read_invoices(const std::filesystem::path& file, std::int64_t initial_stock) {
  const auto text = read_file(file);
  if (!text) return text.error();
  csv_reader rows{*text};
  auto ok = check_header(rows, file, {"InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice",
                                      "CustomerID", "Country"});
  if (!ok) return std::move(ok).error();
  demo_input input;
  std::unordered_map<std::string, std::size_t> places;  // of an invoice, in input.invoices
  csv_row row;
  while (rows.next(row)) {
    auto checked = check_row(row);
    if (auto* why = std::get_if<std::string>(&checked)) {
      input.refused.push_back({row.line, std::move(*why)});
      continue;
    }
    auto& l = std::get<line>(checked);
    const auto [place, is_new] = places.try_emplace(l.invoice, input.invoices.size());
    const bool credit = l.invoice.starts_with('C');
    if (is_new) {
      if (credit)
        input.invoices.push_back({l.invoice, shop::receive_delivery{"credit_note", {}}});
      else
        input.invoices.push_back({l.invoice, shop::place_order{trimmed(row.fields[customer_id]), trimmed(row.fields[country]), {}, 0}});
    }
    auto& command = input.invoices[place->second].command;
    input.stock.try_emplace(l.sku, initial_stock);
    if (credit)
      std::get<shop::receive_delivery>(command).lines.push_back({std::move(l.sku), l.quantity});
    else
      std::get<shop::place_order>(command).lines.push_back({std::move(l.sku), l.quantity, l.cents});
  }
  return input;
}

result<void> read_stock(const std::filesystem::path& file, demo_input& input) {
  const auto text = read_file(file);
  if (!text) return text.error();
  csv_reader rows{*text};
  if (auto ok = check_header(rows, file, {"StockCode", "Quantity"}); !ok) return ok;
  input.stock.clear();
  csv_row row;
  while (rows.next(row)) {
    const auto refuse = [&](std::string why) {
      return error{errc::undecodable, file.string() + ":" + std::to_string(row.line), std::move(why)};
    };
    if (!row.malformed.empty()) return refuse(row.malformed);
    if (row.fields.size() != 2) return refuse("it has not 2 columns");
    const auto sku = trimmed(row.fields[0]);
    const auto count = parse_whole(trimmed(row.fields[1]));
    if (sku.empty() || sku.size() > 200 || has_control_character(sku)) return refuse("no stock code, or an impossible one");
    if (!count || *count < 0) return refuse("the quantity is not a whole number from zero on");
    if (!input.stock.emplace(sku, *count).second) return refuse("stock code " + sku + " is there twice");
  }
  return {};
}

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
      input.invoices.push_back({"C" + number, shop::receive_delivery{"credit_note", {back}}});
    }
    shop::place_order order{"customer-" + std::to_string(up_to(2'000)), countries[up_to(countries.size())], {}, 0};
    for (auto lines = 1 + up_to(5); lines > 0; --lines)
      order.lines.push_back({sku_name(up_to(skus)), 1 + static_cast<std::int64_t>(up_to(12)), 50 + static_cast<std::int64_t>(up_to(5'000))});
    input.invoices.push_back({number, std::move(order)});
  }
  return input;
}

}  // namespace tools
