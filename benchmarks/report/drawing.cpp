#include "benchmarks/report/drawing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace bench::report {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t' ? ' ' : c;  // XML allows no other control characters
    }
  return out;
}

double text_width(std::string_view text) {
  constexpr double of_a_character = 7;
  const auto starts_one = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  return of_a_character * static_cast<double>(std::count_if(text.begin(), text.end(), starts_one));
}

drawing::drawing(double height, std::string_view says)
    : body_{fmt::format("<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"{}\">\n", drawing_width, height, escaped(says))} {}

void drawing::line(double x1, double y1, double x2, double y2, std::string_view classes) {
  fmt::format_to(std::back_inserter(body_), "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" class=\"{}\"/>\n", x1, y1, x2, y2,
                 classes);
}

void drawing::path(const std::vector<std::pair<double, double>>& through, std::string_view classes) {
  std::string points;
  for (const auto& [x, y] : through) fmt::format_to(std::back_inserter(points), "{}{:.1f},{:.1f}", points.empty() ? "" : " ", x, y);
  fmt::format_to(std::back_inserter(body_), "<polyline points=\"{}\" class=\"{}\"/>\n", points, classes);
}

void drawing::point(double x, double y, double radius, std::string_view classes, std::string_view says) {
  fmt::format_to(std::back_inserter(body_), "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\" class=\"{}\"><title>{}</title></circle>\n", x, y, radius,
                 classes, escaped(says));
}

void drawing::text(double x, double y, anchor at, std::string_view classes, std::string_view content) {
  text(x, y, at, {{std::string{classes}, std::string{content}}});
}

void drawing::text(double x, double y, anchor at, const std::vector<words>& all) {
  const auto* side = at == anchor::start ? "start" : at == anchor::middle ? "middle" : "end";
  fmt::format_to(std::back_inserter(body_), "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">", x, y, side);
  for (std::size_t i = 0; i < all.size(); ++i)
    fmt::format_to(std::back_inserter(body_), "<tspan class=\"{}\"{}>{}</tspan>", all[i].classes, i == 0 ? "" : " dx=\"10\"",
                   escaped(all[i].content));
  body_ += "</text>\n";
}

std::string colour(std::size_t n) { return "c" + std::to_string(n % 6); }

}  // namespace bench::report
