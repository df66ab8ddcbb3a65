// Verifies derived state against the log. Derived state is read first and lags behind the log; up to its mark it does not
// change any more. So while a writer runs, the two are compared up to the mark, and index entries after the mark are looked up one by one.
//
// The index is compared by a checksum of each stream's positions, computed once in the order of the log and once in that of
// the index: both are read from end to end, and a stream costs a few bytes, however long it is. If the checksums differ, the
// stream is read again to find the first difference.
#pragma once

#include "store/derived/derived_store.hpp"
#include "store/derived/images.hpp"
#include "store/log/log.hpp"
#include "store/read/stream_table.hpp"

#include <annals/store_view.hpp>

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace annals::store {

struct seen_stream {
  static constexpr std::uint64_t no_positions = 1;

  version newest = 0;
  std::uint64_t positions = no_positions;  // a checksum of the positions up to the mark, in order
  bool indexed = false;

  static std::uint64_t with(std::uint64_t positions, position at) { return (((positions << 5) | (positions >> 59)) ^ at) * 0x9e3779b97f4a7c15u; }
};
struct hash_of_name {
  using is_transparent = void;
  std::size_t operator()(std::string_view stream) const { return hash_of_stream(stream); }
};
using seen_streams = std::unordered_map<std::string, seen_stream, hash_of_name, std::equal_to<>>;

class derived_check {
public:
  /// All arguments outlive it; `models` may be null.
  derived_check(const log& source, const derived_store& derived, const images* models = nullptr)
      : log_(&source), derived_(&derived), images_(models) {}

  /// Reads derived state. Call it before reading the log.
  result<void> begin();
  /// Takes each record of the log, from the first on, with what is known of its stream.
  std::optional<error> take(const record_view& record, seen_stream& stream);
  /// Call it when the log was read up to `head`. Adds to `seen` what was found good.
  result<void> end(position head, seen_streams& streams, verified& seen);
  /// Whether end() failed because the index cannot be read, rather than because it contradicts the log.
  bool is_unreadable() const { return unreadable_; }

private:
  /// A record that the log must have, because a snapshot was taken there; an image, if `version` is 0.
  struct taken {
    position at;
    std::uint64_t checksum;
    annals::version version;
    std::string of;  // the stream, or the model
    std::string name() const;
  };
  struct entry {
    position at;
    std::string stream;
    annals::version version;
  };

  std::optional<error> compare(const taken& one, const record_view& record) const;
  result<void> compare_index(seen_streams& streams, verified& seen);
  std::optional<error> take_run(const stream_run& run, seen_streams& streams, verified& seen);
  std::optional<error> end_stream(seen_streams& streams);
  result<void> look_up_newer();
  error first_difference(const std::string& stream);

  const log* log_;
  const derived_store* derived_;
  const images* images_;
  derived_mark mark_;
  std::vector<named_checkpoint> checkpoints_;
  std::vector<taken> taken_;  // by position
  std::size_t next_taken_ = 0;
  std::uint64_t snapshots_ = 0, damaged_ = 0, models_ = 0, models_damaged_ = 0;

  bool unreadable_ = false;

  // The stream of the index that is being read, as far as it was read.
  std::string stream_;
  version next_ = 1;
  position last_ = 0;
  std::uint64_t positions_ = seen_stream::no_positions;
  std::vector<entry> newer_;  // after the mark, to be looked up
};

}  // namespace annals::store
