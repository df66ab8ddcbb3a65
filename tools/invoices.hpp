// What the demo sends: orders, credit notes and the stock to begin with; from invoices in a file, or generated.
#pragma once

#include "tools/fields.hpp"

#include <annals/result.hpp>
#include <shop/delivery.hpp>
#include <shop/order.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace tools {

struct invoice {
  std::string number;
  std::variant<shop::place_order, shop::receive_delivery> command;  // an order, or a credit note
};

struct refused_row {
  std::size_t line = 0;  // of the file, from 1
  std::string why;
};

struct demo_input {
  std::vector<invoice> invoices;             // in the order in which their first lines came
  std::map<std::string, std::int64_t> stock;  // by SKU, to begin with
  std::vector<refused_row> refused;           // every line that is in none of the invoices, in order
};

/// Invoices in the columns InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country.
/// Every SKU in them gets `initial_stock`. An invoice has the date of its first line. An invoice of more lines than an order or a
/// delivery may have is refused whole. Errors: not_found, undecodable, with file and line.
annals::result<demo_input> read_invoices(const std::filesystem::path& file, std::int64_t initial_stock,
                                         date_order dates = date_order::day_first);

/// Columns StockCode and Quantity; replaces the stock to begin with.
annals::result<void> read_stock(const std::filesystem::path& file, demo_input& input);

/// The same each time. In tools/generated.cpp.
demo_input generate_invoices(std::size_t orders, std::int64_t initial_stock);

}  // namespace tools
