// An SVG as it is drawn, a shape at a time. How a class looks is said in the page's style sheet.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bench::report {

/// Of every drawing: narrow enough for a phone to show the text in its size.
constexpr double drawing_width = 400;

/// For text between tags, and in attributes with double quotes.
std::string escaped(std::string_view text);

/// About how wide such a text is in a chart.
double text_width(std::string_view text);

enum class anchor { start, middle, end };

class drawing {
public:
  /// `says` is what a screen reader says of it.
  drawing(double height, std::string_view says);
  void line(double x1, double y1, double x2, double y2, std::string_view classes);
  void path(const std::vector<std::pair<double, double>>& through, std::string_view classes);
  /// A measured value; `says` shows when the pointer is on it.
  void point(double x, double y, double radius, std::string_view classes, std::string_view says);
  void text(double x, double y, anchor at, std::string_view classes, std::string_view content);
  struct words {
    std::string classes;
    std::string content;
  };
  /// Behind each other, with some space between.
  void text(double x, double y, anchor at, const std::vector<words>& all);
  std::string svg() const { return body_ + "</svg>\n"; }

private:
  std::string body_;
};

/// The class of the n-th colour.
std::string colour(std::size_t n);

}  // namespace bench::report
