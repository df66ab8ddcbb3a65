// JSON of instances of process managers.
#pragma once

#include "ops/console/site.hpp"

#include <annals/instances.hpp>

namespace annals::ops {

/// The word of the pages for a state: stuck, parked, open, timer, idle.
const char* word_of(instance_state state);
/// 0 if it is not known.
std::uint64_t count_of(const instance_counts& all, instance_state state);
/// All of them together.
std::uint64_t total_of(const instance_counts& all);
json counts_json(const instance_counts& all);
/// What lists and the page of one instance have in common.
json instance_json(const process_instance_info& one);

}  // namespace annals::ops
