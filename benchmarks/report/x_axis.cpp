#include "benchmarks/report/x_axis.hpp"

#include <algorithm>
#include <cmath>

namespace bench::report {
namespace {

struct tick_name {
  double middle = 0;
  std::string text;
};

bool fit(const tick_name& a, const tick_name& b) {
  constexpr double gap = 6;
  return b.middle - a.middle >= (text_width(a.text) + text_width(b.text)) / 2 + gap;
}

std::vector<tick_name> names_of(const axis& a, const scale& s, const x_span& span, bool only_tens) {
  std::vector<tick_name> names;
  for (const auto tick : s.ticks()) {
    const auto decade = tick > 0 ? std::log10(tick) : 0;
    if (only_tens && std::abs(decade - std::round(decade)) > 1e-6) continue;
    const auto half = text_width(a.text(tick)) / 2;
    names.push_back({std::clamp(span.at(s, tick), half, drawing_width - half), a.text(tick)});
  }
  return names;
}

bool all_fit(const std::vector<tick_name>& names) {
  return std::adjacent_find(names.begin(), names.end(), [](const auto& a, const auto& b) { return !fit(a, b); }) == names.end();
}

}  // namespace

void draw_x_axis(drawing& to, const axis& a, const scale& s, const x_span& span, double y) {
  to.line(span.at(s, s.low()), y, span.at(s, s.high()), y, "axis");
  for (const auto tick : s.ticks()) to.line(span.at(s, tick), y, span.at(s, tick), y + 4, "axis");
  auto names = names_of(a, s, span, false);
  if (!all_fit(names) && s.is_log() && !a.named_values) names = names_of(a, s, span, true);
  const tick_name* last = nullptr;
  for (const auto& name : names) {
    if (last && !fit(*last, name)) continue;
    to.text(name.middle, y + 18, anchor::middle, "tick", name.text);
    last = &name;
  }
  to.text((span.left + span.right) / 2, y + 37, anchor::middle, "title", a.title);
}

}  // namespace bench::report
