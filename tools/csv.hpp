// Rows of a CSV file (RFC 4180), each with its line; a row that is malformed does not spoil the others.
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
  explicit csv_reader(std::string_view text);
  /// False at the end. Empty lines are passed over.
  bool next(csv_row& row);

private:
  bool read_field(csv_row& row);
  void skip_line();

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

}  // namespace tools
