// Measures elapsed time.
#pragma once

#include <chrono>

namespace bench {

class stopwatch {
public:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count(); }
  double ms() const { return 1e3 * seconds(); }
  double us() const { return 1e6 * seconds(); }

private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace bench
