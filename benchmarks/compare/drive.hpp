// The same deposits for every engine, in a closed loop: each caller sends again as soon as it has its answer.
#pragma once

#include "benchmarks/compare/engine.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace bench::compare {

/// The size of stream name, version, type, position and payload together.
inline constexpr std::size_t record_bytes = 200;

struct work {
  std::size_t aggregates = 1'000;
  std::size_t in_flight = 1;
  double seconds = 3;
  double warm_up_seconds = 1;
  std::uint64_t seed = 1;
  std::filesystem::path directory;  // of this measurement alone
};

struct measured {
  std::string version;  // of the engine
  std::uint64_t commands = 0;
  std::uint64_t events = 0;  // that the engine has stored for these commands
  double commands_per_second = 0;
  double p50_us = 0;  // from queueing to the durable answer
  double p99_us = 0;
};

/// Throws if the engine's final number of events differs from the number of commands that it has answered.
measured drive(engine& one, const work& with);

}  // namespace bench::compare
