// A benchmark has nobody to report an error to.
#pragma once

#include <annals/result.hpp>

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace bench {

template <class T>
T must(annals::result<T> r) {
  if (!r) {
    std::fprintf(stderr, "annals-bench: %s\n", r.error().message().c_str());
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*r);
}

}  // namespace bench
