// What the actors know of a host's types: tables of functions. The templates beside this file build one table for each type, so the
// actors are ordinary code that compiles once.
#pragma once

#include <annals/aggregate.hpp>
#include <annals/codec.hpp>
#include <annals/detail/labels.hpp>
#include <annals/parked.hpp>
#include <annals/record.hpp>
#include <annals/result.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace annals::detail {

struct event_limits {
  std::size_t event_bytes_max;
  std::size_t command_bytes_max;
  std::size_t command_events_max;
};

/// One event on its way to the log, and the place of its payload in `decided::payloads`.
struct new_event {
  std::string_view type;  // in static memory
  std::uint16_t schema;
  std::size_t begin;
  std::size_t bytes;
  bool is_undecodable;
};

/// The outcome of a command. The owner reuses one object for all commands.
struct decided {
  std::string payloads;
  std::vector<new_event> events;
  position seen = 0;  // in process managers
  std::optional<error> refused;
  bool state_is_broken = false;  // evolve threw: the state must be loaded again

  void clear();
  std::string_view payload(const new_event& e) const { return std::string_view{payloads}.substr(e.begin, e.bytes); }
  /// True if the events are within the limits and can be decoded. Otherwise clears everything and sets `refused`, naming the event.
  bool within(const event_limits& limits);
};

/// A command as the tables receive it.
struct command_input {
  std::string_view name;
  std::string_view body;
  const context& about;
  const event_limits& limits;
};

/// The state of one aggregate or process instance; only the implementation knows its type. One thread at a time may use it.
class hosted_state {
public:
  virtual ~hosted_state() = default;

  /// Folds one record of the stream. Unknown types and newer schemas are errors that name the type and the position.
  virtual result<void> apply(const record_view& record) = 0;
  /// Decides, checks the limits, and only then evolves by the events that it leaves in `out`.
  virtual void decide(const command_input& in, decided& out) = 0;

  /// The type's own state.
  virtual const void* state() const = 0;
  /// The encoded state; equal states have equal bytes. Empty if the type is not described.
  virtual std::string saved() const = 0;
  /// Restores what saved() returned for the same schema hash. After an error the state is unusable.
  virtual result<void> restore(std::string_view bytes) = 0;
};

struct aggregate_table {
  std::string_view category;
  std::unique_ptr<hosted_state> (*make)();
  /// Stored name of the command, in static memory; empty if there is no such command.
  std::string_view (*command_name)(std::string_view name);
  std::size_t state_bytes;
  std::uint64_t shape;                          // hash of what saved() encodes, and of the events folded into it; 0: none
  std::optional<std::uint64_t> snapshot_every;  // versions; empty: the runtime's option
  shown_as shown_state;
  // How to show the event with this stored name (present or former) and schema; empty if there is no such event.
  std::optional<shown_as> (*event)(std::string_view type, std::uint16_t schema) = nullptr;
  bool is_process = false;  // a process manager: only the runtime sends it commands
  // How to show a command of this stored name; of a process manager a timer. Empty if there is none of this name.
  std::optional<shown_as> (*message)(std::string_view name) = nullptr;
  // Adds the stored names of the events in its streams, present and former.
  void (*event_names)(std::set<std::string>& to) = nullptr;
  std::size_t number = 0;  // among the hosted ones; set by the engine

  bool has_snapshots() const { return shape != 0; }
};

/// `A::snapshot_every`, if it exists.
template <class A>
constexpr std::optional<std::uint64_t> snapshot_every_of() {
  if constexpr (requires { A::snapshot_every; })
    return A::snapshot_every;
  else
    return std::nullopt;
}

/// `P::on_failure`, or the default policy.
template <class P>
constexpr failure_policy policy_of() {
  if constexpr (requires { P::on_failure; })
    return P::on_failure;
  else
    return {};
}

struct process_table {
  aggregate_table instance;
  std::vector<std::string_view> observed_categories;
  /// The instance that observes this record; empty if none does. Undecodable payloads are errors.
  result<std::optional<std::string>> (*key)(const record_view& record);
  failure_policy on_failure;
};

/// The model of a projection. Only the projector changes it; other threads read it under its lock.
class hosted_model {
public:
  virtual ~hosted_model() = default;

