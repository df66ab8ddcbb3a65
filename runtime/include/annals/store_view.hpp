/// A store seen from outside: reads the log without the C++ types that wrote it, also while another process writes.
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

/// What verify() has seen.
struct verified {
  std::uint64_t records = 0;
  std::uint64_t streams = 0;
  std::uint64_t bytes = 0;  ///< of payloads
  // Of derived state, compared with the log:
  std::uint64_t indexed = 0;            ///< records that the stream index has, up to its mark
  std::uint64_t snapshots = 0;
  std::uint64_t snapshots_damaged = 0;  ///< they are left out when loading
  std::uint64_t images = 0;             ///< of read models
  std::uint64_t images_damaged = 0;     ///< a start builds the model without them
  std::uint64_t checkpoints = 0;        ///< of projections and process managers
  bool derived_damaged = false;         ///< derived/ is there and cannot be read: a start builds it again, when a writer has met that
  std::string why_no_derived;           ///< derived/ is not there, or cannot be read: it was not verified
};

/// Reads only, each call in short transactions (backup is the exception: one consistent copy). Visitors are called outside of
/// them, and may take their time. Thread-safe. One that was moved from answers `closed`, and no id; in a child of a fork, one that its
/// parent has open answers `misuse`.
class store_view {
public:
  /// Errors: store_*; misuse when this process has the store open already: then use runtime::log() and its like.
  static result<store_view> open(const std::filesystem::path& store);

  store_view(store_view&&) noexcept;
  store_view& operator=(store_view&&) noexcept;
  ~store_view();

  /// 32 hex digits.
  const std::string& store_id() const;
  /// The readable head.
  token head() const;

  /// Visits records from `from` on until the visitor returns false or the head as of the call is reached.
  result<void> log(position from, const std::function<bool(const record_view&)>& visit) const;
  /// Visits the streams that begin with `prefix`, in byte order, with their newest version.
  result<void> streams(std::string_view prefix, const std::function<bool(std::string_view, version)>& visit) const;
  /// Visits one stream's records from version `from` on. not_found when there is no such stream.
  result<void> stream(const std::string& id, version from, const std::function<bool(const record_view&)>& visit) const;

  /// Checks every record's checksum, the positions and versions without gaps, and that the events of a command are
  /// together. The first bad place is the error: corrupt_record with `place`; where records cannot be read it goes on after them,
  /// and the error says how many they are, and which. Then, when all could be read, checks that derived state says the
  /// same: the positions in the stream index, what snapshots and images were taken of, checkpoints; store_failed or derived_ahead
  /// with the place when it does not. Derived state that is not there or cannot be read is no error, nor are damaged snapshots and
  /// images, which are read whole and counted. Takes memory for each stream's name and each snapshot's, and for the largest image.
  result<verified> verify() const;

  /// Visits what projections and process managers have parked (see parked.hpp), by name and position, as they told last:
  /// beside a writer within a second, and nothing of them without a usable derived/; then what subscriptions have, whose names
  /// have "subscription/" before them. Keeps all of them in memory meanwhile. The views end with the call.
  result<void> parked(const std::function<bool(std::string_view of, const parked_event&)>& visit) const;

  /// What it was decided that a projection never handles (runtime::skip_parked), by position, as of the call.
  result<std::set<position>> skipped(std::string_view projection) const;

  /// Figures of the store, without reading the log but for what the stream index does not have yet.
  result<store_stats> stats() const;

  /// The state of an aggregate as it was, out of the nearest snapshot and the log, as runtime::state_of(). not_found
  /// when there is no such stream.
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
  /// The same of a stream of any of these types. Errors: not_hosted; bad_type when the state is not described.
  result<past_bytes> state_of(const hosted_types& types, const std::string& stream, const as_of& when = {}) const;

  /// As runtime::verify_replay(), for streams of these types.
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
  result<void> look_at_state(
      const detail::aggregate_table& type, const std::string& stream, const as_of& when,
      const std::function<void(const detail::hosted_state&, annals::version, position, timestamp)>& look) const;
  std::unique_ptr<inside, end> in_;
};

}  // namespace annals
