/// Looks at a store from outside. Reads the log without the C++ types that wrote it, also while another process writes.
#pragma once

#include <annals/hosted_types.hpp>
#include <annals/parked.hpp>
#include <annals/receipt.hpp>
#include <annals/record.hpp>
#include <annals/replay.hpp>
#include <annals/result.hpp>
#include <annals/statistics.hpp>
#include <annals/time_travel.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace annals {

/// The result of verify().
struct verified {
  std::uint64_t records = 0;
  std::uint64_t streams = 0;
  std::uint64_t bytes = 0;  ///< of all payloads
  // Derived state, compared with the log:
  std::uint64_t indexed = 0;  ///< records in the stream index, up to its mark
  std::uint64_t snapshots = 0;
  std::uint64_t snapshots_damaged = 0;  ///< loading ignores them
  std::uint64_t images = 0;             ///< of read models and process managers
  std::uint64_t images_damaged = 0;     ///< a start builds the model without them
  std::uint64_t checkpoints = 0;        ///< of projections and process managers
  bool derived_damaged = false;         ///< derived/ exists but cannot be read; the next writable open rebuilds it
  std::string why_no_derived;           ///< why derived/ was not verified: it does not exist, or cannot be read
};

/// Read-only. Each call reads in short transactions, except backup(), which makes one consistent copy. Visitors run outside of
/// transactions and may take their time. Thread-safe. A view that was moved from answers `closed`, and its id is empty. In a child of
/// a fork, a view that the parent opened answers `misuse`.
class store_view {
public:
  /// Errors: store_*; misuse if this process already has the store open: use runtime::log() and similar calls then.
  static result<store_view> open(const std::filesystem::path& store);

  store_view(store_view&&) noexcept;
  store_view& operator=(store_view&&) noexcept;
  ~store_view();

  /// 32 hex digits.
  const std::string& store_id() const;
  /// The readable head.
  token head() const;

  /// Visits the records from `from` to the head as of the call, or until the visitor returns false. Errors: corrupt_record, store_failed.
  result<void> log(position from, const std::function<bool(const record_view&)>& visit) const;
  /// Visits the streams whose names begin with `prefix`, in byte order, with their newest version.
  result<void> streams(std::string_view prefix, const std::function<bool(std::string_view, version)>& visit) const;
  /// Visits one stream's records from version `from` on. Errors: also not_found, if the stream has no record from there on.
  result<void> stream(const std::string& id, version from, const std::function<bool(const record_view&)>& visit) const;

  /// Checks the checksum of every record, that positions and versions have no gaps, and that the events of a command are together. The
  /// first bad record is the error: corrupt_record with `place`. The check continues after records that cannot be read; the error says
  /// how many there are and where. If it can read all, it compares derived state with the log: positions in the stream index, the
  /// records that snapshots and images name, and checkpoints. A difference is store_failed or derived_ahead, with the place. Missing or
  /// unreadable derived state is no error. Every snapshot and image is read whole, and the damaged ones are counted. Takes memory for
  /// the name of each stream and snapshot, and for the largest image.
  result<verified> verify() const;

  /// Visits the parked events (see parked.hpp): first those of projections and process managers, by name and position, then those of
  /// subscriptions, whose names get the prefix "subscription/". While a writer runs, the first part is up to 1 s old; if derived/ cannot
  /// be used, it is empty. All of them are in memory during the call. The views are valid during each visit.
  result<void> parked(const std::function<bool(std::string_view of, const parked_event&)>& visit) const;

  /// Positions of the events that this projection has skipped for good (runtime::skip_parked), as of the call.
  result<std::set<position>> skipped(std::string_view projection) const;

  /// Figures of the store. Reads only those log records that the stream index does not have yet.
  result<store_stats> stats() const;

  /// A past state of an aggregate or process manager, from the nearest snapshot and the log, as runtime::state_of(). Errors: also
  /// not_found, if there is no such stream.
  template <class A>
  result<past_state<A>> state_of(std::string_view key, const as_of& when = {}) const {
    past_state<A> past;
    auto ok = look_at_state(detail::table_of_aggregate<A>(), std::string{A::category} + "-" + std::string{key}, when,
                            [&](const detail::hosted_state& state, annals::version v, position at, timestamp time) {
                              past = {*static_cast<const typename A::state*>(state.state()), v, at, time};
                            });
    if (!ok) return std::move(ok).error();
    return past;
  }
  /// The same for a stream of any of these types. Errors: also not_hosted; bad_type if the state is not described.
  result<past_bytes> state_of(const hosted_types& types, const std::string& stream, const as_of& when = {}) const;

  /// As runtime::verify_replay(), for the streams of these types.
  result<replayed> verify_replay(const hosted_types& types) const;

  /// As runtime::backup().
  result<void> backup(const std::filesystem::path& target) const;

private:
  struct inside;
  struct end {
    void operator()(inside* one) const;
  };
  explicit store_view(std::unique_ptr<inside, end> in);
  std::optional<error> gone() const;
  result<void> look_at_state(const detail::aggregate_table& type, const std::string& stream, const as_of& when,
                             const std::function<void(const detail::hosted_state&, annals::version, position, timestamp)>& look) const;
  std::unique_ptr<inside, end> in_;
};

}  // namespace annals
