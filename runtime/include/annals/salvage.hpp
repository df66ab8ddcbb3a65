/// Recovers the sound records of a damaged store.
#pragma once

#include <annals/receipt.hpp>
#include <annals/record.hpp>
#include <annals/result.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace annals {

struct position_range {
  position first = 0, last = 0;
};

/// A stream that was cut short: one of its versions was lost, and a stream must not have gaps.
struct cut_stream {
  std::string stream;
  annals::version newest = 0;   ///< its newest version in the new store; 0: the new store has none of it
  std::uint64_t set_aside = 0;  ///< number of its sound records after the lost version
};

struct salvaged {
  std::string store_id;       ///< id of the new store
  std::uint64_t records = 0;  ///< records copied unchanged
  std::uint64_t lost = 0;     ///< records that could not be read; `gaps` says where
  std::vector<position_range> gaps;
  std::vector<cut_stream> cut;   ///< by name
  std::string why_no_decisions;  ///< why skips, acknowledgements and effects could not be read; empty: the new store has them
  std::string why_no_front;      ///< why the newest records, which only the front had, could not be read; empty: the new store has them
};

/// Makes a new store from the sound records of a damaged one, whose files it only reads. It examines each page and batch on its own, so
/// damaged links between them do not matter. A record is sound if its checksum is right; the checksum covers the position. If no page
/// leads to a position any more, and two different sound records exist for it, salvage() cannot choose: the record is lost.
///
/// The new store has its own id and history. Records keep their positions and bytes, because records refer to positions. Where a record
/// is lost or set aside, the new store has an event "annals.lost" of the stream "annals.salvage-lost". A command keeps all of its events
/// or none. A stream ends before its first lost version. Its later sound records are set aside: salvage() calls `set_aside` with each,
/// in the order of the log; the view is valid during that call.
///
/// `target` must not exist; it appears complete or not at all. Nobody may write to `store` meanwhile. Takes memory for 32 bytes per
/// record, the name of each stream, and a copy of the front's records. Errors: store_missing, store_locked, storage_full,
/// store_failed, bad_option (`target` is in the store itself).
result<salvaged> salvage(const std::filesystem::path& store, const std::filesystem::path& target,
                         const std::function<void(const record_view&)>& set_aside = {});

}  // namespace annals
