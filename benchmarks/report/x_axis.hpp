// The axis below a drawing: its ticks, as many of their names as fit, and its title.
#pragma once

#include "benchmarks/report/drawing.hpp"
#include "benchmarks/report/scale.hpp"

namespace bench::report {

struct x_span {
  double left = 0;
  double right = 0;
  double at(const scale& s, double value) const { return left + s.at(value) * (right - left); }
};

/// The largest height below the line.
constexpr double x_axis_height = 44;

void draw_x_axis(drawing& to, const axis& a, const scale& s, const x_span& span, double y);

}  // namespace bench::report
