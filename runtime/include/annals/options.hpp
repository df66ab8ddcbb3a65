/// Every option of a runtime: what it bounds, its default, its unit, and what turning it costs.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace annals {

enum class log_level : std::uint8_t { debug, info, warning, error };

/// What the runtime tells its host of by itself.
struct failure {
  std::string who;     ///< journal, drainer, loader, index writer, runtime, callback, aggregate STREAM, projection NAME,
                       ///< process manager CATEGORY, subscription NAME
  std::string detail;  ///< what happened, and where
};

/// An event that was set aside after its attempts (parked.hpp): nothing handles it until somebody decides.
struct parked_notice {
  std::string owner;           ///< as runtime::retry_parked() takes it; of a subscription "subscription/NAME"
  std::uint64_t at = 0;        ///< the event's position
  std::string stream;          ///< its own; of a process manager: the instance that stands still
  std::string type;            ///< the event's stored name
  std::string error;           ///< of the last attempt
  std::uint32_t attempts = 0;
};

struct options {
  /// Creates the store when the directory does not exist or is empty.
  bool create = true;
  /// Opens although derived state knows positions that the log has lost: starts a new history. Loses nothing more.
  bool accept_loss = false;
  /// Lets the group of the store's files read them: files are 0640 and directories 0750, in place of 0600 and 0700, whatever
  /// the umask says; a writable open changes what is there. Programs of the group may open a store_view. LMDB needs more of
  /// them: its reader tables, log/lock.mdb and derived/lock.mdb, are 0660, so a member of the group can hold up the writer,
  /// and cannot change what is stored.
  bool readable_by_group = false;

  /// Address space reserved for the log, in bytes; sparse, so it costs nothing until it is used. The log can
  /// grow no larger in service; growing it takes a new open with a larger value. 1 MiB to 64 TiB.
  std::uint64_t log_map_bytes = std::uint64_t{256} << 30;
  /// The same for derived state.
  std::uint64_t derived_map_bytes = std::uint64_t{64} << 30;
  /// Minimum size on disk of the front of the log, the file that takes each commit first. It grows to 64 MiB in steps while a store is
  /// busy; each step delays commits while zeros are written, and a larger value avoids steps. 64 KiB to 64 MiB.
  std::uint64_t front_bytes_min = std::uint64_t{256} << 10;

  /// Commands in flight in this runtime; one more is answered `overloaded` at once. 1 to 1,048,576. Costs about
  /// 1 KB each while in flight.
  std::size_t commands_in_flight_max = 65'536;
  /// A batch closes at this many records or bytes, between commands; larger batches make single answers later.
  std::size_t batch_records_max = 65'536;
  std::size_t batch_bytes_max = std::size_t{16} << 20;
  /// One event's payload, in bytes; more is refused with `too_large`. At most 16 MiB.
  std::size_t event_bytes_max = std::size_t{1} << 20;
  /// One command's events together; at most 16 MiB and 10,000.
  std::size_t command_bytes_max = std::size_t{8} << 20;
  std::size_t command_events_max = 10'000;

  /// Aggregates kept in memory. The longest unused go first; loading one again costs a read of its stream.
  std::size_t aggregates_resident_max = 100'000;
  /// What they may take together, as estimated, in bytes.
  std::size_t aggregate_bytes_max = std::size_t{1} << 30;
  /// An aggregate unused for this long leaves memory.
  std::chrono::milliseconds aggregate_idle_max = std::chrono::minutes{5};

  /// Records that the stream index may lag behind the log; past it what needs the index waits, and commands are `overloaded` when
  /// derived/ cannot be written. Costs about 60 bytes of memory each.
  std::size_t index_tail_records_max = 8'000'000;
  /// The index is written when this many records wait for it. Higher: fewer writes, a longer start after a crash.
  std::size_t index_flush_records = 500'000;

  /// A snapshot of an aggregate's state is taken every so many versions, so that loading it reads that many records at
  /// most, whatever its stream's length. For states that are described; an aggregate may say its own
  /// (`static constexpr std::uint64_t snapshot_every`). 0: none.
  std::uint64_t snapshot_every = 1'000;
  /// Snapshots kept of each stream, the newest: 1 to 1,000. More: looking at older versions is faster; more space in derived/.
  std::size_t snapshots_kept = 1;

  /// An image of a read model is made every so many records of the log, in the background, and on close: a start reads what
  /// came later. For models that are described, and for what is open in process managers. While one is made in the background,
  /// one model's at a time, there is a second model in memory, and then its bytes, too; on close, the bytes. Fewer: a shorter
  /// start after a crash, and more work beside. 0: none.
  std::uint64_t image_every_records = 2'000'000;
  /// Records that a projection applies at once, while direct reads wait.
  std::size_t projection_batch_records = 1'000;

  /// Shards: aggregates are dealt to them by their stream. 1 to 64; 0: as many as
  /// worker threads. More: shorter turns, and more waking of threads.
  std::size_t shards = 0;
  /// Worker threads of the actors; 0: as many as there are cores.
  std::size_t threads = 0;

  /// How long close() waits for what is in flight before it answers it `unknown`. Then it waits as long again, and a second at
  /// least, for what runs to end: functions of the host, images, the index. What has not ended then is named in the log and left to
  /// a thread of the runtime, and the store stays taken until it ends.
  std::chrono::milliseconds close_deadline = std::chrono::seconds{10};

  /// Gets each line of the log of this runtime, from any of its threads, one at a time; empty: stderr, from `warning` on. It must not
  /// wait for the runtime; what it throws is dropped.
  std::function<void(log_level, std::string_view)> log_sink;
  /// Called when something stops or cannot go on for now: the log, a projection, a process manager, a subscription, an aggregate whose
  /// `evolve` threw, no space, a command that is held, a callback of then() that throws. From a runtime thread; it must not wait for the
  /// runtime. What it throws is logged.
  std::function<void(const failure&)> on_failure;
  /// Called for each event that is parked after its attempts, from a runtime thread; it must not wait for the runtime. Not for those
  /// that only wait behind a parked one of their stream, nor for what an earlier runtime had parked: health and parked() have all.
  std::function<void(const parked_notice&)> on_parked;
};

}  // namespace annals
