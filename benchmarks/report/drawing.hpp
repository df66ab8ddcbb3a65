// An SVG drawing, built shape by shape. The page's style sheet says how a class looks.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bench::report {

/// The width of every drawing: so narrow that a phone shows the text in its full size.
constexpr double drawing_width = 400;

/// Escapes text between tags, and in attributes with double quotes.
std::string escaped(std::string_view text);

/// The approximate width of this text in a chart.
double text_width(std::string_view text);

enum class anchor { start, middle, end };

class drawing {
public:
  /// `says` is the text for screen readers.
  drawing(double height, std::string_view says);
  void line(double x1, double y1, double x2, double y2, std::string_view classes);
  void path(const std::vector<std::pair<double, double>>& through, std::string_view classes);
  /// A measured value. `says` is shown while the pointer is on it.
  void point(double x, double y, double radius, std::string_view classes, std::string_view says);
  void text(double x, double y, anchor at, std::string_view classes, std::string_view content);
  struct words {
    std::string classes;
    std::string content;
  };
  /// One after the other, with some space between them.
  void text(double x, double y, anchor at, const std::vector<words>& all);
  std::string svg() const { return body_ + "</svg>\n"; }

private:
  std::string body_;
};

/// The class of the n-th colour.
std::string colour(std::size_t n);

}  // namespace bench::report