  /// Returns whether the projection follows this event. An exception of the projection becomes projection_failed with the record's
  /// position.
  virtual result<bool> apply(const record_view& record) = 0;
  virtual result<std::string> answer(std::string_view query, std::string_view body) const = 0;
  virtual const void* model() const = 0;

  /// Merges a model of the same projection that was built from other streams; `part` is unusable afterwards. Errors: projection_failed,
  /// if merge throws.
  virtual result<void> merge(hosted_model& part) = 0;
  /// Runs the projection's effect. Like apply(), only the projector calls it, but without the lock. Errors: projection_failed; those of
  /// a record that cannot be decoded.
  virtual result<void> effect(const record_view& record) = 0;
  /// True if the projection has an effect for this record.
  virtual bool has_effect(const record_view& record) const = 0;

  /// The encoded model; empty if its type is not described.
  virtual std::string saved() const = 0;
  /// Restores what saved() returned for the same schema hash. After an error the model is unusable.
  virtual result<void> restore(std::string_view bytes) = 0;
};

struct projection_table {
  std::string_view name;
  std::unique_ptr<hosted_model> (*make)();
  std::uint64_t shape;  // hash of the model, the followed events and the projection's version; 0: none
  failure_policy on_failure;
  std::size_t partitions;  // readers that build it in parallel; at least 1
  bool has_effects;
  shown_as shown_model = {};

  bool has_images() const { return shape != 0; }
};

/// unknown_event_type, naming type, stream and position.
error unknown_type(const record_view& record);
error other_category(const record_view& record, std::string_view category);
error newer_schema(const record_view& record, std::uint16_t known);
error undecodable_record(const record_view& record, const error& why);
/// undecodable, also naming the event.
error upcast_threw(const record_view& record, std::uint16_t to_schema, const std::string& what);
/// Why an event is parked, or left out, that was not tried: an earlier one of its stream or instance is.
inline std::string waits_for(position first) { return "waits for position " + std::to_string(first); }

/// Collects what a past model leaves out by its projection's policy: events that fail, and later events of their streams.
class left_out_events {
public:
  /// Appends to `list`, which the caller owns. Without a list nothing is left out.
  left_out_events(on_failure then, std::vector<parked_event>* list) : then_(then), list_(list) {}

  /// Applies a record or leaves it out. Returns an error if the fold cannot go on.
  template <class Apply>
  std::optional<error> take(const record_view& record, Apply&& apply) {
    if (const auto before = before_in_stream(record)) return add(record, waits_for(before), 0);
    auto applied = apply(record);
    return applied ? std::nullopt : refused(record, std::move(applied).error());
  }

private:
  position before_in_stream(const record_view& record) const;
  std::optional<error> refused(const record_view& record, error why);
  std::optional<error> add(const record_view& record, std::string why, std::uint32_t attempts);

  on_failure then_;
  std::vector<parked_event>* list_;
  std::map<std::string, position, std::less<>> streams_;  // with an event that was left out, and its position
};

/// True for a record that the runtime itself stored in a process manager's stream: detail/process_records.hpp.
inline bool is_the_runtimes(const record_view& record) { return record.type.starts_with("annals."); }
/// At most 1,024 bytes of a host's text, for an error or a parked event.
std::string shortened(std::string text);
/// Text of the exception being handled, shortened.
std::string current_exception_text();

/// True if no stored name belongs to two of the types.
template <class... Ts>
consteval bool names_are_unique(types<Ts...>) {
  const std::array<std::string_view, sizeof...(Ts)> names{Ts::about.name...};
  for (std::size_t i = 0; i < names.size(); ++i)
    for (std::size_t j = i + 1; j < names.size(); ++j)
      if (names[i] == names[j]) return false;
  return true;
}

/// The stored name itself, in static memory; empty if none of the types has it.
template <class... Ts>
std::string_view stored_name(types<Ts...>, [[maybe_unused]] std::string_view name) {
  std::string_view found;
  (void)((name == Ts::about.name && (found = Ts::about.name, true)) || ...);
  return found;
}

/// Calls `visit.template operator()<T>()` for the type with the stored name `name`; false if there is none.
template <class... Ts, class Visit>
bool with_named(types<Ts...>, [[maybe_unused]] std::string_view name, [[maybe_unused]] Visit&& visit) {
  return ((name == Ts::about.name && (visit.template operator()<Ts>(), true)) || ...);
}

}  // namespace annals::detail
