// Opens a store that a benchmark closes and opens again, or measures to its end: closing waits until everything is written, however
// much that is.
#pragma once

#include "benchmarks/must.hpp"

#include <annals/runtime.hpp>

#include <chrono>
#include <filesystem>

namespace bench {

inline annals::runtime open(const std::filesystem::path& store) {
  annals::options with;
  with.close_deadline = std::chrono::hours{1};
  return must(annals::runtime::open(store, std::move(with)));
}

}  // namespace bench
