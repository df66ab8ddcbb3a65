// The log: the source of truth. Every implementation passes one contract (tests/store/log/log_contract): front_log on disk,
// the lmdb_log inside it, and memory_log for simulation, which fails and "crashes" on demand.
#pragma once

#include "store/lmdb/usage.hpp"

#include <annals/record.hpp>
#include <annals/result.hpp>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace annals::store {

/// The version of the bytes on disk. A store with a later one is refused.
inline constexpr std::uint32_t log_format = 1;

/// A history that this log continues: tokens of it are valid up to the fork.
struct former_history {
  std::uint64_t id;
  position fork;
};

/// The position up to which a log with these former histories, oldest first, has the same records as history `id`; empty if
/// the log does not continue that history. A later fork may lie before an earlier one: the records lost at the later fork are
/// missing from all earlier histories, too.
inline std::optional<position> fork_of(std::span<const former_history> former, std::uint64_t id) {
  std::optional<position> fork;
  for (const auto& one : former)
    if (one.id == id || fork) fork = std::min(fork.value_or(one.fork), one.fork);
  return fork;
}

struct log_identity {
  std::string store_id;       ///< 32 hex digits, given at creation, kept by backups
  std::uint64_t history = 0;  ///< never 0; a restored backup and an accepted loss begin a new one
  std::vector<former_history> former;
  std::uint64_t generation = 0;  ///< raised durably by every writable open, before any commit of its own
};

enum class commit_status {
  committed,  ///< all of it is durable
  no_space,   ///< a clean abort: nothing of it was written; the caller may try the same batch again
  failed,     ///< the outcome is unknown; this log refuses everything from now on and must be reopened
  busy,       ///< nothing of it was written: too much is durable but not readable; try again after a drain()
};

struct commit_outcome {
  commit_status status;
  std::string detail;  ///< empty when committed
};

/// A decision of humans or subscribers (rule 6), or which effects a projection has executed. It refers to readable records only.
struct control_entry {
  std::string key;    ///< 1 to 511 bytes (asserted)
  std::string value;  ///< empty: the entry of this key is removed
};

struct read_limits {
  std::size_t records_max = 1024;
  std::size_t bytes_max = std::size_t{1} << 20;  ///< exceeded by at most one record
};

/// Returns false to stop after this record. The view is valid only during the call.
using record_visitor = std::function<bool(const record_view&)>;
/// The same for the key and value of a control entry.
using control_visitor = std::function<bool(std::string_view, std::string_view)>;

/// Only the journal's thread calls commit(), only the drainer's thread calls drain(); everything else may be called from any thread.
class log {
public:
  virtual ~log() = default;

  virtual const log_identity& identity() const = 0;

  /// Appends sealed records at positions `first`, `first`+1 … durably, all or none. `first` is durable()+1 (asserted).
  virtual commit_outcome commit(position first, std::span<const std::string_view> records) = 0;

  /// Makes some records readable that are durable but not readable yet, and changes the control table, in one transaction, so
  /// that many decisions cost no more than one. With nothing to do it returns committed. After no_space neither was done, and
  /// the caller may try the same again; after failed this log refuses everything.
  ///
  /// So an entry may be on disk before records that became durable earlier and are only in the front. This is safe: the entry
  /// is based on readable records, and readable records are on disk before the entry, whatever is lost after them.
  virtual commit_outcome drain(std::span<const control_entry> decided = {}) = 0;

  /// False if the log was opened when there was no space for the first write of a writer. Reading works; commit() returns
  /// no_space, and each drain() tries the first write again until it succeeds.
  virtual bool takes_commits() const { return true; }

  /// The last position that a crash cannot take away; 0 if the log is empty.
  virtual position durable() const = 0;
  /// The last position that readers can see; never after durable(), possibly before it.
  virtual position readable() const = 0;
  /// The time of the newest durable record; 0 if the log is empty. Known at open, updated by commit().
  virtual timestamp last_time() const = 0;

  /// The log calls `grown` with the readable head whenever it has grown, from any thread. Set it once, before commits.
  virtual void on_readable(std::function<void(position)> grown) = 0;

  /// Visits readable records from `from` on in position order, in one short read transaction, and checks each one. Returns
  /// the position after the last visited. A gap or a bad record is corrupt_record with its place; records before it have been visited.
  virtual result<position> read(position from, const read_limits& limits, const record_visitor& visit) const = 0;

  /// Visits the records at exactly these positions (ascending), in one read transaction, and checks each one.
  virtual result<void> read_at(std::span<const position> positions, const record_visitor& visit) const = 0;

  /// Checks the parts of the files that only a writer needs. The error names the damage and says that the records can still be read.
  virtual result<void> check_files() const { return {}; }

  /// How much of its files is in use; all 0 if it has none. May wait for the disk.
  virtual environment_usage usage() const { return {}; }

  /// Where to go on if read() fails at `at`: the next position that may be readable, as far as known; at most readable() + 1.
  virtual position after_damage(position at) const { return at + 1; }

  /// As read() and read_at(), but for everything durable: records that are not readable yet come from memory. For a caller
  /// that needs one stream up to date, or that acts on the log at once (process managers). What is written outside of the log, and
  /// read models, are derived from readable records only.
  virtual result<position> read_durable(position from, const read_limits& limits, const record_visitor& visit) const {
    return read(from, limits, visit);
  }
  virtual result<void> read_durable_at(std::span<const position> positions, const record_visitor& visit) const { return read_at(positions, visit); }

  /// Visits the control entries whose keys begin with `prefix`, in byte order, in one short read transaction.
  virtual result<void> control(std::string_view prefix, const control_visitor& visit) const = 0;

  /// Copies everything readable, and the control table, consistently to `target`/log; the copy is complete or not there at
  /// all. `target` must not exist. The copy's first writable open begins a new history.
  virtual result<void> backup(const std::filesystem::path& target) const = 0;
};

}  // namespace annals::store
