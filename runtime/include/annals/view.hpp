/// The view of a store that an operator has: its log, streams, states, read models and processes, of types that the caller need not
/// know. annals::store_view opens one from outside, beside a program that writes; runtime::view() gives one in that program;
/// replica::view() gives one of a copy, remote::view() one of a node elsewhere.
#pragma once

#include <annals/detail/aggregate_table.hpp>
#include <annals/hosted_types.hpp>
#include <annals/instances.hpp>
#include <annals/node.hpp>
#include <annals/parked.hpp>
#include <annals/receipt.hpp>
#include <annals/record.hpp>
#include <annals/result.hpp>
#include <annals/search.hpp>
#include <annals/statistics.hpp>
#include <annals/time_travel.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace annals {

namespace detail {
class view_source;
}

/// How much model_at() may read and return.
struct model_bounds {
  std::uint64_t records_max = 20'000'000;
  std::chrono::milliseconds time_max = std::chrono::seconds{5};
  std::size_t bytes_max = std::size_t{16} << 20;  ///< of the encoded model, and of the image it begins with; its JSON may have three times as much
};

/// A read model, without its C++ type.
struct past_model_json {
  std::string json;                    ///< one line
  position at = 0;                     ///< the model is as of this position
  bool is_complete = true;             ///< false: a bound was reached before the position that was asked for
  std::vector<parked_event> left_out;  ///< as past_model::left_out
};

/// Read-only and thread-safe. Each call sees what is readable when it begins, and reads in short transactions; it waits for no
/// projection, effect or commit. Visitors run outside of transactions and may take their time; their exceptions propagate. A view that was
/// moved from answers `closed`. In a child of a fork, a view that the parent made answers `misuse`.
///
/// A view of a runtime answers `closed` once the runtime has been destroyed; a call that is under way keeps the store open until it
/// returns. It does not need start(), may be used in callbacks, and works after close(). A view of a remote handle has log() and stream()
/// forward, state_of(), head(), parked(), stats() (always all figures) and search() forward, with the errors that remote.hpp names; other calls are
/// `misuse`.
///
/// Errors of every call: closed, misuse, corrupt_record, store_failed.
class view {
public:
  using record_visitor = std::function<bool(const record_view&)>;

  view(view&&) noexcept;
  view& operator=(view&&) noexcept;
  ~view();

  /// 32 hex digits.
  result<std::string> store_id() const;
  /// The readable head.
  result<token> head() const;
  /// The types by which states, models, labels and instances are shown: those that a runtime hosts, or that were passed with the store.
  const hosted_types& types() const;

  /// Visits the records from `from` to the head as of the call, or until the visitor returns false.
  result<void> log(position from, const record_visitor& visit) const;
  /// The same, newest first: from `from`, or from the head if that is before it, down to position 1.
  result<void> log_backward(position from, const record_visitor& visit) const;

  /// The last position whose record is not after this time; 0 if there is none. Finds it by a few reads, since times never decrease.
  result<position> position_at(timestamp time) const;

  /// Visits the streams whose names begin with `prefix` and come after `after`, in byte order, with their newest version.
  result<void> streams(std::string_view prefix, const std::function<bool(std::string_view, version)>& visit, std::string_view after = {}) const;
  /// A page of them, with their newest records. `max`: 1 to 1,000.
  result<stream_page> page_of_streams(std::string_view prefix, std::string_view after = {}, std::size_t max = 200) const;

  /// Visits one stream's records from version `from` on. Errors: also not_found, if the stream has no record from there on.
  result<void> stream(const std::string& id, version from, const record_visitor& visit) const;
  /// The same, newest first: from version `from`, or from the newest if that is before it, down to version 1. Reads no other records.
  result<void> stream_backward(const std::string& id, version from, const record_visitor& visit) const;

  /// A past state of an aggregate or process manager, from the nearest snapshot and the log, as runtime::state_of(). Errors: also
  /// not_found, if there is no such stream.
  template <class A>
  result<past_state<A>> state_of(std::string_view key, const as_of& when = {}) const {
    past_state<A> past;
    auto found =
        take_state(detail::table_of_aggregate<A>(), std::string{A::category} + "-" + std::string{key}, when, detail::taker_of<A>(past.state));
    if (!found) return std::move(found).error();
    past.version = found->version;
    past.at = found->at;
    past.time = found->time;
    return past;
  }
  /// The same for a stream of any of these types. Errors: also not_hosted; bad_type if the state is not described.
  result<past_bytes> state_of(const hosted_types& types, const std::string& stream, const as_of& when = {}) const;

  /// The model of a projection in types(), by name, as it was at a position (or at the head, if that is lower), from the nearest image
  /// and the log, as runtime::model_at(). With chosen streams, from the log only. Errors: not_hosted; bad_type if the model is not
  /// described; too_large; those of runtime::model_at().
  result<past_model_json> model_at(std::string_view projection, position at, const model_bounds& bounds = {}, const stream_choice& of = {}) const;

  /// Looks through the log for records, and visits those that the filter wants. Errors: bad_option (a bound of 0).
  result<searched> search(const record_filter& wanted, const search_bounds& bounds, const record_visitor& visit) const;

  /// Visits the parked events (see parked.hpp): first those of projections and process managers, by name and position, then those of
  /// subscriptions, whose names get the prefix "subscription/". While a writer runs, the first part is up to 1 s old; if derived/ cannot
  /// be used, it is empty. All of them are in memory during the call. The views are valid during each visit.
  result<void> parked(const std::function<bool(std::string_view of, const parked_event&)>& visit) const;

  /// Positions of the events that this projection has skipped for good (runtime::skip_parked), as of the call.
  result<std::set<position>> skipped(std::string_view projection) const;

  /// Figures of the store. Of the log it reads only those records that the stream index does not have yet; quick ones read none.
  result<store_stats> stats(figures which = figures::all) const;

  /// How many instances of a process manager in types() are in each state. The first call begins with the newest image of its open work,
  /// and reads the log from there; later ones read on. A call reads at most 500,000 records. The view remembers the open commands and
  /// timers of each process manager that was asked for, as the process manager does. Errors: not_hosted; undecodable.
  result<instance_counts> count_instances(std::string_view process_manager) const;
  /// A page of them. Reads on as count_instances(), and for each instance listed, at most 1,000 of its newest records. Errors: also bad_option.
  result<instance_page> instances(const instance_query& which) const;
  /// One instance, with what it did from version `from` on, in at most `turns_max` turns (1 to 1,000). Answers are found by the id of
  /// the command in its target's stream. Reads the instance's stream from there to its end. Errors: also not_found, bad_option.
  result<instance_history> instance(const std::string& stream, version from = 1, std::size_t turns_max = 200) const;

protected:
  explicit view(std::shared_ptr<const detail::view_source> source);
  /// Why the view cannot be used; empty if it can.
  std::optional<error> gone() const;
  const detail::view_source& source() const { return *source_; }

private:
  friend class runtime;
  friend class remote;
  friend class replica;
  result<detail::state_place> take_state(const detail::aggregate_table& type, const std::string& stream, const as_of& when,
                                         const detail::state_taker& into) const;
  std::shared_ptr<const detail::view_source> source_;
};

}  // namespace annals
