// What the overview shows of runtime::metrics().
#pragma once

#include "ops/json.hpp"

#include <annals/metrics.hpp>

#include <string_view>

namespace annals::ops {

/// The value of a counter or gauge; null if there is none.
json number_of(const metrics& in, std::string_view family, std::initializer_list<std::string_view> labels = {});
/// Answers by outcome, of all categories.
json commands_json(const metrics& in);
/// How many commands took how long, of all categories: bounds, one count more than bounds, and the sum. The bounds are always the same.
json latency_json(const metrics& in);
/// The events that this follower has applied, passed over or parked.
json events_of(const metrics& in, std::string_view kind, std::string_view name);
/// The 99th percentile of the duration of its batches; null if it had none.
json batch_p99_of(const metrics& in, std::string_view kind, std::string_view name);
json queries_of(const metrics& in, std::string_view projection);

}  // namespace annals::ops
