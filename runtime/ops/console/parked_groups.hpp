// Parked events, grouped by owner and error.
#pragma once

#include "ops/console/site.hpp"

#include <annals/parked.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace annals::ops {

struct parked_group {
  std::string id;  // the same as long as owner and error are
  std::string of;  // as runtime::retry_parked() takes it
  std::string error;
  std::vector<parked_event> events;  // by position; those that wait for another are with that one
  std::uint64_t waiting = 0;
  std::uint32_t attempts = 0;  // most of one
  timestamp oldest = 0;
  timestamp newest = 0;
};

/// The position of the parked event that this one waits for; nothing if it was tried.
std::optional<position> waits_for(const parked_event& one);

/// The largest first.
result<std::vector<parked_group>> groups_of_parked(const view& of);

/// "projection", "process" or "subscription".
const char* kind_of_owner(const view& of, std::string_view owner);

}  // namespace annals::ops
