// Rows of a CSV file (RFC 4180), each with its line. A malformed row does not spoil the others: reading goes on with the line
// after the one where that row began, so that a stray quote swallows no other row.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tools {

struct csv_row {
  std::size_t line = 0;  // where it begins, from 1
  std::vector<std::string> fields;
  std::string malformed;  // why; empty when it is well formed
};

/// Reads one row after the other.
class csv_reader {
public:
  /// A line inside quotes that has `columns` fields by itself is taken for a row, and the quote before it for a stray one.
  csv_reader(std::string_view text, std::size_t columns);
  /// False at the end. Empty lines are passed over.
  bool next(csv_row& row);

private:
  bool read_field(csv_row& row);
  bool read_quoted(csv_row& row, std::string& field);
  bool is_at_row_of_its_own() const;

  std::string_view text_;
  std::size_t columns_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

}  // namespace tools
