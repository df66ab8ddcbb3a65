// The log: the truth. One contract (tests/store/log/log_contract) that every implementation passes: front_log on disk,
// the lmdb_log behind it, and memory_log for simulation, which fails and "crashes" on demand.
#pragma once

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

/// A history that this log continues: tokens of it are valid up to the fork.
struct former_history {
  std::uint64_t id;
  position fork;
};

/// Up to where a log with these former histories, oldest first, has what the one of this id had; nothing when it does not
/// continue that one. A later fork may lie before an earlier one: what was lost then is gone from all before it.
inline std::optional<position> fork_of(std::span<const former_history> former, std::uint64_t id) {
  std::optional<position> fork;
  for (const auto& one : former)
    if (one.id == id || fork) fork = std::min(fork.value_or(one.fork), one.fork);
  return fork;
}

struct identity {
  std::string store_id;       ///< 32 hex digits, given at creation, kept by backups
  std::uint64_t history = 0;  ///< never 0; a restored backup and an accepted loss start a new one
  std::vector<former_history> former;
  std::uint64_t generation = 0;  ///< raised durably by every writable open, before anything else
};

enum class commit_status {
  committed,  ///< all of it is durable
  no_space,   ///< a clean abort: nothing of it is there; the same batch may be tried again
  failed,     ///< unknown; this log refuses everything from now on and has to be opened anew
  busy,       ///< nothing of it is there: too much is durable and not readable; again after a drain()
};

struct commit_outcome {
  commit_status status;
  std::string detail;  ///< empty when committed
};

/// What humans or subscribers decided (design rule 6). It speaks of readable records only.
struct control_entry {
  std::string key;    ///< 1 to 511 bytes (asserted)
  std::string value;  ///< empty: there is no entry of this key any more
};

struct read_limits {
  std::size_t records_max = 1024;
  std::size_t bytes_max = std::size_t{1} << 20;  ///< passed by at most one record
};

/// Returns false to stop after this record. The view ends with the call.
using record_visitor = std::function<bool(const record_view&)>;
/// Key and value of an entry; the same.
using control_visitor = std::function<bool(std::string_view, std::string_view)>;

/// commit() belongs to one thread, the journal's, and drain() to one, the drainer's; everything else may be called from
/// any.
class log {
public:
  virtual ~log() = default;

  virtual const identity& who() const = 0;

  /// Appends sealed records at `first`, `first`+1 … as one durable whole. `first` is durable()+1 (asserted).
  virtual commit_outcome commit(position first, std::span<const std::string_view> records) = 0;

  /// Takes a part of what is durable and not readable to where readers see it, and changes the control table with it: one
  /// transaction, so that many decisions cost no more than one. Nothing to do is committed, too. After no_space there is
  /// nothing of either, and the same may be tried again; after failed this log refuses everything.
  ///
  /// An entry may so be on disk before records that were durable earlier, and are still in a front. That is right: who
  /// decided had read what it decided on, which was readable, and so is on disk before the entry, whatever is lost behind.
  virtual commit_outcome drain(std::span<const control_entry> decided = {}) = 0;

  /// False when it was opened where there was no space for the first thing that a writer writes. It can be read; commit() says
  /// no_space, and drain() tries again, until it is true.
  virtual bool takes_commits() const { return true; }

  /// What a crash cannot take away; 0 when empty.
  virtual position durable() const = 0;
  /// What readers can see; never past durable(), and may be behind it.
  virtual position readable() const = 0;
  /// The time of the newest durable record; 0 when empty. Known at open, kept up by commit().
  virtual timestamp last_time() const = 0;

  /// `grown` is called with the readable head whenever it has grown, from any thread; set once, before commits.
  virtual void on_readable(std::function<void(position)> grown) = 0;

  /// Visits readable records from `from` on in position order, in one short read transaction, each one checked.
  /// Returns the position after the last visited. A gap or a bad record is corrupt_record with its place;
  /// records before it have been visited.
  virtual result<position> read(position from, const read_limits& limits, const record_visitor& visit) const = 0;

  /// Visits the records at exactly these positions (ascending), in one read transaction, each one checked.
  virtual result<void> read_at(std::span<const position> positions, const record_visitor& visit) const = 0;

  /// Checks the parts of the files that only a writer needs. The error names the damage and says that the records can be read.
  virtual result<void> check_files() const { return {}; }

  /// The next position after `at`, at which read() fails, that may be readable, as far as that is known; at most readable() + 1.
  virtual position behind_damage(position at) const { return at + 1; }

  /// read() and read_at() of all that is durable: out of memory what is not readable yet. For who wants one stream as of
  /// now; whatever follows the log or derives something from it goes by what is readable.
  virtual result<position> read_durable(position from, const read_limits& limits, const record_visitor& visit) const {
    return read(from, limits, visit);
  }
  virtual result<void> read_durable_at(std::span<const position> positions, const record_visitor& visit) const {
    return read_at(positions, visit);
  }

  /// Visits the entries of the control table whose keys begin with `prefix`, in byte order, in one short read transaction.
  virtual result<void> control(std::string_view prefix, const control_visitor& visit) const = 0;

  /// A consistent copy of what is readable, and of the control table, into the directory `target`/log, complete or not there at all.
  /// `target` must not exist. The copy's first writable open starts a new history.
  virtual result<void> backup(const std::filesystem::path& target) const = 0;
};

}  // namespace annals::store
