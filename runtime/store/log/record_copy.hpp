// A record that outlives the transaction in which it was read.
#pragma once

#include <annals/record.hpp>

#include <memory>

namespace annals::store {

/// The views of `record` are of `bytes`.
struct record_copy {
  record_view record;
  std::shared_ptr<const char[]> bytes;
};

/// Its texts in one piece of memory.
record_copy copy_of(const record_view& record);

}  // namespace annals::store
