// Short names for what tests compare.
#pragma once

#include <annals/record.hpp>
#include <annals/result.hpp>

#include <vector>

inline constexpr annals::timestamp hour = 3'600'000'000;  // in microseconds

using positions = std::vector<annals::position>;

/// The code of success.
inline constexpr annals::errc fine{0};

template <class T>
annals::errc code_of(const annals::result<T>& r) {
  return r ? fine : r.error().code;
}
