// The commands about parked events. Listing and showing only read the store, which may be in use. Retrying and skipping open it for
// writing, if the event is parked. A retry hosts only the projection or process manager that has parked the event, with the types it
// needs; it has to be one of the bank or the shop. For a subscription, this command can skip; only the program that subscribes can retry. A node that
// is connected to does all of that by itself, with the types that it hosts.
#pragma once

#include "tools/where.hpp"

#include <annals/options.hpp>
#include <annals/receipt.hpp>

#include <string>

namespace tools {

struct parked_options {
  std::string of;  // a projection, the category of a process manager, or subscription/NAME
  annals::position at = 0;
  bool yes = false;
  annals::options runtime = {};  // for retrying and skipping, which create no store
};

/// Each prints and returns the exit status.
int list_parked(const where& place, bool json);
int show_parked(const where& place, const parked_options& which, bool json);
int retry_parked(const where& place, const parked_options& which, bool json);
int skip_parked(const where& place, const parked_options& which, bool json);

}  // namespace tools
