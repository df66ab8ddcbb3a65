/// Subscriptions: your own consumers of the log. Each has a name; the log stores what it has acknowledged and what it has parked.
#pragma once

#include <annals/detail/events.hpp>
#include <annals/parked.hpp>
#include <annals/pending.hpp>
#include <annals/receipt.hpp>
#include <annals/record.hpp>
#include <annals/result.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace annals {

namespace detail {
/// A member, as the node that it belongs to implements it.
class membership;
}  // namespace detail

/// For subscription_options::from: begin after node::head() as of the call. Events whose receipts came before it are left out.
inline constexpr position at_head = ~position{0};

/// All members of a subscription must pass equal options, `from` included; otherwise subscribe() is `misuse`. While there are no members,
/// the next one may pass other options.
struct subscription_options {
  /// First position of a new subscription, at most the head plus 1. An existing subscription continues where it was.
  position from = 1;
  /// Begin again at `from`, and drop what was acknowledged or parked. Only while there are no members.
  bool reset = false;
  /// Categories to deliver; empty: all. A category that is neither hosted nor in the store is refused (bad_option). Events that the
  /// filter excludes count as settled, even if a later filter would include them.
  std::vector<std::string> categories = {};
  /// Stored names of event types to deliver, former names included; empty: all. If all these categories are hosted, a name that none of
  /// their events has is refused (bad_option).
  std::vector<std::string> types = {};

  /// Events that one member may hold at a time: returned by next(), and not yet acknowledged or refused. 1 to 65,536.
  std::size_t in_flight_max = 256;
  /// Events that were read and are not settled: held, or waiting for their stream. At this many the subscription stops reading the log.
  /// About 300 bytes of memory each, without payloads. in_flight_max to 1,048,576.
  std::size_t open_max = 16'384;
  /// How long a member may hold an event before it counts as refused. 1 ms to 365 days.
  std::chrono::milliseconds ack_time_out = std::chrono::seconds{30};
  /// Each delivery of an event is one attempt; a start resets the count. Between two attempts the event's stream waits. With `stop` the
  /// subscription stops until the event is retried or skipped.
  failure_policy failure = {};
  /// Parked events, 1 to 1,048,576. At one more the subscription stops instead. About 200 bytes of memory each.
  std::size_t parked_max = 10'000;
};

/// An event as next() hands it out. The views in `record` are valid as long as this object or a copy of it. Small events of a batch share
/// memory, so one that is kept may hold up to 32 KiB.
struct delivered {
  record_view record;
  std::uint32_t attempt = 1;  ///< from 1 on
  std::shared_ptr<const char[]> bytes;
  /// Life of the node that handed it out: a node elsewhere has another one after each restart. 0: a node of this process.
  std::uint64_t life = 0;

  /// Decodes the record as an event of the aggregate A, in its newest form. Errors: unknown_event_type, also for any record of another
  /// category; newer_schema, undecodable.
  template <class A>
  result<event_of<A>> event() const {
    if (record.category() != A::category) return detail::other_category(record, A::category);
    std::optional<event_of<A>> found;
    auto read = detail::read_event_of<A>(record, [&]<class E>(E&& one) { found.emplace(std::forward<E>(one)); });
    if (!read) return std::move(read).error();
    if (!found) return detail::unknown_type(record);  // a record of the runtime in a process manager's stream
    return std::move(*found);
  }
};

/// One member of a named subscription, made by node::subscribe(). The members of a subscription share its events by stream. Each
/// event goes to one member, and while a member holds an event of a stream, the later events of that stream go to the same member, in
/// order. When a member leaves, the others get the events that it held.
///
/// The subscription hands out every event at least once, and passes an event only if it is settled: acknowledged, parked, skipped, or
/// excluded by the filter. Acknowledgements are stored in the log's control table: they survive a crash, and the loss of derived/. After a
/// start the subscription continues with the first event that is not settled.
///
/// Thread-safe, except that one thread at a time may call next(). Usable after its node is closed: then every call answers `closed`,
/// as does a member that was moved from. A member at another node goes on with the next life of that node: next() waits for it, and answers
/// `unreachable` if it stays away. Other calls there may also answer unreachable, timed_out or overloaded, and not_found until next() has
/// joined again. In a child of a fork, a member of the parent answers `misuse`.
class [[nodiscard]] subscription {
public:
  /// For nodes; a host calls node::subscribe().
  explicit subscription(std::shared_ptr<detail::membership> in);
  subscription(subscription&&) noexcept;
  subscription& operator=(subscription&&) noexcept;
  /// Leaves the subscription.
  ~subscription();

