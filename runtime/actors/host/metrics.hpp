// The families of runtime::metrics(), by part. They read cells only.
#pragma once

#include "actors/base/meters.hpp"
#include "actors/base/tracing.hpp"

#include <annals/metrics.hpp>

#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

namespace annals::detail {

/// What the families need of one follower of the log.
struct shown_follower {
  std::string_view kind;  // projection, process, subscription
  std::string_view name;
  const actors::follower_meters* meters = nullptr;
  const actors::image_meters* image = nullptr;            // null: it has none
  const actors::projection_meters* projection = nullptr;  // null: it is none
  const actors::process_meters* process = nullptr;        // the same
  const actors::subscription_meters* subscription = nullptr;
  std::uint64_t parked_max = 0;
};

/// What the families need of a runtime.
struct shown_runtime {
  const actors::meters* meters = nullptr;
  const actors::tracing* tracing = nullptr;
  position durable = 0;
  position readable = 0;
  bool is_full = false;
  std::uint64_t resident = 0, resident_max = 0, in_flight_max = 0, tail_max = 0;
  std::vector<const actors::shard_meters*> shards;
  std::vector<shown_follower> followers;
};

void add_runtime(metrics& into, const shown_runtime& of);
void add_commands(metrics& into, const shown_runtime& of);
void add_log(metrics& into, const shown_runtime& of);
void add_store(metrics& into, const shown_runtime& of);
void add_aggregates(metrics& into, const shown_runtime& of);
void add_followers(metrics& into, const shown_runtime& of);
void add_parked(metrics& into, const shown_runtime& of);
void add_models(metrics& into, const shown_runtime& of);
void add_processes(metrics& into, const shown_runtime& of);
void add_subscriptions(metrics& into, const shown_runtime& of);
void add_peers(metrics& into, const shown_runtime& of);
void add_traces(metrics& into, const shown_runtime& of);

}  // namespace annals::detail
