// Where a value lies on an axis, and which values the axis names.
#pragma once

#include <string>
#include <vector>

namespace bench::report {

struct axis {
  std::string title;
  std::string (*text)(double);    // of a tick
  bool linear = false;            // even if the values span decades
  bool named_values = false;      // the ticks are the values themselves, from the lowest to the highest
  std::vector<double> also = {};  // values that have to fit as well, when charts share a scale
};

/// Logarithmic if the highest value is more than 15 times the lowest one above zero; otherwise linear from zero.
class scale {
public:
  scale(const axis& a, std::vector<double> values);
  /// 0 at the lower end, 1 at the upper end.
  double at(double value) const;
  const std::vector<double>& ticks() const { return ticks_; }
  bool is_log() const { return log_; }
  double low() const { return low_; }
  double high() const { return high_; }

private:
  void fit_decades(double least, double greatest);
  void fit_linear(double greatest);

  bool log_ = false;
  double low_ = 0;
  double high_ = 1;
  std::vector<double> ticks_;
};

/// 1,000
std::string count_text(double n);
/// 1 core, 2 cores
std::string counted(double n, const char* what);
/// 250 µs, 2.5 ms, 1.2 s
std::string duration_text(double us);
/// 512 kB, 1.5 MB: decimal units
std::string bytes_text(double bytes);

}  // namespace bench::report
