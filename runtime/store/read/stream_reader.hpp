// Reads one stream: the tail in memory, then the index, then the records in the log. Thread-safe: it follows the log for
// the loader, and for every host's thread that wants a stream as of now.
#pragma once

#include "store/derived/index.hpp"
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
  /// Both outlive the reader. Starts behind the index's mark.
  stream_reader(const log& source, const index& behind);

  /// Takes at most `records_max` durable records into the tail. True when the tail has reached the durable
  /// head as of the call.
  result<bool> catch_up(std::size_t records_max);

  /// Visits the stream's records from version `from` on, at most `records_max`, as far as the tail knows the log.
  /// A gap in the versions is corrupt_record; what only the index can have wrong is store_failed. Returns the next version to ask for.
  result<version> read(std::string_view stream, version from, std::size_t records_max, const record_visitor& visit) const;
  /// All of them, at most `records_max`.
  result<void> read_on(std::string_view stream, version from, std::size_t records_max, const record_visitor& visit) const;

  /// The newest version of the stream that the tail or the index knows; 0 for none.
  result<version> last_version(std::string_view stream) const;

  /// Records in the tail that the index does not have yet, those on their way included.
  std::size_t tail_records() const;
  /// Those of them that no segment holds yet.
  std::size_t open_records() const;
  /// How far the tail knows the log.
  position known() const;

  /// Closes the open part of the tail and hands it out for flushing; null when it is empty. It is still read here
  /// until flushed() says that the index has it. Segments are handed out and flushed in order. What is in one may be durable
  /// and not readable yet, and derived state is never ahead of what is readable: wait for that before flushing.
  std::shared_ptr<const tail_segment> take_segment();
  void flushed(const tail_segment& segment);

private:
  /// A record that was read, on its way into the tail: what it will touch there is fetched meanwhile.
  struct coming {
    std::string stream;
    std::uint64_t hash = 0;
    annals::version version = 0;
    position at = 0;
    std::uint64_t checksum = 0;
    open_tail::run* run = nullptr;  // where it goes; null: not known yet
  };

  // Under the lock:
  result<void> take(const record_view& record);
  result<void> take_rest();
  result<void> add(const coming& one);
  coming& nth(std::uint64_t n) { return coming_[n % coming_.size()]; }
  /// Calls `with(first version, how many, run)` for the runs of the stream in the tail, oldest first.
  template <class With>
  void for_each_run(std::string_view stream, With&& with) const;
  struct found {
    std::vector<position> positions;
    std::size_t indexed = 0;  // of them, from the first on: what the index has said
  };
  result<found> find(std::string_view stream, version from, std::size_t max) const;
  result<std::vector<position>> find_in_tail(std::string_view stream, version from, version end, version& tail_from) const;


  mutable std::mutex mutex_;  // of everything below
  const log* log_;
  const index* index_;
  position known_;
  std::uint64_t known_checksum_ = 0;
  open_tail open_;
  std::array<coming, 16> coming_;
  std::uint64_t read_ = 0;   // records, into coming_
  std::uint64_t added_ = 0;  // of them, to open_
  std::size_t segment_records_ = 0;
  std::deque<std::shared_ptr<const tail_segment>> segments_;  // oldest first
};

}  // namespace annals::store
