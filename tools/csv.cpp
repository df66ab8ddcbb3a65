#include "tools/csv.hpp"

#include <algorithm>

namespace tools {

csv_reader::csv_reader(std::string_view text, std::size_t columns) : text_(text), columns_(columns) {
  if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);
}

bool csv_reader::next(csv_row& row) {
  while (at_ < text_.size() && (text_[at_] == '\n' || text_[at_] == '\r'))
    if (text_[at_++] == '\n') ++line_;
  if (at_ >= text_.size()) return false;
  row = {line_, {}, {}};
  const auto begin = at_;
  while (read_field(row)) {
  }
  if (!row.malformed.empty()) {  // the lines after its first may be rows of their own
    line_ = row.line;
    at_ = std::min(text_.find('\n', begin), text_.size());
  }
  return true;
}

/// Reads one field and its separator; false if the row ends here or is malformed.
bool csv_reader::read_field(csv_row& row) {
  std::string field;
  if (at_ < text_.size() && text_[at_] == '"') {
    if (!read_quoted(row, field)) return false;
  } else {
    while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\n' && text_[at_] != '\r') {
      if (text_[at_] == '"') row.malformed = "a quote inside a field that is not quoted";
      field += text_[at_++];
    }
  }
  row.fields.push_back(std::move(field));
  if (at_ < text_.size() && text_[at_] == ',') {
    ++at_;
    return true;
  }
  return false;
}

/// Returns false if the row is malformed.
bool csv_reader::read_quoted(csv_row& row, std::string& field) {
  const auto refuse = [&](const char* why) {
    row.malformed = why;
    return false;
  };
  for (++at_;; ++at_) {
    if (at_ >= text_.size()) return refuse("a quoted field is not closed");
    if (text_[at_] == '"') {
      if (at_ + 1 >= text_.size() || text_[at_ + 1] != '"') break;
      ++at_;
    }
    field += text_[at_];
    if (text_[at_] != '\n') continue;
    ++line_;
    if (is_at_row_of_its_own()) return refuse("a quoted field is not closed before the next row");
  }
  ++at_;
  if (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\n' && text_[at_] != '\r') return refuse("text after a closing quote");
  return true;
}

/// Whether the next line has at least as many fields as a row.
bool csv_reader::is_at_row_of_its_own() const {
  const auto rest = text_.substr(at_ + 1);
  const auto line = rest.substr(0, rest.find('\n'));
  return columns_ > 1 && static_cast<std::size_t>(std::count(line.begin(), line.end(), ',')) + 1 >= columns_;
}

}  // namespace tools
