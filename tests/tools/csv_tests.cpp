// Rows of CSV, well formed and not.
#include "tools/csv.hpp"

#include <boost/test/unit_test.hpp>

using tools::csv_reader;
using tools::csv_row;

namespace {

std::vector<csv_row> rows_of(std::string_view text, std::size_t columns = 8) {
  csv_reader reader{text, columns};
  std::vector<csv_row> rows;
  for (csv_row row; reader.next(row);) rows.push_back(row);
  return rows;
}

/// Fields between bars, rows between slashes; of a malformed row the line and why.
std::string shown(std::string_view text, std::size_t columns = 8) {
  std::string all;
  for (const auto& row : rows_of(text, columns)) {
    if (!all.empty()) all += " / ";
    if (!row.malformed.empty()) {
      all += std::to_string(row.line) + ": " + row.malformed;
      continue;
    }
    for (const auto& field : row.fields) all += (&field == row.fields.data() ? "" : "|") + field;
  }
  return all;
}

std::vector<std::size_t> lines_of(std::string_view text) {
  std::vector<std::size_t> lines;
  for (const auto& row : rows_of(text)) lines.push_back(row.line);
  return lines;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(csv)

BOOST_AUTO_TEST_CASE(fields_are_between_commas_and_rows_between_line_ends) {
  BOOST_TEST(shown("a,b\nc,d\n") == "a|b / c|d");
  BOOST_TEST(shown("a,b\r\nc,d\r\n") == "a|b / c|d");
  BOOST_TEST(shown("a,b\nc,d") == "a|b / c|d");  // the last line need not end
  BOOST_TEST(shown("") == "");
  BOOST_TEST(shown("\n\r\n\n") == "");
  BOOST_TEST(shown("a\n\n\nb\n") == "a / b");
}

BOOST_AUTO_TEST_CASE(fields_may_be_empty_and_keep_their_blanks) {
  BOOST_TEST(shown(",a,,b,") == "|a||b|");
  BOOST_TEST(shown(" a , b ") == " a | b ");
  BOOST_TEST(shown("\"\",x") == "|x");
}

BOOST_AUTO_TEST_CASE(rows_may_have_any_number_of_fields) {
  const auto rows = rows_of("a\nb,c\nd,e,f,\n");
  BOOST_TEST_REQUIRE(rows.size() == 3u);
  BOOST_TEST(rows[0].fields.size() == 1u);
  BOOST_TEST(rows[1].fields.size() == 2u);
  BOOST_TEST(rows[2].fields.size() == 4u);
}

BOOST_AUTO_TEST_CASE(a_quoted_field_may_hold_commas_line_ends_and_doubled_quotes) {
  BOOST_TEST(shown("\"a,b\",c") == "a,b|c");
  BOOST_TEST(shown("\"he said \"\"no\"\"\",c") == "he said \"no\"|c");
  BOOST_TEST(shown("\"\"\"\",c") == "\"|c");
  BOOST_TEST(shown("\"a\nb\",c\nd") == "a\nb|c / d");
  BOOST_TEST(shown("\"a\r\nb\"\r\nd") == "a\r\nb / d");
}

BOOST_AUTO_TEST_CASE(a_byte_order_mark_is_not_part_of_the_first_field) {
  BOOST_TEST(shown("\xef\xbb\xbf"
                   "a,b\n") == "a|b");
  BOOST_TEST(shown("\xef\xbb\xbf"
                   "\"a\",b\n") == "a|b");
  BOOST_TEST(shown("\xef\xbb\xbf") == "");
}

BOOST_AUTO_TEST_CASE(a_row_knows_the_line_on_which_it_begins) {
  const std::vector<std::size_t> expected{1, 2, 5, 6};
  BOOST_TEST(lines_of("a\n\"b\nb\"\n\nc\nd") == expected, boost::test_tools::per_element());
  BOOST_TEST(lines_of("a\r\n\"b\r\nb\"\r\n\r\nc\r\nd") == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(case_63_a_malformed_row_is_named_by_its_line_and_spoils_no_other) {
  BOOST_TEST(shown("a\n\"b\"b,c\nd") == "a / 2: text after a closing quote / d");
  BOOST_TEST(shown("a\nb\"b,c\nd") == "a / 2: a quote inside a field that is not quoted / d");
  BOOST_TEST(shown("a\nb,\"c\nd\ne") == "a / 2: a quoted field is not closed / d / e");
  BOOST_TEST(shown("a\n\"") == "a / 2: a quoted field is not closed");
}

BOOST_AUTO_TEST_CASE(case_86_a_malformed_row_of_several_lines_swallows_none_of_them) {
  const std::vector<std::size_t> expected{1, 2, 3, 4};
  // The row of line 2 goes on in line 3, where its second quote opens and never closes.
  BOOST_TEST(lines_of("a\n\"b\nb\",\"c\nd\n") == expected, boost::test_tools::per_element());
  BOOST_TEST(lines_of("a\n\"b\nb\"c\nd\n") == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(case_86_a_stray_quote_swallows_no_row_up_to_the_next_quote) {
  const std::string_view text = "1,\"a,2\n2,b,3\n3,c,4\n4,d\",5\n5,e,6\n";
  BOOST_TEST(shown(text, 3) ==
             "1: a quoted field is not closed before the next row / 2|b|3 / 3|c|4 / "
             "4: a quote inside a field that is not quoted / 5|e|6");
  const std::vector<std::size_t> expected{1, 2, 3, 4, 5};
  std::vector<std::size_t> lines;
  for (const auto& row : rows_of(text, 3)) lines.push_back(row.line);
  BOOST_TEST(lines == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_quoted_field_may_have_lines_with_fewer_commas_than_a_row) {
  BOOST_TEST(shown("1,\"a\nb\",2\n2,d,3\n", 3) == "1|a\nb|2 / 2|d|3");
}

BOOST_AUTO_TEST_SUITE_END()
