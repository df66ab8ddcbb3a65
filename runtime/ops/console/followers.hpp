// Who follows the log, and how far each one is.
#pragma once

#include "ops/console/figures.hpp"
#include "ops/console/parked_groups.hpp"
#include "ops/console/site.hpp"

#include <annals/metrics.hpp>

#include <memory>
#include <optional>
#include <vector>

namespace annals::ops {

/// What is known at the moment of one answer.
struct present {
  token head;
  std::optional<timestamp> head_time;
  std::optional<health> now;             // inside
  std::optional<metrics> measured;       // the same
  store_stats stats;                     // without what has to be counted
  std::shared_ptr<const figures> known;  // what was counted; null: not yet
  std::vector<parked_group> parked;
};

result<present> look_around(const call& c);

json followers_json(const call& c, const present& at);

}  // namespace annals::ops
