/// Getting back what is sound in a damaged store.
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

/// A stream that ends earlier than it did: a version of it is lost, and no stream has gaps.
struct cut_stream {
  std::string stream;
  annals::version newest = 0;   ///< in the new store; 0: nothing is left of it
  std::uint64_t set_aside = 0;  ///< sound records of it that came later
};

struct salvaged {
  std::string store_id;              ///< of the new store
  std::uint64_t records = 0;         ///< that it has as they were
  std::uint64_t lost = 0;            ///< records that could not be read, in `gaps`
  std::vector<position_range> gaps;
  std::vector<cut_stream> cut;       ///< by name
  std::string why_no_decisions;      ///< what was skipped or acknowledged could not be read; empty: the new store has it
  std::string why_no_front;          ///< the newest records, which only the front had, could not be read; empty: the new store has them
};

/// Makes a new store out of the sound records of a damaged one, whose files are only read: each page and batch by itself, so that
/// it does not matter which of them lead where. A record is sound when its checksum holds, which covers its position. Where nothing leads
/// to a record any more, and two sound ones differ, it is lost.
///
/// The new store has an id and a history of its own. Records keep their positions and bytes, since records name positions. Where
/// one is lost, or set aside, an event "annals.lost" of the stream "annals.salvage-lost" stands in its place. A command is kept with
/// all of its events or with none. A stream ends before its first lost version; sound records of it that come later are set
/// aside: `set_aside` is called with each, in the order of the log, and the view ends with the call.
///
/// `target` must not exist; it is there complete or not at all. Nobody may write to `store` meanwhile. Takes 32 bytes of memory for
/// each record, the name of each stream, and a copy of what is in the front. Errors: store_missing, store_locked, storage_full, store_failed,
/// bad_option (in the store itself).
result<salvaged> salvage(const std::filesystem::path& store, const std::filesystem::path& target,
                         const std::function<void(const record_view&)>& set_aside = {});

}  // namespace annals
