// The newest part of the stream index while it grows: the positions of each stream's versions. It is made for adding one
// record at a time to one of very many streams, so everything lies in a few large pieces of memory. Belongs to one thread.
#pragma once

#include "store/derived/stream_index.hpp"
#include "store/read/stream_table.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

namespace annals::store {

/// A part of the tail on its way to the index. Immutable; the code that flushes it and the readers share it. Must not move:
/// the runs refer to its names and positions.
struct tail_segment {
  std::vector<stream_run> runs;  ///< sorted by stream
  derived_mark mark;             ///< valid once all of it is in the index
  std::size_t records = 0;
  std::string names;
  std::vector<position> positions;

  const stream_run* find(std::string_view stream) const;
};

class open_tail {
  struct block;

public:
  /// Positions of consecutive versions of one stream.
  struct run {
    std::uint64_t hash;
    std::string_view stream;
    version first;
    std::size_t count;
    block* oldest;
    block* newest;

    std::size_t size() const { return count; }
    /// Appends the positions of `many` versions, from `first + skip` on.
    void copy(std::size_t skip, std::size_t many, std::vector<position>& out) const;
  };

  /// Null if the stream has nothing here. The pointer is valid until close().
  run* find(std::uint64_t hash, std::string_view stream) const { return table_.find(hash, stream); }
  /// Adds a stream's first version here; copies the name.
  void begin(std::uint64_t hash, std::string_view stream, version first, position at);
  /// Adds the stream's next version.
  void add(run& to, position at);

  std::size_t records() const { return records_; }
  /// Hands out all of it; the tail is empty afterwards.
  std::shared_ptr<tail_segment> close(derived_mark mark);

  // For a caller that knows some time ahead what it will add. Call them in this order; the last one returns the run.
  void prefetch_slot(std::uint64_t hash) const { table_.prefetch_slot(hash); }
  void prefetch_run(std::uint64_t hash) const { table_.prefetch_thing(hash); }
  run* prefetch_end(std::uint64_t hash, std::string_view stream) const;

private:
  std::pmr::monotonic_buffer_resource memory_;  // runs, names and blocks
  std::vector<run*> runs_;
  stream_table<run> table_;
  std::size_t records_ = 0;
};

}  // namespace annals::store
