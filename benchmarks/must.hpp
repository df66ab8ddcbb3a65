// A benchmark has no caller to report an error to: it ends the process.
#pragma once

#include <annals/result.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

namespace bench {

[[noreturn]] inline void fail(const std::string& why) {
  std::fprintf(stderr, "annals-bench: %s\n", why.c_str());
  std::exit(1);
}

template <class T>
T must(annals::result<T> r) {
  if (!r) fail(r.error().message());
  if constexpr (!std::is_void_v<T>) return std::move(*r);
}

}  // namespace bench
