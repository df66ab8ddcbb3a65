// The cells of a runtime, by what they are about. Each has one writer, named here; runtime::metrics() reads all of them.
#pragma once

#include "telemetry/cells.hpp"
#include "telemetry/clock.hpp"
#include "telemetry/histogram.hpp"

#include <annals/receipt.hpp>
#include <annals/result.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

namespace annals::actors {

/// How a command or a query ended.
enum class ending : std::uint8_t {
  accepted,
  rejected,
  conflict,
  id_reused,
  invalid,
  failed,
  not_ready,
  timed_out,
  parked,
  overloaded,
  storage_full,
  not_written,
  unknown,
  forbidden,
};
inline constexpr std::size_t endings = 14;

/// The label that it has. A query is `answered` where a command is `accepted`.
std::string_view label_of(ending what, bool is_query);
/// Whether a command, or a query, can end like this.
bool is_possible(ending what, bool is_query);
ending ending_of(errc code);
inline ending ending_of(const error* refused) { return refused ? ending_of(refused->code) : ending::accepted; }

/// Answers that something got, and how long they took.
struct answer_meters {
  std::array<telemetry::counter, endings> ended;
  telemetry::histogram duration;

  void add(ending what, std::chrono::nanoseconds took) {
    ended[static_cast<std::size_t>(what)].add();
    duration.add(took);
  }
  /// Without a duration: it was refused at once.
  void refuse(ending what) { ended[static_cast<std::size_t>(what)].add(); }
};

/// What is refused in the thread of the caller.
struct refusal_meters {
  std::array<telemetry::shared_counter, endings> ended;
  void add(errc code) { ended[static_cast<std::size_t>(ending_of(code))].add(); }
};

/// A hosted aggregate or process manager.
struct category_meters {
  explicit category_meters(std::string_view name) : category(name) {}

  const std::string_view category;
  answer_meters answers;                    // the gateway, under its mutex: commands of hosts
  refusal_meters refused;                   // callers
  telemetry::counter loaded_from_snapshot;  // the loader
  telemetry::counter loaded_from_stream;    // the loader
  telemetry::histogram load_duration;       // the loader
  telemetry::counter snapshots;             // the index writer
};

enum class passivation : std::uint8_t { idle, count, bytes };
inline constexpr std::size_t passivations = 3;

/// A shard.
struct shard_meters {
  std::vector<std::array<telemetry::counter, passivations>> passivated;  // by category and reason
  telemetry::gauge aggregate_bytes;
};

/// The log. Written by the journal, except for the last three.
struct log_meters {
  telemetry::counter records;
  telemetry::counter bytes;
  telemetry::histogram commit_duration;
  telemetry::histogram commit_records;
  telemetry::gauge last_time;            // of the newest durable record, in microseconds
  telemetry::histogram drain_duration;   // the drainer
  telemetry::gauge has_stopped;          // 0 or 1; the engine
  telemetry::gauge started, opened_for;  // in microseconds since 1970, and in nanoseconds; the engine
};

/// The stream index.
struct index_meters {
  telemetry::gauge tail_records;     // the loader
  telemetry::gauge position;         // the index writer
  telemetry::gauge checkpoint_time;  // in microseconds; the index writer: when it last wrote the mark
};

/// The time that a part of start() took, in nanoseconds. Written by the engine.
struct start_meters {
  telemetry::gauge projections, processes, index;
};

/// A follower of the log: a projection, a process manager or a subscription. Its actor is the writer, except where another one is named.
struct follower_meters {
  telemetry::gauge position;
  telemetry::gauge time;     // of the last record that it is done with, in microseconds
  telemetry::gauge ahead;    // how many records after it have their outcome, too
  telemetry::gauge begun;    // the position after which this runtime began to follow the log
  telemetry::gauge stopped;  // 0 or 1
  telemetry::gauge ready;    // 0 or 1
  telemetry::counter applied, passed, parked;
  telemetry::counter attempts_failed;
  telemetry::histogram batch_duration;
  telemetry::gauge parked_now;
  telemetry::gauge parked_oldest;  // in microseconds; 0: nothing is parked
  telemetry::counter parked_in_all, retried, skipped;

  void at(annals::position reached, timestamp time_there) {
    position.set(reached);
    time.set(static_cast<std::uint64_t>(time_there));
  }
};

/// A projection.
struct projection_meters {
  answer_meters queries;                                                // the gateway, under its mutex
  refusal_meters refused;                                               // callers
  telemetry::gauge rebuild_position, rebuild_target, rebuild_duration;  // the projector
};

/// Images of a projection or a process manager. Written by the image maker.
struct image_meters {
  telemetry::gauge position, bytes, duration;
};

/// A process manager.
struct process_meters {
  std::deque<answer_meters> answers;  // its commands, by the number of the target's category
  telemetry::gauge commands_open, timers, blocked;
  telemetry::histogram timer_lateness;
};

/// A subscription.
struct subscription_meters {
  telemetry::gauge members, in_flight;
  telemetry::counter ack_time_outs;
};

/// What LMDB and the file system say, as of the last look. Written by the index writer.
struct store_meters {
  struct environment {
    telemetry::gauge map_bytes, pages_used, pages_free, readers, readers_limit, oldest_reader, disk_free;
  };
  environment log, derived;
  telemetry::gauge log_bytes, front_bytes, derived_bytes, image_bytes;
  telemetry::gauge looks;  // how often it looked; 0: never, and the rest is unknown
};

/// The rights of peers, in the order of net::verb, and why a link was refused or closed.
inline constexpr std::size_t rights = 6;
enum class link_failure : std::uint8_t { refused, malformed, overrun, timed_out };
inline constexpr std::size_t link_failures = 4;

/// What a runtime has once. Filled with the hosted categories before the actors start.
struct meters {
  std::deque<category_meters> categories;  // by aggregate_table::number
  refusal_meters of_no_category;           // commands to a category that is not hosted
  log_meters log;
  index_meters index;
  start_meters start;
  store_meters store;
  telemetry::gauge in_flight;                                       // the gateway, under its mutex
  std::array<telemetry::shared_counter, rights> denied;             // calls of peers, by the right that the peer lacks
  std::array<telemetry::shared_counter, link_failures> not_let_in;  // peers, by reason

  /// Null if it is not hosted.
  category_meters* find(std::string_view category);
};

}  // namespace annals::actors
