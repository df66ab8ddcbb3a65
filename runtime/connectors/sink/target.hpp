// What the connectors share knows of a database: generations of one sink's data, slots with a position each, and steps that are one
// transaction. Each database implements it in a folder of its own.
#pragma once

#include "connectors/sink/stopper.hpp"

#include <annals/parked.hpp>
#include <annals/record.hpp>
#include <annals/result.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace annals::connectors {

/// Streams are shared out to slots by a hash of their names that never changes: the position of each slot is stored.
inline constexpr std::uint32_t slot_count = 16;
std::uint32_t slot_of(std::string_view stream);

/// A record that was copied out of the log.
struct held_event {
  explicit held_event(const record_view& from);
  record_view record;
  std::uint32_t slot = 0;

private:
  std::unique_ptr<char[]> bytes_;
};

struct slot_place {
  position at = 0;
  std::uint64_t changes = 0;  ///< of what is parked in this slot; another number than expected means that another process was here

  friend bool operator==(const slot_place&, const slot_place&) = default;
};

struct parked_row {
  parked_event event;
  position command_first = 0;  ///< the events of the command that wrote it
  position command_last = 0;
};

/// `live` is what readers see; `next` is what a rebuild fills.
enum class generation { live, next };

/// What the database says of one generation.
struct generation_state {
  std::uint64_t shape = 0;    ///< of the handlers that fill it
  std::uint64_t history = 0;  ///< of the log that it was filled from
  std::vector<slot_place> slots;
  std::vector<parked_row> parked;
  std::set<position> skipped;
};

struct slot_move {
  std::uint32_t slot = 0;
  slot_place expected;
  slot_place to;
};

/// One transaction. It takes effect only if every slot that it moves is where it is expected.
struct step {
  std::vector<const held_event*> apply;
  std::vector<parked_row> park;
  std::vector<position> unpark;
  std::vector<position> skip;
  std::vector<slot_move> moves;
};

struct outcome {
  enum class kind {
    done,
    moved,    ///< another process was here, or the generation is gone: look again
    refused,  ///< an event's fault; nothing has taken effect
    waits,    ///< the database's fault, which may pass: connect again, and look
    stopped,  ///< nothing that passes by itself, and no fault of an event that could be parked
  };
  kind how = kind::done;
  std::optional<error> why = std::nullopt;
  std::optional<std::size_t> which = std::nullopt;  ///< refused: the index in `apply`, if it is known
};

/// One connection. One thread at a time may use it. Every wait ends when the stopper says so. Errors with the code `unreachable` may pass;
/// then the connection is of no more use.
class connection {
public:
  virtual ~connection() = default;

  /// Nothing if there is no such generation.
  virtual result<std::optional<generation_state>> look(generation of) = 0;
  /// Makes an empty generation, unless there is one. `next` takes over what was skipped in `live`.
  virtual result<void> create(generation which, std::uint64_t shape, std::uint64_t history) = 0;
  virtual result<void> drop_next() = 0;
  /// The events that are likely to be applied next. A connection may ask for them while it waits for the database, and run their handlers.
  using read_ahead = std::function<std::vector<const held_event*>()>;
  virtual outcome commit(generation in, const step& one, const read_ahead& next) = 0;
  /// Whether these slots are where they are expected, as commit() checks it: done, moved or waits. Changes nothing.
  virtual outcome check(generation in, const std::vector<slot_move>& at) = 0;
  /// Puts `next` in the place of `live` in one transaction, unless one of its slots is behind, or there is no `next` any more. Returns whether
  /// it did.
  virtual result<bool> swap() = 0;
};

/// How to handle the events of one sink, and where.
class target {
public:
  virtual ~target() = default;

  virtual result<std::unique_ptr<connection>> connect(const stopper& until) const = 0;
  /// Whether the handlers want this record.
  virtual bool wants(const record_view& record) const = 0;

  std::string name;
  std::string kind;
  std::uint64_t shape = 0;
  failure_policy on_failure;
  std::size_t workers = 1;
  std::size_t batch_max = 1'000;
  std::size_t parked_max = 10'000;
  std::chrono::milliseconds check_every{5'000};  ///< with no events, a worker looks after so long whether the data is still there
};

}  // namespace annals::connectors
