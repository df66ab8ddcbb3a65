// Rows of a CSV file (RFC 4180), each with its line number. After a malformed row, reading continues with the line after the one where
// that row began, so that a stray quote swallows no other row.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tools {

struct csv_row {
  std::size_t line = 0;  // where it begins, counted from 1
  std::vector<std::string> fields;
  std::string malformed;  // why; empty if the row is well formed
};

/// Reads one row after the other.
class csv_reader {
public:
  /// If a line inside quotes has at least `columns` fields by itself, it is taken for a row, and the quote before it for a stray one.
  csv_reader(std::string_view text, std::size_t columns);
  /// Returns false at the end. Empty lines are skipped.
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
