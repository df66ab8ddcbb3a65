// The one source of chance in a simulation: a seed gives the same run on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

class random_source {
public:
  explicit random_source(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t number() { return engine_(); }
  /// 0 … n - 1.
  std::size_t below(std::size_t n) { return engine_() % n; }
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(most - least + 1));
  }
  bool one_in(std::size_t n) { return below(n) == 0; }
  template <class List>
  auto& one_of(List& list) {
    return list[below(list.size())];
  }

private:
  std::mt19937_64 engine_;
};
