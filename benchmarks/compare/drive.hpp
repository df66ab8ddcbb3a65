// The same deposits for every engine, as a closed loop of callers that send again as soon as they are answered.
#pragma once

#include "benchmarks/compare/engine.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace bench::compare {

/// Of stream name, version, type, position and payload together.
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
  std::uint64_t events = 0;  // that the engine has of these commands
  double commands_per_second = 0;
  double p50_us = 0;  // from when it was queued until its durable answer
  double p99_us = 0;
};

/// Throws when the engine has not as many events in the end as it has answered commands.
measured drive(engine& one, const work& with);

}  // namespace bench::compare