  /// Waits at most `time_out` for events, and returns up to `max` of those that are ready (0 means 1), in log order: fewer if this member
  /// would hold more than in_flight_max, or if they reach 8 MiB, and none when the time is over. Errors: closed; unreachable; store_failed, if the
  /// runtime has stopped; subscription_stopped, with `place`; misuse, if another thread waits in next(), or in a runtime thread or
  /// inside a read, where next() would wait for itself.
  result<std::vector<delivered>> next(std::size_t max, std::chrono::milliseconds time_out);

  /// Acknowledges these events: they do not come again. The answer comes when that is durable; you need not wait for it. You may still
  /// acknowledge an event after ack_time_out. Errors: not_found for a position that was not handed out, and then none of them is
  /// acknowledged; closed; not_written if the acknowledgement was not stored; unknown if it may have been.
  ///
  /// At another node, an event of an earlier life (delivered::life) is not_found: it comes again unless it is settled, and can be acknowledged
  /// then. A position alone, or with life 0, means the present life, where it can be another event if the log was restored to an earlier state.
  pending<void> ack(const delivered& event);
  pending<void> ack(position at);
  pending<void> ack(std::span<const position> all, std::uint64_t life = 0);

  /// Refuses an event: it comes again after a pause, until its last attempt has failed. Later events of its stream that this member
  /// holds come again after it, so do not handle those. Errors: as ack().
  pending<void> nack(const delivered& event, std::string why);
  pending<void> nack(position at, std::string why, std::uint64_t life = 0);

  /// The parked events, in log order, read from the log's control table. Errors: closed.
  result<std::vector<parked_event>> parked() const;
  /// Hands out a parked event again, after the events that precede it in its stream. It stays parked until it is acknowledged. If the
  /// subscription stopped at this event, the subscription goes on with it. With park_stream, `at` must be the first parked event of its
  /// stream, and the later ones follow it. Errors: not_found; misuse (an earlier event of its stream is parked, or an event that this
  /// would hand out is being skipped); closed.
  pending<void> retry(position at);
  /// Skips for good a parked event, or the one where the subscription stopped. Answers when that is durable. Errors: as ack().
  pending<void> skip(position at);

  /// Calls `handle` with each event, in this thread, until leave() is called or the runtime, or the handle of another node, closes; then it
  /// returns success. Acknowledges the event if `handle` returns success, and refuses it if `handle` returns an error or throws. `handle`
  /// may call leave(): then it is called with no further event. `at_once` is the `max` of next(). Errors: as next(), except closed.
  result<void> run(const std::function<result<void>(const delivered&)>& handle, std::size_t at_once = 64);

  /// Leaves the subscription: the events that this member holds go to the other members, or wait for the next one. leave() does not wait.
  /// If run() is handling an event, this member keeps that event until it is answered, for at most ack_time_out, so that nobody handles a
  /// later event of its stream before. From now on next() answers `closed`, and nack() has no effect. ack() still counts for events that
  /// this member was handed: they come again at most once. If you call next() yourself, answer its events before you leave. parked(),
  /// retry() and skip() still work.
  void leave();

private:
  std::shared_ptr<detail::membership> in_;
};

/// A subscription's condition at one moment.
struct subscription_health {
  std::string name;
  position at = 0;  ///< everything up to here is settled
  std::size_t members = 0;
  std::size_t in_flight = 0;  ///< held by members
  std::size_t parked = 0;
  std::optional<error> stopped;
  // Of the options of its members. Empty before the first one has joined, and in what another node says.
  std::optional<std::size_t> in_flight_max = std::nullopt;      ///< of one member
  std::optional<annals::on_failure> on_failure = std::nullopt;  ///< after the last attempt
};

}  // namespace annals
