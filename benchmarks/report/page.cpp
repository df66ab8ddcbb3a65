#include "benchmarks/report/page.hpp"

#include "benchmarks/report/drawing.hpp"
#include "benchmarks/report/style.hpp"

#include <algorithm>
#include <cctype>

namespace bench::report {
namespace {

bool is_number(const std::string& cell) {
  return std::all_of(cell.begin(), cell.end(), [](unsigned char c) { return std::isdigit(c) || c == ',' || c == '.' || c == '-'; });
}

/// The classes of a column's cells: numbers are aligned at their last digit, words at their first letter.
std::string classes_of(const table& t, std::size_t column) {
  constexpr std::size_t long_from = 60;
  std::string classes;
  for (const auto& row : t.rows) {
    if (!is_number(row[column]) && classes.empty()) classes = "words";
    if (row[column].size() > long_from) classes = "words long";
  }
  return classes;
}

std::string cells(const char* tag, const std::vector<std::string>& row, const std::vector<std::string>& classes) {
  std::string out = "<tr>";
  for (std::size_t i = 0; i < row.size(); ++i)
    out += std::string{"<"} + tag + (classes[i].empty() ? "" : " class=\"" + classes[i] + "\"") + ">" + escaped(row[i]) + "</" + tag + ">";
  return out + "</tr>\n";
}

std::string html(const table& t) {
  std::vector<std::string> classes;
  for (std::size_t i = 0; i < t.head.size(); ++i) classes.push_back(classes_of(t, i));
  std::string out = "<div class=\"scroll\"><table>";
  if (!t.title.empty()) out += "<caption>" + escaped(t.title) + "</caption>";
  out += "<thead>\n" + cells("th", t.head, classes) + "</thead><tbody>\n";
  for (const auto& row : t.rows) out += cells("td", row, classes);
  return out + "</tbody></table></div>\n";
}

std::string html(const source& s) {
  std::string out = "<div class=\"source\"><p><code>";
  for (std::size_t i = 0; i < s.command.size(); ++i) out += (i == 0 ? "<span>" : " <span>") + escaped(s.command[i]) + "</span>";
  out += "</code></p>\n";
  for (const auto& machine : s.machines) out += "<p>" + escaped(machine) + "</p>\n";
  if (!s.syncs.empty()) out += "<p>" + escaped(s.syncs) + "</p>\n";
  return out + "</div>\n";
}

std::string html(const section& s) {
  auto out = "<section>\n<h2>" + escaped(s.heading) + "</h2>\n";
  if (!s.text.empty()) out += "<p>" + escaped(s.text) + "</p>\n";
  if (!s.figures.empty()) {
    out += "<div class=\"figures\">\n";
    for (const auto& f : s.figures) out += "<figure><h3>" + escaped(f.title) + "</h3>\n" + f.svg + "</figure>\n";
    out += "</div>\n";
  }
  for (const auto& t : s.tables) out += html(t);
  for (const auto& one : s.sources) out += html(one);
  return out + "</section>\n";
}

}  // namespace

std::string page(const std::string& title, const std::vector<std::string>& lead, const std::vector<section>& sections) {
  auto out =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>" +
      escaped(title) + "</title>\n<style>" + style + "</style>\n</head>\n<body>\n<main>\n<h1>" + escaped(title) + "</h1>\n";
  for (const auto& paragraph : lead) out += "<p>" + escaped(paragraph) + "</p>\n";
  for (const auto& s : sections) out += html(s);
  return out + "</main>\n</body>\n</html>\n";
}

}  // namespace bench::report
