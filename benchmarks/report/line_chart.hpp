// Measured values over a parameter or over time: one line for each series, with its name at its end.
#pragma once

#include "benchmarks/report/scale.hpp"

#include <string>
#include <vector>

namespace bench::report {

struct line_point {
  double x = 0;
  double y = 0;
};

struct line {
  std::string name;
  std::vector<line_point> points;  // in the order of x
};

struct line_chart {
  std::string title;
  axis x;
  axis y;
  std::string names;  // what the names of the lines mean
  std::vector<line> lines;
};

std::string svg(const line_chart& chart);

}  // namespace bench::report
