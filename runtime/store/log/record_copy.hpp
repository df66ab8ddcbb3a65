// A record that outlives the transaction in which it was read.
#pragma once

#include <annals/record.hpp>

#include <cstddef>
#include <memory>

namespace annals::store {

/// The views in `record` refer to `bytes`.
struct record_copy {
  record_view record;
  std::shared_ptr<const char[]> bytes;
};

/// Copies all its texts into one piece of memory.
record_copy copy_of(const record_view& record);

/// Copies records one after the other. Small ones share pieces of memory of at most 32 KiB. A piece lives as long as one of its copies.
class record_copier {
public:
  record_copy copy(const record_view& record);

private:
  std::shared_ptr<char[]> bytes_;  // a piece, used up to `used_`
  std::size_t size_ = 0;
  std::size_t used_ = 0;
};

}  // namespace annals::store
