/// All options of a runtime: what each one bounds, its default, its unit, and the cost of changing it.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace annals {

enum class log_level : std::uint8_t { debug, info, warning, error };
constexpr auto labels_of(log_level) { return std::to_array<std::string_view>({"debug", "info", "warning", "error"}); }
/// How a line on stderr looks: `annals warning: text`, or one JSON object, {"time", "level", "logger", "message"}.
enum class log_format : std::uint8_t { text, json };
constexpr auto labels_of(log_format) { return std::to_array<std::string_view>({"text", "json"}); }

/// What the runtime reports to its host on its own initiative.
struct failure {
  std::string who;     ///< journal, drainer, loader, index writer, runtime, callback, aggregate STREAM, projection NAME,
                       ///< process manager CATEGORY, or subscription NAME
  std::string detail;  ///< what happened, and where
};

/// An event that was parked after its attempts (parked.hpp). Nothing handles it until it is retried or skipped.
struct parked_notice {
  std::string owner;     ///< the name that runtime::retry_parked() takes; for a subscription "subscription/NAME"
  std::uint64_t at = 0;  ///< position of the event
  std::string stream;    ///< the event's stream; for a process manager the blocked instance
  std::string type;      ///< stored name of the event
  std::string error;     ///< why the last attempt failed
  std::uint32_t attempts = 0;
};

struct options {
  /// Create the store if its directory does not exist or is empty.
  bool create = true;
  /// Open the store even if derived state knows positions that the log has lost, and start a new history. Nothing else is lost.
  bool accept_loss = false;
  /// Let the group of the store's files read them: files get mode 0640 and directories 0750 instead of 0600 and 0700, whatever the
  /// umask. A writable open changes existing files. Programs of the group may then open a store_view. LMDB makes every reader write to
  /// its reader tables, so log/lock.mdb and derived/lock.mdb get 0660. So a member of the group can delay the writer, but cannot
  /// change what is stored.
  bool readable_by_group = false;

  /// Address space reserved for the log, in bytes, 1 MiB to 64 TiB. It is sparse and costs nothing until it is used. The log cannot
  /// outgrow it while the store is open; for more, open the store with a larger value.
  std::uint64_t log_map_bytes = std::uint64_t{256} << 30;
  /// The same for derived state, in bytes, 1 MiB to 64 TiB.
  std::uint64_t derived_map_bytes = std::uint64_t{64} << 30;
  /// Minimum bytes on disk of the front of the log, the file that receives each commit first; 64 KiB to 64 MiB. A busy store grows it
  /// to 64 MiB in steps. Each step delays commits while the runtime writes zeros; a larger minimum avoids steps.
  std::uint64_t front_bytes_min = std::uint64_t{256} << 10;

  /// Commands, queries and other requests in flight in this runtime, 1 to 1,048,576. One more is answered `overloaded` at once. Each
  /// takes about 1 KB while in flight.
  std::size_t commands_in_flight_max = 65'536;
  /// A batch ends at this many records (1 to 1,048,576) or bytes (4 KiB to 24 MiB), between commands. In a larger batch each
  /// answer waits longer.
  std::size_t batch_records_max = 65'536;
  std::size_t batch_bytes_max = std::size_t{16} << 20;
  /// Bytes of one event's payload, at most 16 MiB. A larger event is refused with `too_large`.
  std::size_t event_bytes_max = std::size_t{1} << 20;
  /// Bytes of one command's body, and of all its events together: event_bytes_max to 16 MiB. Number of events of one command: at most
  /// 10,000. A command that exceeds either is refused with `too_large`.
  std::size_t command_bytes_max = std::size_t{8} << 20;
  std::size_t command_events_max = 10'000;

  /// Aggregates in memory. Those not used lately leave first. Loading one again costs a read of its stream.
  std::size_t aggregates_resident_max = 100'000;
  /// Estimated bytes of all aggregates in memory together; at least 1 MiB.
  std::size_t aggregate_bytes_max = std::size_t{1} << 30;
  /// An aggregate unused for this long leaves memory. 1 ms to 365 days.
  std::chrono::milliseconds aggregate_idle_max = std::chrono::minutes{5};

  /// Records that the stream index may lag behind the log. Beyond that, reads that need the index wait; if derived/ cannot be written,
  /// commands are answered `overloaded`. At least index_flush_records. Each record takes about 60 bytes of memory.
  std::size_t index_tail_records_max = 8'000'000;
  /// The index is written when this many records wait for it, or after 1 s. Higher: fewer writes, a longer start after a crash.
  std::size_t index_flush_records = 500'000;

  /// Versions between two snapshots of an aggregate's state, so that loading reads about that many records at most, whatever the
  /// length of the stream. Applies to described states. An aggregate may set its own value (`static constexpr std::uint64_t
  /// snapshot_every`). 0: no snapshots.
  std::uint64_t snapshot_every = 1'000;
  /// The newest snapshots kept of each stream, 1 to 1,000. More: older versions are read faster, and derived/ needs more space.
  std::size_t snapshots_kept = 1;

  /// Log records between two images of a read model. Images are made in the background and on close; a start reads only the records
  /// after the image. Applies to described models, and to the open work of process managers. The runtime makes one image at a time:
  /// meanwhile memory holds a second copy of that model, and then also its bytes; on close only the bytes are extra. Fewer records: a
  /// shorter start after a crash, and more background work. 0: no images.
  std::uint64_t image_every_records = 2'000'000;
  /// Records that a projection applies in one batch, 1 to 1,000,000. A direct read waits for at most one batch.
  std::size_t projection_batch_records = 1'000;

  /// Shards, 1 to 64; 0: as many as worker threads, at most 64. The stream's name decides the shard of an aggregate. More shards:
  /// shorter turns, and more wake-ups of threads.
  std::size_t shards = 0;
  /// Worker threads of the actors, at most 1,024; 0: as many as there are cores.
  std::size_t threads = 0;

  /// Share of the commands that are traced, 0 to 1, of those that bring no trace of their own (send_options::trace). A traced command, and
  /// what follows from it, costs about a microsecond for each span, and 24 bytes in each of its records. 0: none.
  double trace_ratio = 0;
  /// Spans have the name of the stream. Without: only its category, since keys may be personal.
  bool trace_streams = true;

  /// How long close() waits for requests in flight before it answers them `unknown`; 0 to 1 hour. After that it waits as long again,
  /// at least 1 second, for running work to end: the host's functions, images, the index. It logs what has not ended by then and
  /// leaves it to a thread of the runtime. The store stays locked until that work ends.
  std::chrono::milliseconds close_deadline = std::chrono::seconds{10};

  /// Without a log_sink, lines of this level and above go to stderr.
  log_level stderr_level = log_level::warning;
  log_format stderr_format = log_format::text;
  /// Receives each log line of this runtime, from any of its threads, one line at a time. Empty: they go to stderr.
  /// It must not wait for the runtime. An exception that it throws is dropped.
  std::function<void(log_level, std::string_view)> log_sink;
  /// Called when something fails, stops or cannot continue for now: the log, a projection, a process manager, a subscription, an
  /// aggregate that dies or cannot be loaded, no space, a held or failed command of a process manager, a then() callback that throws.
  /// It runs in a runtime thread and must not wait for the runtime. An exception that it throws is logged.
  std::function<void(const failure&)> on_failure;
  /// Called for each event that is parked after its attempts. It runs in a runtime thread and must not wait for the runtime. It is not
  /// called for events that wait for a parked one, nor for events that an earlier runtime parked; health() and parked() include those.
  std::function<void(const parked_notice&)> on_parked;
};

}  // namespace annals
