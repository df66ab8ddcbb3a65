// Which account gets the next deposit: the same sequence in every run with this seed.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bench {

/// splitmix64, https://prng.di.unimi.it/splitmix64.c
inline std::size_t which_account(std::uint64_t number, std::uint64_t seed, std::size_t accounts) {
  auto n = (number + seed) * 0x9E3779B97F4A7C15ull;
  n = (n ^ (n >> 30)) * 0xBF58476D1CE4E5B9ull;
  n = (n ^ (n >> 27)) * 0x94D049BB133111EBull;
  return (n ^ (n >> 31)) % accounts;
}

}  // namespace bench
