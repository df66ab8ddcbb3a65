// What the actors know of a host's types: tables of functions. Built once for each type by the templates beside
// this file, so that the actors are ordinary code that compiles once.
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
#include <string>
#include <string_view>
#include <vector>

namespace annals::detail {

struct event_limits {
  std::size_t event_bytes_max;
  std::size_t command_bytes_max;
  std::size_t command_events_max;
};

/// One event on its way to the log: where its payload lies in `decided::payloads`.
struct new_event {
  std::string_view type;  // static
  std::uint16_t schema;
  std::size_t begin;
  std::size_t bytes;
  bool is_undecodable;
};

/// What a command came to. Reused from command to command by its owner.
struct decided {
  std::string payloads;
  std::vector<new_event> events;
  position seen = 0;  // process managers
  std::optional<error> refused;
  bool state_is_broken = false;  // evolve threw: load again

  void clear();
  std::string_view payload(const new_event& e) const { return std::string_view{payloads}.substr(e.begin, e.bytes); }
  /// Names the event when nobody could decode it, or it, or the command's events together, are over a limit.
  bool within(const event_limits& limits);
};

/// A command as the tables take it.
struct command_input {
  std::string_view name;
  std::string_view body;
  const context& about;
  const event_limits& limits;
};

/// The state of one aggregate or process instance; its type is known inside only. Belongs to one thread at a time.
class hosted_state {
public:
  virtual ~hosted_state() = default;

  /// Folds one record of the stream. Unknown types and newer schemas are errors that name type and position.
  virtual result<void> apply(const record_view& record) = 0;
  /// Decides, checks the limits, and only then evolves by the events that it leaves in `out`.
  virtual void decide(const command_input& in, decided& out) = 0;

  /// Of the type's own state.
  virtual const void* state() const = 0;
  /// The state as bytes, equal for equal states; empty when its type is not described.
  virtual std::string saved() const = 0;
  /// Takes what saved() gave for the same shape. On an error the state is of no use.
  virtual result<void> restore(std::string_view bytes) = 0;
};

struct aggregate_table {
  std::string_view category;
  std::unique_ptr<hosted_state> (*make)();
  /// The command's stored name in static memory; empty when there is no such command.
  std::string_view (*command_name)(std::string_view name);
  std::size_t state_bytes;
  std::uint64_t shape;  // of the bytes that saved() gives, and of the events they are a fold of; 0: none
  std::optional<std::uint64_t> snapshot_every;  // versions; the runtime's option when it does not say
  shown_as shown_state;
  // How an event is shown that has this stored name, present or former, and schema; nothing when there is no such event.
  std::optional<shown_as> (*event)(std::string_view type, std::uint16_t schema) = nullptr;
  bool is_process = false;  // of a process manager: only the runtime sends it commands

  bool has_snapshots() const { return shape != 0; }
};

/// `A::snapshot_every`, when it is there.
template <class A>
constexpr std::optional<std::uint64_t> snapshot_every_of() {
  if constexpr (requires { A::snapshot_every; })
    return A::snapshot_every;
  else
    return std::nullopt;
}

/// `P::on_failure`, when it is there.
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
  /// The instance that is to observe this record; empty when none is. Undecodable payloads are errors.
  result<std::optional<std::string>> (*key)(const record_view& record);
  failure_policy on_failure;
};

/// The model of a projection. apply() belongs to the projector; the others take part in its lock.
class hosted_model {
public:
  virtual ~hosted_model() = default;

  /// Exceptions of the projection become projection_failed with the record's position.
  virtual result<void> apply(const record_view& record) = 0;
  virtual result<std::string> answer(std::string_view query, std::string_view body) const = 0;
  virtual const void* model() const = 0;

  /// Takes in a model of the same projection that was built of other streams, which is of no use then. Errors:
  /// projection_failed, when it throws.
  virtual result<void> merge(hosted_model& part) = 0;
  /// What the projection does outside of its model; belongs to the projector, like apply(), but takes no part in the lock. Errors:
  /// projection_failed.
  virtual result<void> effect(const record_view& record) = 0;
  /// Whether this record has an effect.
  virtual bool has_effect(const record_view& record) const = 0;

  /// The model as bytes; empty when its type is not described.
  virtual std::string saved() const = 0;
  /// Takes what saved() gave for the same shape. On an error the model is of no use.
  virtual result<void> restore(std::string_view bytes) = 0;
};

struct projection_table {
  std::string_view name;
  std::unique_ptr<hosted_model> (*make)();
  std::uint64_t shape;  // of the same, and the projection's version; 0: none
  failure_policy on_failure;
  std::size_t partitions;  // in which it is built; at least 1
  bool has_effects;

  bool has_images() const { return shape != 0; }
};

/// error(unknown_event_type), naming type, stream and position.
error unknown_type(const record_view& record);
error other_category(const record_view& record, std::string_view category);
error newer_schema(const record_view& record, std::uint16_t known);
error undecodable_record(const record_view& record, const error& why);
/// error(undecodable), naming the event, too.
error upcast_threw(const record_view& record, std::uint16_t to_schema, const std::string& what);
/// What a model of the past leaves out, as its projection's policy says: what fails, and what is of its stream behind that.
class left_out_events {
public:
  /// Into `list`, which belongs to the caller; without one nothing is left out.
  left_out_events(on_failure then, std::vector<parked_event>* list) : then_(then), list_(list) {}

  /// Applies a record, or leaves it out; an error when there is no going on.
  template <class Apply>
  std::optional<error> take(const record_view& record, Apply&& apply) {
    if (const auto before = before_in_stream(record)) return add(record, "behind position " + std::to_string(before), 0);
    auto applied = apply(record);
    return applied ? std::nullopt : refused(record, std::move(applied).error());
  }

private:
  position before_in_stream(const record_view& record) const;
  std::optional<error> refused(const record_view& record, error why);
  std::optional<error> add(const record_view& record, std::string why, std::uint32_t attempts);

  on_failure then_;
  std::vector<parked_event>* list_;
  std::map<std::string, position, std::less<>> streams_;  // of which one is left out, and where
};

/// Stored by the runtime itself in a process manager's stream: detail/process_records.hpp.
inline bool is_the_runtimes(const record_view& record) { return record.type.starts_with("annals."); }
/// A text of somebody else's, for an error or a parked event: at most 1,024 bytes of it.
std::string shortened(std::string text);
/// The text of the exception being handled, shortened.
std::string current_exception_text();

/// No two of the types have one stored name.
template <class... Ts>
consteval bool names_are_unique(types<Ts...>) {
  const std::array<std::string_view, sizeof...(Ts)> names{Ts::about.name...};
  for (std::size_t i = 0; i < names.size(); ++i)
    for (std::size_t j = i + 1; j < names.size(); ++j)
      if (names[i] == names[j]) return false;
  return true;
}

/// The stored name itself, in static memory; empty when none of the types has it.
template <class... Ts>
std::string_view stored_name(types<Ts...>, [[maybe_unused]] std::string_view name) {
  std::string_view found;
  (void)((name == Ts::about.name && (found = Ts::about.name, true)) || ...);
  return found;
}

/// Calls `visit.template operator()<T>()` for the type whose stored name is `name`; false when there is none.
template <class... Ts, class Visit>
bool with_named(types<Ts...>, [[maybe_unused]] std::string_view name, [[maybe_unused]] Visit&& visit) {
  return ((name == Ts::about.name && (visit.template operator()<Ts>(), true)) || ...);
}

}  // namespace annals::detail
