// The commands about parked events. Listing and showing read the store, also one in use; retrying and skipping open it for
// writing, if the event is parked. A retry runs who has parked it, which has to be of the bank or the shop, and nobody else.
// What a subscription has parked is skipped here, and retried by who subscribes.
#pragma once

#include <annals/options.hpp>
#include <annals/receipt.hpp>

#include <filesystem>
#include <string>

namespace tools {

struct parked_options {
  std::string of;  // a projection, the category of a process manager, or subscription/NAME
  annals::position at = 0;
  bool yes = false;
  annals::options runtime = {};  // of retrying and skipping, which create no store
};

/// Each prints and returns the exit status.
int list_parked(const std::filesystem::path& store, bool json);
int show_parked(const std::filesystem::path& store, const parked_options& which, bool json);
int retry_parked(const std::filesystem::path& store, const parked_options& which, bool json);
int skip_parked(const std::filesystem::path& store, const parked_options& which, bool json);

}  // namespace tools
