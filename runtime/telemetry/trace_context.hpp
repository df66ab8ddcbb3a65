// Random ids of traces and spans, and the decision whether to sample.
#pragma once

#include <annals/trace.hpp>

#include <cstdint>
#include <optional>

namespace annals::telemetry {

/// Thread-safe, unless it has a seed.
class id_source {
public:
  /// With a seed the same numbers come again: for simulation, where one thread runs everything. Without one each thread has numbers of its
  /// own, seeded by the system.
  explicit id_source(std::optional<std::uint64_t> seed = std::nullopt);

  std::uint64_t number();
  /// A new trace, or a new span in the trace of `parent`; sampled.
  trace_context root();
  trace_context child_of(const trace_context& parent);

private:
  void make_span_id(trace_context& of);

  bool has_seed_;
  std::uint64_t state_;
};

/// Whether to sample, decided by a random number.
class ratio_sampler {
public:
  /// 0: never; 1: always.
  explicit ratio_sampler(double ratio = 0);
  bool may_sample() const { return below_ != 0; }
  bool samples(std::uint64_t random) const { return random <= below_ && may_sample(); }

private:
  std::uint64_t below_;
};

}  // namespace annals::telemetry
