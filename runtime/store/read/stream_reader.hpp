// Reads one stream: from the tail in memory, the index, and the records in the log. Thread-safe: the loader uses it, and so
// does every host thread that wants a stream up to date.
#pragma once

#include "store/derived/stream_index.hpp"
#include "store/log/log.hpp"
#include "store/read/index_tail.hpp"

#include <array>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace annals::store {

class stream_reader {
public:
  /// Both outlive the reader. The tail starts after the index's mark.
  stream_reader(const log& source, const stream_index& index);

  /// Takes at most `records_max` durable records into the tail. Returns true if the tail has reached the durable head at the time of the call.
  result<bool> catch_up(std::size_t records_max);

  /// Visits the stream's records from version `from` on, at most `records_max`, as far as the tail knows the log. A gap in
  /// the versions is corrupt_record; an error that only the index can have caused is store_failed. Returns the next version to ask for.
  result<version> read(std::string_view stream, version from, std::size_t records_max, const record_visitor& visit) const;
  /// Visits all of them, in parts, at most `records_max`.
  result<void> read_on(std::string_view stream, version from, std::size_t records_max, const record_visitor& visit) const;

  /// The newest version of the stream that the tail or the index knows; 0 if there is none.
  result<version> last_version(std::string_view stream) const;

  /// The number of records that only the tail has, including the segments handed out and not flushed yet.
  std::size_t tail_records() const;
  /// The number of these that are not in a segment yet.
  std::size_t open_records() const;
  /// The last position that the tail knows.
  position known() const;

  /// Closes the open part of the tail and hands it out for flushing; null if it is empty. Readers keep using it until
  /// flushed() says that the index has it. Segments are handed out and flushed in order. A segment may hold records that are
  /// durable but not readable yet, and derived state is never ahead of what is readable: wait for that before flushing.
  std::shared_ptr<const tail_segment> take_segment();
  void flushed(const tail_segment& segment);

private:
  /// A record that was read, on its way into the tail. Meanwhile the memory it needs there is prefetched.
  struct coming {
    std::string stream;
    std::uint64_t hash = 0;
    annals::version version = 0;
    position at = 0;
    std::uint64_t checksum = 0;
    open_tail::run* run = nullptr;  // the run it belongs to; null: not known yet
  };

  // Called with the lock held:
  result<void> take(const record_view& record);
  result<void> take_rest();
  result<void> add(const coming& one);
  coming& nth(std::uint64_t n) { return coming_[n % coming_.size()]; }
  /// Calls `with(first version, how many, run)` for the runs of the stream in the tail, oldest first.
  template <class With>
  void for_each_run(std::string_view stream, With&& with) const;
  struct found {
    std::vector<position> positions;
    std::size_t indexed = 0;  // how many of them come from the index; they are the first
  };
  result<found> find(std::string_view stream, version from, std::size_t max) const;
  result<std::vector<position>> find_in_tail(std::string_view stream, version from, version end, version& tail_from) const;

  mutable std::mutex mutex_;  // guards everything below
  const log* log_;
  const stream_index* index_;
  position known_;
  std::uint64_t known_checksum_ = 0;
  open_tail open_;
  std::array<coming, 16> coming_;
  std::uint64_t read_ = 0;   // records put into coming_
  std::uint64_t added_ = 0;  // of these, records added to open_
  std::size_t segment_records_ = 0;
  std::deque<std::shared_ptr<const tail_segment>> segments_;  // oldest first
};

}  // namespace annals::store
