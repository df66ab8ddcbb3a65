// A record that outlives the transaction in which it was read.
#pragma once

#include <annals/record.hpp>

#include <memory>

namespace annals::store {

/// The views in `record` refer to `bytes`.
struct record_copy {
  record_view record;
  std::shared_ptr<const char[]> bytes;
};

/// Copies all its texts into one piece of memory.
record_copy copy_of(const record_view& record);

}  // namespace annals::store
