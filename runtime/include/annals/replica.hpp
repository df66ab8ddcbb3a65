/// A replica: an exact copy of another node's log that is kept up to date, with read models of its own, so that reads scale over machines.
#pragma once

#include <annals/hosted_types.hpp>
#include <annals/node.hpp>
#include <annals/options.hpp>
#include <annals/remote.hpp>
#include <annals/result.hpp>
#include <annals/view.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace annals {

namespace net {
class copied_store;
}

/// How far a replica is behind its source, as of its last answer.
struct replica_lag {
  position at = 0;           ///< the replica's head
  position source_head = 0;  ///< the source's durable head when it answered last
  std::uint64_t events = 0;  ///< between the two
  /// Between the times of the two newest records; both are of the source's clock. 0 if the replica has everything.
  std::chrono::microseconds behind{0};
  std::optional<error> stopped;  ///< why it follows no more: history_differs, corrupt_record, undecodable, store_newer, store_failed
  std::optional<error> waiting;  ///< why it cannot reach its source at present; it tries again by itself
};

/// A copy of the store of another node, in a directory of its own. It has every record at the same position, byte for byte, and the
/// decisions about parked events, so that a promoted replica (promote()) goes on where its source was.
///
/// Reads (ask, read, history, state_of, log, model_at, head) answer from the copy; wait for a receipt's token with at_least to see your own
/// write. send() goes to the source through the remote handle. Effects of projections are executed at the source only. Process managers
/// run there, too; here their states can be read.
///
/// subscribe() gives a member that keeps its place in memory: it begins at subscription_options::from, and ack() and nack() are `not_owner`.
///
/// Threads and callbacks as for runtime. Opened as a store (runtime::open), the directory begins a new history, as a backup does.
class replica final : public node {
public:
  /// Opens or creates the copy. `source` must have the right to admin; it has to outlive the replica. If the source cannot be reached, an
  /// existing copy is opened as it is, and follows later. Errors: misuse (the directory is a store that takes commands), store_foreign (a
  /// copy of another store), history_differs (it has records that the source does not have), unreachable (no copy yet, and no source),
  /// forbidden, and those of runtime::open.
  static result<replica> open(const std::filesystem::path& directory, remote& source, options with = {});

  replica(replica&&) noexcept;
  replica& operator=(replica&&) noexcept;
  ~replica() override;

  /// Registers types, before start(). As for runtime.
  result<void> host(const hosted_types& all);
  template <class A>
  result<void> host() {
    return host(hosted_types{}.host<A>());
  }
  template <class P>
  result<void> project() {
    return host(hosted_types{}.project<P>());
  }

  /// Returns when each model has reached the head of the copy as of the call; then the copy follows its source.
  result<void> start();

  /// As runtime::read().
  template <class P, class Look>
  result<void> read(Look&& look) const {
    return read_model(P::name, [&](const void* model, position at) { look(*static_cast<const typename P::model*>(model), at); });
  }
  /// As runtime::model_at().
  template <class P>
  result<past_model<P>> model_at(position at, const stream_choice& of = {}) const {
    detail::projection_model<P> built;
    std::vector<parked_event> left_out;
    auto reached = fold_log(P::name, built, at, of, {detail::policy_of<P>().then, &left_out});
    if (!reached) return std::move(reached).error();
    return past_model<P>{std::move(built).taken(), *reached, std::move(left_out)};
  }

  /// As runtime::view(), of the copy.
  annals::view view() const;

  replica_lag lag() const;
  /// Waits until the copy has this position. Errors: timed_out, with how far it is; what `stopped` says; closed; misuse.
  result<void> wait_for(position at, std::chrono::milliseconds time_out) const;
  void close();

private:
  explicit replica(std::shared_ptr<net::copied_store> of);
  std::shared_ptr<detail::waiter> send_bytes(std::string_view category, std::string_view key, std::string_view command, std::string body,
                                             send_options with) override;
  std::shared_ptr<detail::waiter> ask_bytes(std::string_view projection, std::string_view query, std::string body,
                                            std::optional<at_least> when) override;
  result<void> read_stream(const std::string& stream, version from, std::size_t max,
                           const std::function<bool(const record_view&)>& visit) const override;
  result<detail::state_place> take_state(std::string_view category, std::string_view key, const as_of& when,
                                         const detail::state_taker& into) const override;
  result<subscription> join(std::string_view name, subscription_options with) override;
  result<position> read_log(position from, std::size_t max, const std::function<bool(const record_view&)>& visit) const override;
  result<token> head_now() const override;
  result<annals::health> health_now() const override;
  result<void> read_model(std::string_view projection, const std::function<void(const void*, position)>& look) const;
  result<position> fold_log(std::string_view projection, detail::hosted_model& into, position at, const stream_choice& of,
                            detail::left_out_events left_out) const;

  std::shared_ptr<net::copied_store> of_;
};

/// What promote() has begun.
struct promoted {
  token head;                ///< of the new history, which continues the source's up to here
  std::uint64_t former = 0;  ///< the history of the source
};

/// Makes a replica, or a restored backup, a store that takes commands: begins a new history at its head. Do it when the owner is gone for
/// good: both would be written otherwise, each with a history of its own, and handles that have seen one do not follow to the other. Errors:
/// misuse (the store takes commands already); those of runtime::open.
result<promoted> promote(const std::filesystem::path& directory);

}  // namespace annals
