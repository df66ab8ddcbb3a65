#include "benchmarks/report/scale.hpp"

#include "benchmarks/numbers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace bench::report {
namespace {

constexpr double log_from_ratio = 15;  // between the lowest value and the highest

/// 1, 2 or 5 times a power of ten.
double round_step(double x, bool up) {
  const auto decade = std::pow(10, std::floor(std::log10(x)));
  constexpr std::array<double, 4> steps{1, 2, 5, 10};
  constexpr double slack = 1e-9;
  if (up) return decade * *std::find_if(steps.begin(), steps.end(), [&](double s) { return s * decade >= x * (1 - slack); });
  return decade * *std::find_if(steps.rbegin(), steps.rend(), [&](double s) { return s * decade <= x * (1 + slack); });
}

/// Three digits, without zeros at the end.
std::string short_text(double n) { return n >= 100 || n == std::round(n) ? grouped(std::llround(n)) : fmt::format("{:.3g}", n); }

}  // namespace

scale::scale(const axis& a, std::vector<double> values) {
  values.insert(values.end(), a.also.begin(), a.also.end());
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  const auto least = std::upper_bound(values.begin(), values.end(), 0.0);  // a logarithmic scale has no place for zero
  if (least == values.end()) {
    ticks_ = {0, 1};
    return;
  }
  const auto greatest = values.back();
  log_ = !a.linear && greatest / *least > log_from_ratio;
  if (a.named_values) {
    low_ = log_ ? *least : 0;
    high_ = greatest;
    ticks_.assign(least, values.end());
  } else if (log_) {
    fit_decades(*least, greatest);
  } else {
    fit_linear(greatest);
  }
}

void scale::fit_decades(double least, double greatest) {
  low_ = round_step(least, false);
  high_ = round_step(greatest, true);
  constexpr double decades_with_steps = 3.1;
  const bool only_tens = std::log10(high_ / low_) > decades_with_steps;
  for (auto decade = std::pow(10, std::floor(std::log10(low_))); decade <= high_ * 1.001; decade *= 10)
    for (const auto step : {1, 2, 5})
      if (const auto tick = decade * step; tick >= low_ * 0.999 && tick <= high_ * 1.001 && (step == 1 || !only_tens)) ticks_.push_back(tick);
}

void scale::fit_linear(double greatest) {
  constexpr double about = 5;
  const auto step = round_step(greatest / about, true);
  const auto steps = std::ceil(greatest / step - 1e-9);
  high_ = step * steps;
  for (double i = 0; i <= steps; ++i) ticks_.push_back(i * step);
}

double scale::at(double value) const {
  const auto place = log_ ? std::log(std::max(value, low_) / low_) / std::log(high_ / low_) : (value - low_) / (high_ - low_);
  return std::clamp(place, 0.0, 1.0);
}

std::string count_text(double n) { return short_text(n); }

std::string counted(double n, const char* what) { return count_text(n) + " " + what + (n == 1 ? "" : "s"); }

std::string duration_text(double us) {
  if (us == 0) return "0";
  if (us < 999.5) return short_text(us) + " µs";
  if (us < 999'500) return short_text(us / 1e3) + " ms";
  return short_text(us / 1e6) + " s";
}

std::string bytes_text(double bytes) {
  if (bytes < 1e3) return short_text(bytes) + (bytes == 0 ? "" : " B");
  if (bytes < 1e6) return short_text(bytes / 1e3) + " kB";
  if (bytes < 1e9) return short_text(bytes / 1e6) + " MB";
  return short_text(bytes / 1e9) + " GB";
}

}  // namespace bench::report
