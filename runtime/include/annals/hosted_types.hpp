/// The list of aggregates, projections and process managers that a program knows. The program fills it once and passes it to a
/// runtime that hosts them (runtime::host) and to tools that look at its stores from outside (store_view::state_of).
///
///     annals::hosted_types all;
///     all.host<account>().project<balances>().orchestrate<transferring>();
#pragma once

#include <annals/detail/aggregate_table.hpp>
#include <annals/detail/process_table.hpp>
#include <annals/detail/projection_table.hpp>
#include <annals/parked.hpp>
#include <annals/time_travel.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annals {

namespace detail {
class engine;
struct tables_of;
}  // namespace detail

/// The state of a hosted type, folded record by record, for a caller that does not know its C++ type. For one thread at a time.
/// After a move from it, apply() and json() return `closed`, and encoded() returns an empty string.
class folded_state {
public:
  folded_state(std::unique_ptr<detail::hosted_state> state, const detail::shown_as& as) : state_(std::move(state)), as_(as) {}

  /// Applies the next event of the stream. Errors, each with the position: unknown_event_type, newer_schema, undecodable,
  /// evolve_failed.
  result<void> apply(const record_view& record) {
    if (!state_) return error{errc::closed, "this state has been moved from"};
    return state_->apply(record);
  }
  /// The encoded state. For a process manager it includes open timers and answered commands.
  std::string encoded() const { return state_ ? state_->saved() : std::string{}; }
  /// The state as one line of JSON, with enums as their labels. Errors: closed, undecodable.
  result<std::string> json() const {
    if (!state_) return error{errc::closed, "this state has been moved from"};
    return detail::to_json(state_->saved(), as_);
  }

private:
  std::unique_ptr<detail::hosted_state> state_;
  detail::shown_as as_;
};

class hosted_types {
public:
  template <class A>
  hosted_types& host() {
    return aggregates_.push_back(detail::table_of_aggregate<A>()), *this;
  }
  template <class P>
  hosted_types& project() {
    return projections_.push_back(detail::table_of_projection<P>()), *this;
  }
  template <class P>
  hosted_types& orchestrate() {
    return processes_.push_back(detail::table_of_process<P>()), *this;
  }

  /// Only the types of these names: aggregates and process managers by category, projections by name. A process manager comes with the
  /// aggregates that it observes; its commands to others are held. Errors: not_hosted, with the first name that is not here.
  result<hosted_types> only(std::initializer_list<std::string_view> names) const;

  /// The state of this stream before its first event. Errors: not_hosted; bad_type if the state is not described.
  result<folded_state> begin(std::string_view stream) const;

  /// A state that store_view::state_of() returned, as one line of JSON; enums as their labels if the type is known. Errors:
  /// undecodable.
  result<std::string> state_json(std::string_view stream, std::string_view encoded) const;
  /// The payload of a record as one line of JSON; enums as their labels if the type is known. Errors: undecodable.
  result<std::string> payload_json(const record_view& record) const;
  /// The body of a command to this stream, or of a timer of this process manager, as one line of JSON; enums as their labels if the type
  /// is known. Errors: undecodable.
  result<std::string> message_json(std::string_view stream, std::string_view name, std::string_view encoded) const;

  /// Their names, in the order in which they were added: categories, or names of projections.
  std::vector<std::string> aggregates() const;
  std::vector<std::string> projections() const;
  std::vector<std::string> processes() const;
  /// The stored names of the events of all aggregates and process managers, present and former, sorted; with a process manager also those
  /// of the runtime's records in its streams.
  std::vector<std::string> event_names() const;
  /// What the projection of this name, or the process manager of this category, does after its last attempt. A process manager parks the
  /// input and all later ones of that instance (park_stream), or stops. Empty if there is none of this name.
  std::optional<on_failure> on_failure_of(std::string_view name) const;

private:
  friend class detail::engine;
  friend struct detail::tables_of;
  void add_aggregate(const hosted_types& from, std::string_view category);
  /// The table of an aggregate or a process manager; null if there is none of this category.
  const detail::aggregate_table* find(std::string_view category) const;
  /// The same for the category of a stream. Errors: as begin().
  result<const detail::aggregate_table*> described_type_of(std::string_view stream) const;

  std::vector<detail::aggregate_table> aggregates_;
  std::vector<detail::projection_table> projections_;
  std::vector<detail::process_table> processes_;
};

}  // namespace annals
