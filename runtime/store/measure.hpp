// Sizes of an open store, and how much room it has left.
#pragma once

#include "store/lmdb/usage.hpp"
#include "store/open_store.hpp"

#include <cstdint>

namespace annals::store {

struct measured {
  environment_usage log, derived;
  std::uint64_t log_disk_free = 0, derived_disk_free = 0;  // bytes that an ordinary user may still write; 0 if unknown
  std::uint64_t log_bytes = 0, front_bytes = 0, derived_bytes = 0, image_bytes = 0;
};

/// May wait for the disk.
measured measure(const opened& store);

}  // namespace annals::store
