// What becomes of a file of invoices: orders, credit notes, stock, and rows that are refused.
#include "support/printed.hpp"
#include "support/temporary_directory.hpp"
#include "tools/invoices.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>

using namespace tools;
using annals::errc;

namespace {

const std::string header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";

std::filesystem::path written(const temporary_directory& d, const std::string& text) {
  const auto file = d / "input.csv";
  std::ofstream{file, std::ios::binary} << text;
  return file;
}

/// Of these rows, without the header.
demo_input read(const std::string& rows, std::int64_t initial_stock = 100) {
  const temporary_directory d;
  return read_invoices(written(d, header + rows), initial_stock).value();
}

annals::error refusal_of(const std::string& whole_file) {
  const temporary_directory d;
  return read_invoices(written(d, whole_file), 100).error();
}

/// The one row that is refused: "line: why".
std::string refused(const std::string& row) {
  const auto input = read("1,good,,1,,1,,\n" + row + "\n1,good,,1,,1,,\n");
  BOOST_TEST_REQUIRE(input.refused.size() == 1u, row);
  BOOST_TEST(input.refused[0].line == 3u);
  BOOST_TEST(input.invoices.size() == 1u);
  BOOST_TEST(std::get<shop::place_order>(input.invoices.at(0).command).lines.size() == 2u);
  return input.refused[0].why;
}

const shop::place_order& order(const demo_input& input, std::size_t i) { return std::get<shop::place_order>(input.invoices.at(i).command); }
const shop::receive_delivery& credit_note(const demo_input& input, std::size_t i) {
  return std::get<shop::receive_delivery>(input.invoices.at(i).command);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(invoices)

BOOST_AUTO_TEST_CASE(amounts_become_cents_and_half_a_cent_rounds_up) {
  const std::pair<std::string_view, std::int64_t> good[] = {
      {"2.55", 255},   {"2.5", 250},   {"2", 200},      {"2.", 200},  {".5", 50},      {"0", 0},
      {"2.554", 255},  {"2.555", 256}, {"2.5549", 255}, {"0.005", 1}, {"0.0049", 0},   {"9.995", 1000},
      {"-2.55", -255}, {"+2.55", 255}, {"-0.005", -1},  {"-0", 0},    {"007.10", 710}, {"9999999999999.99", 999'999'999'999'999},
  };
  for (const auto& [text, cents] : good) BOOST_TEST((parse_cents(text) == cents), text);
}

BOOST_AUTO_TEST_CASE(what_is_not_a_plain_decimal_number_is_not_an_amount) {
  for (const auto* text : {"", ".", "-", "-.", "+", "+-2", "1e3", "0x10", "2,55", "2.5.5", "--2", "2.5x", " 2", "nan", "inf", "10000000000000",
                           "99999999999999999999999"})
    BOOST_TEST(!parse_cents(text), text);
}

BOOST_AUTO_TEST_CASE(the_lines_of_one_invoice_are_one_order_wherever_they_stand) {
  const auto input = read(
      "7,A,\"LAMP, LARGE\",2,01/12/2010 08:26,1.5,c1,France\n"
      "8,B,,1,,1,c2,Spain\n"
      "7,B,,3,,2.555,c1,France\n");
  BOOST_TEST(input.refused.empty());
  BOOST_TEST_REQUIRE(input.invoices.size() == 2u);
  BOOST_TEST(input.invoices[0].number == "7");
  BOOST_TEST(order(input, 0).customer == "c1");
  BOOST_TEST(order(input, 0).country == "France");
  BOOST_TEST_REQUIRE(order(input, 0).lines.size() == 2u);
  BOOST_TEST(order(input, 0).lines[0].sku == "A");
  BOOST_TEST(order(input, 0).lines[0].quantity == 2);
  BOOST_TEST(order(input, 0).lines[0].unit_price_cents == 150);
  BOOST_TEST(order(input, 0).lines[1].unit_price_cents == 256);
  BOOST_TEST(input.invoices[1].number == "8");
  BOOST_TEST((input.stock == std::map<std::string, std::int64_t>{{"A", 100}, {"B", 100}}));
}

BOOST_AUTO_TEST_CASE(stock_codes_are_trimmed_and_case_sensitive) {
  const auto input = read("7, a\t,,1,,1,,\n 7 ,A,,1,,1,,\n7,a,,1,,1,,\n");
  BOOST_TEST_REQUIRE(input.invoices.size() == 1u);
  BOOST_TEST(order(input, 0).lines[0].sku == "a");
  BOOST_TEST(order(input, 0).lines[1].sku == "A");
  BOOST_TEST(order(input, 0).lines[2].sku == "a");  // one sum with the first, when it is reserved
  BOOST_TEST((input.stock == std::map<std::string, std::int64_t>{{"A", 100}, {"a", 100}}));
}

BOOST_AUTO_TEST_CASE(credit_notes_bring_quantities_back) {
  const auto input = read("C7,A,Discount,-2,,27.5,,\nC7,B,,-3,,0,,\n7,A,,1,,1,,\n");
  BOOST_TEST_REQUIRE(input.invoices.size() == 2u);
  BOOST_TEST(input.invoices[0].number == "C7");
  BOOST_TEST(credit_note(input, 0).kind == "credit_note");
  BOOST_TEST(credit_note(input, 0).lines.at(0).quantity == 2);
  BOOST_TEST(credit_note(input, 0).lines.at(1).quantity == 3);
  BOOST_TEST(input.stock.size() == 2u);
}

BOOST_AUTO_TEST_CASE(case_63_rows_that_cannot_be_are_refused_one_by_one_with_line_and_reason) {
  BOOST_TEST(refused("1,A,,0,,1,,") == "the quantity is not above zero");
  BOOST_TEST(refused("1,A,,-1,,1,,") == "the quantity is not above zero");
  BOOST_TEST(refused("1,A,,1,,0.00,,") == "the price is not above zero");
  BOOST_TEST(refused("1,A,,1,,-1,,") == "the price is not above zero");
  BOOST_TEST(refused("1, ,,1,,1,,") == "no stock code");
  BOOST_TEST(refused(",A,,1,,1,,") == "no invoice number");
  BOOST_TEST(refused("1,A\x01,,1,,1,,") == "an impossible stock code");
  BOOST_TEST(refused("1," + std::string(201, 'A') + ",,1,,1,,") == "an impossible stock code");
  BOOST_TEST(refused(std::string(201, '1') + ",A,,1,,1,,") == "an impossible invoice number");
  BOOST_TEST(refused("1,A,,1.5,,1,,") == "quantity \"1.5\" is not a whole number");
  BOOST_TEST(refused("1,A,,,,1,,") == "quantity \"\" is not a whole number");
  BOOST_TEST(refused("1,A,,99999999999999999999,,1,,") == "quantity \"99999999999999999999\" is not a whole number");
  BOOST_TEST(refused("1,A,,1000000000001,,1,,") == "the quantity is too large");
  BOOST_TEST(refused("1,A,,1000000000000,,1000,,") == "quantity times price is too large");
  BOOST_TEST(refused("1,A,,1,,1e3,,") == "price \"1e3\" is not an amount");
  BOOST_TEST(refused("1,A,,1,,1,") == "7 columns, expected 8");
  BOOST_TEST(refused("1,A,,1,,1,,,") == "9 columns, expected 8");
  BOOST_TEST(refused("1,A,a \"quote\",1,,1,,") == "a quote inside a field that is not quoted");
  BOOST_TEST(refused("C1,A,,1,,1,,") == "the quantity of a credit note is not below zero");
  BOOST_TEST(refused("C1,A,,-1000000000001,,1,,") == "the quantity is too large");
}

BOOST_AUTO_TEST_CASE(case_103_numbers_as_spreadsheets_export_them_are_numbers) {
  const auto input = read("536365.0,A,,6.0,,+1.5,17850.0,\n536365,A,,+6,,1.50,17850,\n");
  BOOST_TEST(input.refused.empty());
  BOOST_TEST_REQUIRE(input.invoices.size() == 1u);
  BOOST_TEST(input.invoices[0].number == "536365");
  BOOST_TEST(order(input, 0).customer == "17850");
  for (const auto& line : order(input, 0).lines) BOOST_TEST((line.quantity == 6 && line.unit_price_cents == 150));
  BOOST_TEST(refused("1,A,,6.5,,1,,") == "quantity \"6.5\" is not a whole number");
  BOOST_TEST(refused("1,A,,++6,,1,,") == "quantity \"++6\" is not a whole number");
  BOOST_TEST(refused("1,A,,+-6,,1,,") == "quantity \"+-6\" is not a whole number");
}

BOOST_AUTO_TEST_CASE(case_103_the_error_of_another_header_shows_what_was_found) {
  BOOST_TEST(refusal_of("Invoice,Code\n").message().find("found \"Invoice,Code\"") != std::string::npos);
  BOOST_TEST(refusal_of("").message().find("the file is empty") != std::string::npos);
  BOOST_TEST(refusal_of("\"Invoice\n").message().find("not closed") != std::string::npos);
  BOOST_TEST(refusal_of(std::string(100'000, 'x')).message().size() < 1'000u);
}

BOOST_AUTO_TEST_CASE(case_85_an_order_bears_the_date_of_its_invoice) {
  const auto input = read("7,A,,1,01/12/2010 08:26,1,,\n7,B,,1,02/12/2010,1,,\nC8,A,,-1,2010-12-31 23:59:59,1,,\n9,A,,1,,1,,\n");
  BOOST_TEST(input.refused.empty());
  BOOST_TEST(order(input, 0).date == "2010-12-01T08:26");
  BOOST_TEST(credit_note(input, 1).date == "2010-12-31T23:59");
  BOOST_TEST(order(input, 2).date == "");
  BOOST_TEST(refused("1,A,,1,12/31/2010 8:26,1,,") == "date \"12/31/2010 8:26\" is not day/month/year or ISO 8601");
  BOOST_TEST(refused("1,A,,1,yesterday,1,,") == "date \"yesterday\" is not day/month/year or ISO 8601");
}

BOOST_AUTO_TEST_CASE(case_85_dates_may_begin_with_the_month) {
  using enum date_order;
  BOOST_TEST((parse_date("12/1/2010 8:26", month_first) == "2010-12-01T08:26"));
  BOOST_TEST((parse_date("1/12/2010", day_first) == "2010-12-01"));
  BOOST_TEST((parse_date("2012-02-29T00:00", month_first) == "2012-02-29T00:00"));
  for (const auto* text : {"", "31/02/2010", "1/13/2010", "1/1/2010 24:00", "1/1/2010 1:60", "1/1/2010 x", "1/1", "1/1/1/1", "1-1/2010", "12345/1/1"})
    BOOST_TEST(!parse_date(text, day_first), text);
}

BOOST_AUTO_TEST_CASE(case_84_an_invoice_of_too_many_lines_is_refused_line_by_line) {
  std::string rows = "1,good,,1,,1,,\n";
  for (std::size_t i = 0; i <= shop::order::lines_max; ++i) rows += "2,S" + std::to_string(i) + ",,1,,1,,\n";
  rows += "C3,good,,x,,1,,\n";
  const auto input = read(rows);
  BOOST_TEST(input.invoices.size() == 1u);
  BOOST_TEST(input.stock.size() == 1u);
  BOOST_TEST_REQUIRE(input.refused.size() == shop::order::lines_max + 2);
  for (std::size_t i = 0; i < input.refused.size(); ++i) BOOST_TEST_REQUIRE(input.refused[i].line == i + 3);
  BOOST_TEST(input.refused[0].why == "invoice 2 has 4001 lines, at most 4000");
}

BOOST_AUTO_TEST_CASE(an_invoice_whose_every_row_is_refused_is_no_order_and_its_stock_is_none) {
  const auto input = read("7,A,,0,,1,,\n7,A,,1,,0,,\nC8,B,,1,,1,,\n9,C,,1,,1,,\n");
  BOOST_TEST(input.refused.size() == 3u);
  BOOST_TEST_REQUIRE(input.invoices.size() == 1u);
  BOOST_TEST(input.invoices[0].number == "9");
  BOOST_TEST((input.stock == std::map<std::string, std::int64_t>{{"C", 100}}));
}

BOOST_AUTO_TEST_CASE(a_price_that_rounds_to_nothing_is_above_zero_all_the_same) {
  const auto input = read("7,A,,1,,0.001,,\n");
  BOOST_TEST(input.refused.empty());
  BOOST_TEST(order(input, 0).lines[0].unit_price_cents == 0);
}

BOOST_AUTO_TEST_CASE(case_63_a_file_of_another_shape_is_refused_with_its_first_line) {
  for (const std::string text : {"", "a,b\n", "StockCode,Quantity\nA,1\n"}) {
    const auto why = refusal_of(text);
    BOOST_TEST((why.code == errc::undecodable));
    BOOST_TEST(why.reason.ends_with("input.csv:1"));
  }
  BOOST_TEST(read_invoices("/nowhere/at/all.csv", 1).error().message().find("all.csv") != std::string::npos);
  BOOST_TEST((read_invoices(temporary_directory{}.path, 1).error().code == errc::not_found));
}

BOOST_AUTO_TEST_CASE(a_header_with_byte_order_mark_and_carriage_returns_is_known) {
  const temporary_directory d;
  const auto first = header.substr(0, header.size() - 1);
  const auto input = read_invoices(written(d, "\xef\xbb\xbf" + first + "\r\n7,A,,1,,1,,\r\n"), 1).value();
  BOOST_TEST(input.invoices.size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_stock_to_begin_with_comes_from_a_file_of_its_own) {
  const temporary_directory d;
  auto input = read("7,A,,1,,1,,\n");
  const auto file = written(d, "StockCode,Quantity\n B ,5\nb,0\n");
  BOOST_TEST(read_stock(file, input).has_value());
  BOOST_TEST((input.stock == std::map<std::string, std::int64_t>{{"B", 5}, {"b", 0}}));
}

BOOST_AUTO_TEST_CASE(case_63_a_bad_line_of_the_stock_is_named) {
  for (const std::string line : {"A", "A,1,2", "A,-1", "A,x", "A,1.5", ",1", "B,1", "\"A", "\"A\"B,1"}) {
    const temporary_directory d;
    demo_input input;
    const auto ok = read_stock(written(d, "StockCode,Quantity\nB,2\n" + line + "\nC,3\n"), input);
    BOOST_TEST_REQUIRE(!ok.has_value(), line);
    BOOST_TEST((ok.error().code == errc::undecodable));
    BOOST_TEST(ok.error().reason.ends_with("input.csv:3"), ok.error().message());
  }
}

BOOST_AUTO_TEST_CASE(generated_invoices_are_the_same_each_time) {
  const auto one = generate_invoices(300, 10), two = generate_invoices(300, 10);
  BOOST_TEST_REQUIRE(one.invoices.size() == two.invoices.size());
  std::size_t orders = 0;
  for (std::size_t i = 0; i < one.invoices.size(); ++i) {
    BOOST_TEST(one.invoices[i].number == two.invoices[i].number);
    if (one.invoices[i].command.index() != 0) continue;
    ++orders;
    BOOST_TEST(order(one, i).customer == order(two, i).customer);
    BOOST_TEST(order(one, i).lines.size() == order(two, i).lines.size());
    for (const auto& line : order(one, i).lines) BOOST_TEST(one.stock.at(line.sku) == 10);
  }
  BOOST_TEST(orders == 300u);
  BOOST_TEST(one.invoices.size() > orders);  // there are credit notes
}

BOOST_AUTO_TEST_SUITE_END()
