// Skips on their way to the log's control table. A skip counts from when it is durable, so until then the event is still parked,
// but nothing may try it any more. Skips are written one at a time, in the order of the requests. The owner acts: it sends what
// next() returns to the drainer, and calls written() for the answer.
#pragma once

#include "actors/base/command.hpp"
#include "actors/dead_letters/lanes.hpp"

#include <deque>
#include <string_view>
#include <vector>

namespace annals::actors {

class skip_queue {
public:
  /// Adds a skip of this event. If one is queued already, the caller waits for that one.
  void add(position at, std::string_view lane, reply_address caller);
  /// The event whose skip the owner writes next; 0 if there is none, or while a skip is being written.
  position next() const { return is_writing_ || queued_.empty() ? 0 : queued_.front().at; }
  /// next() has been sent to the drainer.
  void begin() { is_writing_ = true; }
  /// The write that was under way was for something else: next() returns the same event again.
  void begin_again() { is_writing_ = false; }

  struct skip {
    position at = 0;
    std::vector<reply_address> callers;
  };
  /// The drainer has answered: removes the skip that was being written.
  skip written();

  bool empty() const { return queued_.empty(); }
  bool contains(position at) const { return lanes_.contains(at); }
  /// An event of this lane that is being skipped; 0 if there is none.
  position in_lane(std::string_view lane) const { return lanes_.first_in(lane); }

private:
  std::deque<skip> queued_;
  lanes lanes_;
  bool is_writing_ = false;  // the first
};

}  // namespace annals::actors
