/// Subscriptions: a host's own consumers of the log, each with a name, what it has acknowledged, and what it could not handle.
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

class runtime;
namespace detail {
class membership;
}  // namespace detail

/// For subscription_options::from: only events after runtime::head() as of the call, nothing that was answered before.
inline constexpr position at_head = ~position{0};

/// All members of a subscription have the same ones, `from` included: who comes with others is refused (misuse). When nobody is
/// a member, the next one may have others.
struct subscription_options {
  /// Where a new subscription begins: this position is its first. An existing one goes on where it was.
  position from = 1;
  /// Begins anew at `from`, whatever was acknowledged or parked before. Only while nobody else is a member.
  bool begin_anew = false;
  /// Of these categories; all when empty. One that is neither hosted nor in the store is refused (bad_option), and so is a type of no
  /// event of theirs. What is passed over counts as done with, also when a later filter would take it.
  std::vector<std::string> categories = {};
  /// Of these event types, by their names as they are stored, former ones too; all when empty.
  std::vector<std::string> types = {};

  /// Events that one member holds at a time: handed out by next(), and neither acknowledged nor refused. 1 to 65,536.
  std::size_t in_flight_max = 256;
  /// Events read and not done with, held or waiting for their stream; the log is not read further at this many. About
  /// 300 bytes each, without payloads. At least in_flight_max, at most 1,048,576.
  std::size_t open_max = 16'384;
  /// How long a member may hold an event before it counts as refused.
  std::chrono::milliseconds ack_time_out = std::chrono::seconds{30};
  /// An attempt is an event handed out, in this runtime's life; between two its stream waits. With `stop` the subscription
  /// stops until the event is retried or skipped.
  failure_policy failure = {};
  /// Parked events; the subscription stops rather than park one more. 1 to 1,048,576. About 200 bytes of memory each.
  std::size_t parked_max = 10'000;
};

/// An event as it is handed out. The views of `record` live as long as this or a copy of it.
struct delivered {
  record_view record;
  std::uint32_t attempt = 1;  ///< from 1 on
  std::shared_ptr<const char[]> bytes;

  /// As an event of the aggregate A, whose present form it has. Errors: unknown_event_type, also for a record of another
  /// category than A's, whatever its type is called; newer_schema, undecodable.
  template <class A>
  result<event_of<A>> event() const {
    if (record.category() != A::category) return detail::other_category(record, A::category);
    std::optional<event_of<A>> found;
    auto read = detail::read_event_of<A>(record, [&]<class E>(E&& one) { found.emplace(std::forward<E>(one)); });
    if (!read) return std::move(read).error();
    if (!found) return detail::unknown_type(record);  // what the runtime keeps in a process manager's stream
    return std::move(*found);
  }
};

/// One member of a named subscription, by runtime::subscribe(). Members of one name share its events by stream: each event
/// goes to one of them, and while a member holds an event of a stream, those behind it are for the same member, in order.
/// When one leaves, the others get what it held.
///
/// Every event is handed out at least once. What is acknowledged is in the log's control table: it survives a crash, and
/// the loss of derived/. After a start the subscription goes on behind what was acknowledged, and never passes anything that
/// was neither acknowledged, nor parked, nor skipped.
///
/// Thread-safe, but for next(), which one thread calls at a time. Valid also when its runtime is closed: everything then
/// answers `closed`, as one does that was moved from. In a child of a fork, what its parent has answers `misuse`.
class [[nodiscard]] subscription {
public:
  subscription(subscription&&) noexcept;
  subscription& operator=(subscription&&) noexcept;
  /// Leaves.
  ~subscription();

  /// Waits for events, at most this long, and takes at most `max` (0 is 1) of what is there, in log order; fewer when this member
  /// then holds in_flight_max, or when they come to 8 MiB. None when the time is over. Errors: closed;
  /// store_failed, when the runtime has stopped; subscription_stopped, with `place`; misuse, when another thread waits here, and from
  /// a runtime thread or inside a read, where it would wait for itself.
  result<std::vector<delivered>> next(std::size_t max, std::chrono::milliseconds time_out);

  /// Done with these: they do not come again. The answer comes when that is durable, and need not be waited for. An event
  /// whose time was over may still be acknowledged. Errors: not_found, and then nothing of it is done, for a position that
  /// was not handed out; closed; not_written and unknown, when it could not be kept, or nobody knows.
  pending<void> ack(position at);
  pending<void> ack(std::span<const position> all);

  /// Could not be handled: it comes again after a pause, until its attempts have all failed. What this member holds of the same stream behind
  /// it comes again after it, so leave that. Errors: as ack().
  pending<void> nack(position at, std::string why);

  /// What was set aside, in log order; read from the log's control table.
  result<std::vector<parked_event>> parked() const;
  /// Hands a parked event out again, behind what precedes it in its stream; it stays parked until it is acknowledged.
  /// Or goes on where the subscription stopped.
  /// With park_stream: the first one parked of its stream, and those behind it follow. Errors: not_found, misuse, closed.
  pending<void> retry(position at);
  /// Gives a parked event up, or the one where the subscription stopped. Answered when that is durable. Errors: as ack().
  pending<void> skip(position at);

  /// Hands each event to `handle` in this thread until somebody calls leave(), or the runtime closes: acknowledges those
  /// that it returns well for, and refuses those for which it returns an error or throws. After leave(), which `handle` may call,
  /// too, it hands out no other event of what it has taken, and returns well. Errors: as next().
  result<void> run(const std::function<result<void>(const delivered&)>& handle, std::size_t at_once = 64);

  /// What it holds goes to the other members, or waits for the next one; an event that run() is just handling is answered first,
  /// so that nothing behind it in its stream is handled before, though not for longer than ack_time_out. Does not wait for that.
  /// From here on next() answers `closed`. ack() still counts for what was handed out to this member, so that it does not come
  /// again elsewhere, or once at most; nack() changes nothing any more. A host that handles what next() gave it answers that, and only
  /// then leaves. parked(), retry() and skip() work as before.
  void leave();

private:
  friend class runtime;
  explicit subscription(std::shared_ptr<detail::membership> in);
  std::shared_ptr<detail::membership> in_;
};

/// A picture of a moment.
struct subscription_health {
  std::string name;
  position at = 0;           ///< everything up to here is done with
  std::size_t members = 0;
  std::size_t in_flight = 0; ///< held by members
  std::size_t parked = 0;
  std::optional<error> stopped;
};

}  // namespace annals
