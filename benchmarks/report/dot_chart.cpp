#include "benchmarks/report/dot_chart.hpp"

#include "benchmarks/report/drawing.hpp"
#include "benchmarks/report/x_axis.hpp"

#include <algorithm>

namespace bench::report {
namespace {

constexpr double side = 8;
constexpr double text_height = 16, row_gap = 12;

double values_width(const dot_row& row) {
  double all = text_width(row.note);
  for (const auto& d : row.dots) all += text_width(d.text) + 10;
  return all;
}

/// The values get a line of their own if they do not fit beside the names.
int lines_of(const dot_chart& chart) {
  const auto fits = [](const dot_row& row) { return text_width(row.name) + 10 + values_width(row) <= drawing_width; };
  return std::all_of(chart.rows.begin(), chart.rows.end(), fits) ? 1 : 2;
}

void draw_words(drawing& to, const dot_row& row, double y, int lines) {
  to.text(0, y, anchor::start, "row", row.name);
  std::vector<drawing::words> values;
  for (const auto& d : row.dots) values.push_back({"name " + colour(d.colour), d.text});
  if (!row.note.empty()) values.push_back({"tick", row.note});
  to.text(drawing_width, y + (lines - 1) * text_height, anchor::end, values);
}

}  // namespace

std::string svg(const dot_chart& chart) {
  std::vector<double> values;
  for (const auto& row : chart.rows)
    for (const auto& d : row.dots) values.push_back(d.value);
  const auto lines = lines_of(chart);
  const auto row_height = lines * text_height + 10 + row_gap;
  const auto bottom = row_height * static_cast<double>(chart.rows.size()) + 4;
  const scale x{chart.x, values};
  const x_span span{side, drawing_width - side};
  drawing to{bottom + x_axis_height, chart.title};
  for (const auto tick : x.ticks()) to.line(span.at(x, tick), 0, span.at(x, tick), bottom, "grid");
  double y = 0;
  for (const auto& row : chart.rows) {
    draw_words(to, row, y + 12, lines);
    y += row_height;
    to.line(side, y - row_gap, drawing_width - side, y - row_gap, "grid");
    for (const auto& d : row.dots) to.point(span.at(x, d.value), y - row_gap, 4, "point " + colour(d.colour), row.name + ": " + d.text);
  }
  draw_x_axis(to, chart.x, x, span, bottom);
  return to.svg();
}

}  // namespace bench::report
