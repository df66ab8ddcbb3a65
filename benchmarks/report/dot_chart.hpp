// Compares things, one in each row: dots on one axis, and the values as text above them.
#pragma once

#include "benchmarks/report/scale.hpp"

#include <string>
#include <vector>

namespace bench::report {

struct dot {
  double value = 0;
  std::string text;  // the value, with its name
  std::size_t colour = 0;
};

struct dot_row {
  std::string name;
  std::vector<dot> dots;
  std::string note = {};  // after the values, as text only
};

struct dot_chart {
  std::string title;
  axis x;
  std::vector<dot_row> rows;
};

std::string svg(const dot_chart& chart);

}  // namespace bench::report
