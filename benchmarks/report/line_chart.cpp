#include "benchmarks/report/line_chart.hpp"

#include "benchmarks/report/drawing.hpp"
#include "benchmarks/report/x_axis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace bench::report {
namespace {

constexpr double top = 34, bottom = 226;  // of the field
constexpr double text_middle = 4;         // from the middle of a text down to its baseline
constexpr double name_height = 15;

/// Moves places apart that are too close to each other, and keeps them between two ends.
std::vector<double> spread(const std::vector<double>& wanted, double distance, double first, double last) {
  std::vector<std::size_t> order(wanted.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return wanted[a] < wanted[b]; });
  auto places = wanted;
  auto free = first;
  for (const auto i : order) {
    places[i] = std::max(places[i], free);
    free = places[i] + distance;
  }
  free = last;
  for (auto i = order.rbegin(); i != order.rend(); ++i) {
    places[*i] = std::min(places[*i], free);
    free = places[*i] - distance;
  }
  return places;
}

std::vector<double> all_of(const line_chart& chart, double line_point::* which) {
  std::vector<double> values;
  for (const auto& line : chart.lines)
    for (const auto& p : line.points) values.push_back(p.*which);
  return values;
}

class painter {
public:
  explicit painter(const line_chart& chart)
      : chart_(chart),
        x_(chart.x, all_of(chart, &line_point::x)),
        y_(chart.y, all_of(chart, &line_point::y)),
        drawing_(bottom + x_axis_height, chart.title) {
    double ticks = 0, names = text_width(chart.names);
    for (const auto tick : y_.ticks()) ticks = std::max(ticks, text_width(chart.y.text(tick)));
    for (const auto& line : chart.lines) names = std::max(names, text_width(line.name));
    span_ = {ticks + 12, drawing_width - names - 16};
  }

  std::string paint() {
    paint_y();
    draw_x_axis(drawing_, chart_.x, x_, span_, bottom);
    for (std::size_t i = 0; i < chart_.lines.size(); ++i) paint_line(i);
    paint_names();
    return drawing_.svg();
  }

private:
  double at_x(double x) const { return span_.at(x_, x); }
  double at_y(double y) const { return bottom - y_.at(y) * (bottom - top); }

  void paint_y() {
    drawing_.text(0, 14, anchor::start, "title", chart_.y.title);
    for (const auto tick : y_.ticks()) {
      drawing_.line(span_.left, at_y(tick), span_.right, at_y(tick), "grid");
      drawing_.text(span_.left - 8, at_y(tick) + text_middle, anchor::end, "tick", chart_.y.text(tick));
    }
  }

  void paint_line(std::size_t i) {
    constexpr std::size_t many = 30;
    const auto& line = chart_.lines[i];
    std::vector<std::pair<double, double>> through;
    for (const auto& p : line.points) through.emplace_back(at_x(p.x), at_y(p.y));
    drawing_.path(through, "line " + colour(i));
    for (const auto& p : line.points)
      drawing_.point(at_x(p.x), at_y(p.y), line.points.size() > many ? 1.5 : 3, (line.points.size() > many ? "point small " : "point ") + colour(i),
                     fmt::format("{}{}{}, {} {}: {} ({})", line.name, chart_.names.empty() ? "" : " ", chart_.names, chart_.x.text(p.x),
                                 chart_.x.title, chart_.y.text(p.y), chart_.y.title));
  }

  void paint_names() {
    std::vector<double> wanted;
    for (const auto& line : chart_.lines) wanted.push_back(at_y(line.points.back().y));
    const auto places = spread(wanted, name_height, top, bottom);
    for (std::size_t i = 0; i < places.size(); ++i) {
      const auto end = at_x(chart_.lines[i].points.back().x);
      if (std::abs(places[i] - wanted[i]) > 2) drawing_.line(end + 4, wanted[i], span_.right + 10, places[i], "leader " + colour(i));
      drawing_.text(span_.right + 12, places[i] + text_middle, anchor::start, "name " + colour(i), chart_.lines[i].name);
    }
    drawing_.text(span_.right + 12, 14, anchor::start, "title", chart_.names);
  }

  const line_chart& chart_;
  scale x_;
  scale y_;
  drawing drawing_;
  x_span span_;
};

}  // namespace

std::string svg(const line_chart& chart) { return painter{chart}.paint(); }

}  // namespace bench::report
