// A rate from the first to the last of many, so that starting and connecting do not count.
#pragma once

#include <chrono>
#include <cstddef>

namespace bench {

class rate_of {
public:
  /// So many in all by now.
  void seen(std::size_t count) {
    ended_ = steady::now();
    last_ = count;
    if (first_ != 0 || count == 0) return;
    first_ = count;
    began_ = ended_;
  }
  double per_second() const {
    const auto took = std::chrono::duration<double>(ended_ - began_).count();
    return took > 0 ? static_cast<double>(last_ - first_) / took : 0;
  }

private:
  using steady = std::chrono::steady_clock;
  std::size_t first_ = 0;
  std::size_t last_ = 0;
  steady::time_point began_{};
  steady::time_point ended_{};
};

}  // namespace bench
