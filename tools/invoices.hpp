// The input of the demo: orders, credit notes and the initial stock; read from a file of invoices, or generated.
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
  std::size_t line = 0;  // of the file, counted from 1
  std::string why;
};

struct demo_input {
  std::vector<invoice> invoices;              // in the order of their first lines
  std::map<std::string, std::int64_t> stock;  // the initial stock, by SKU
  std::vector<refused_row> refused;           // all lines that are in none of the invoices, in order
};

/// Reads invoices with the columns InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country.
/// Every SKU in them gets `initial_stock`. An invoice has the date of its first line. An invoice with more lines than an order or a
/// delivery may have is refused as a whole. Errors: not_found, undecodable, with file and line.
annals::result<demo_input> read_invoices(const std::filesystem::path& file, std::int64_t initial_stock, date_order dates = date_order::day_first);

/// Reads the columns StockCode and Quantity; they replace the initial stock.
annals::result<void> read_stock(const std::filesystem::path& file, demo_input& input);

/// Generates the same invoices each time. In tools/generated.cpp.
demo_input generate_invoices(std::size_t orders, std::int64_t initial_stock);

}  // namespace tools
