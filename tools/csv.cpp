#include "tools/csv.hpp"

namespace tools {

csv_reader::csv_reader(std::string_view text) : text_(text) {
  if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);
}

bool csv_reader::next(csv_row& row) {
  while (at_ < text_.size() && (text_[at_] == '\n' || text_[at_] == '\r'))
    if (text_[at_++] == '\n') ++line_;
  if (at_ >= text_.size()) return false;
  row = {line_, {}, {}};
  while (read_field(row)) {
  }
  return true;
}

/// Reads one field and what ends it; false when that was the end of the row.
bool csv_reader::read_field(csv_row& row) {
  std::string field;
  if (at_ < text_.size() && text_[at_] == '"') {
    const auto opened = at_;
    const auto opened_line = line_;
    for (++at_;; ++at_) {
      if (at_ >= text_.size()) {
        row.malformed = "a quoted field is not closed";
        // What follows the quote may be rows of their own: go on behind the line where it began.
        at_ = opened;
        line_ = opened_line;
        skip_line();
        return false;
      }
      if (text_[at_] == '"') {
        if (at_ + 1 < text_.size() && text_[at_ + 1] == '"')
          ++at_;
        else
          break;
      }
      if (text_[at_] == '\n') ++line_;
      field += text_[at_];
    }
    ++at_;
    if (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\n' && text_[at_] != '\r') {
      row.malformed = "text behind a closing quote";
      skip_line();
      return false;
    }
  } else {
    while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\n' && text_[at_] != '\r') {
      if (text_[at_] == '"') row.malformed = "a quote within a field that is not quoted";
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

void csv_reader::skip_line() {
  while (at_ < text_.size() && text_[at_] != '\n') ++at_;
}

}  // namespace tools
