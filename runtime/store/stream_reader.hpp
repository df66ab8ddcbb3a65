// Reads one stream: the tail in memory, then the index, then the records in the log. Belongs to one thread.
#pragma once

#include "store/index.hpp"
#include "store/log.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace annals::store {

/// A part of the tail on its way to the index; immutable, shared between who flushes it and who still reads it.
struct tail_segment {
  std::vector<stream_run> runs;  ///< sorted by stream
  derived_mark mark;             ///< true when all of it is in the index
  std::size_t records = 0;
};

class stream_reader {
public:
  /// Both outlive the reader. Starts behind the index's mark.
  stream_reader(const log& source, const index& behind);

  /// Takes at most `records_max` readable records into the tail. True when the tail has reached the readable head.
  result<bool> catch_up(std::size_t records_max);

  /// Visits the stream's records from version `from` on, at most `records_max`, as far as the tail knows the log.
  /// A gap in the versions is corrupt_record. Returns the next version to ask for.
  result<version> read(std::string_view stream, version from, std::size_t records_max, const record_visitor& visit);

  /// The newest version of the stream that the tail or the index knows; 0 for none.
  result<version> last_version(std::string_view stream) const;

  /// Records in the tail that the index does not have yet, those on their way included.
  std::size_t tail_records() const;
  /// Those of them that no segment holds yet.
  std::size_t open_records() const;
  /// How far the tail knows the log.
  position known() const;

  /// Closes the open part of the tail and hands it out for flushing; null when it is empty. It is still read here
  /// until flushed() says that the index has it. Segments are handed out and flushed in order.
  std::shared_ptr<const tail_segment> take_segment();
  void flushed(const tail_segment& segment);

private:
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  struct run {
    version first;
    std::vector<position> positions;
  };

  result<void> take(const record_view& record);
  /// Calls `with(first version, positions)` for the runs of the stream in the tail, oldest first.
  template <class With>
  void for_each_run(std::string_view stream, With&& with) const;
  result<std::vector<position>> find(std::string_view stream, version from, std::size_t max) const;

  const log* log_;
  const index* index_;
  position known_;
  std::uint64_t known_checksum_ = 0;
  std::size_t open_records_ = 0;
  std::size_t segment_records_ = 0;
  std::unordered_map<std::string, run, text_hash, std::equal_to<>> open_;
  std::deque<std::shared_ptr<const tail_segment>> segments_;  // oldest first
};

}  // namespace annals::store
