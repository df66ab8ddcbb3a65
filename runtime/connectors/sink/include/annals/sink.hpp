/// What a read model in another system's database can be asked, whatever the database: how far it is, what it has parked, rebuild, close.
/// annals::postgresql::projection and annals::redis::projection are sinks.
#pragma once

#include <annals/metrics.hpp>
#include <annals/node.hpp>
#include <annals/parked.hpp>
#include <annals/receipt.hpp>
#include <annals/record.hpp>
#include <annals/result.hpp>
#include <annals/view.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace annals {

namespace connectors {
class keeper;
}

/// The log that a sink reads: that of a runtime, a remote handle or a replica, or what a view shows. The node or view is held by reference
/// and has to outlive the sink.
class sink_source {
public:
  sink_source(const node& of);
  sink_source(const annals::view& of)
      : log_([&of](position from, std::size_t max, const visitor& visit) {
          std::size_t seen = 0;
          return of.log(from, [&](const record_view& record) { return visit(record) && ++seen < max; });
        }),
        head_([&of] { return of.head(); }) {}

  using visitor = std::function<bool(const record_view&)>;
  using log_reader = std::function<result<void>(position from, std::size_t max, const visitor& visit)>;
  using head_reader = std::function<result<token>()>;

  /// Any other one: `log` visits at most `max` records from `from` on, in order, and returns when there are no more; `head` is as
  /// node::head(). Threads of the sink call both.
  sink_source(log_reader log, head_reader head) : log_(std::move(log)), head_(std::move(head)) {}

  result<void> log(position from, std::size_t max, const visitor& visit) const { return log_(from, max, visit); }
  result<token> head() const { return head_(); }

private:
  log_reader log_;
  head_reader head_;
};

struct sink_status {
  position at = 0;                     ///< everything up to here has taken effect in the database, or is parked or skipped there
  position head = 0;                   ///< of the log, when the sink read it last
  std::size_t parked = 0;              ///< number of parked events
  std::optional<error> waiting;        ///< why the database or the log cannot be reached at present; the sink tries again by itself
  std::optional<error> stopped;        ///< why the sink goes on no more, with the event's position as `place` if it was an event
  std::optional<position> rebuilt_to;  ///< how far a running rebuild is
};

/// A running sink. Any thread may call. A sink that was moved from, or closed, answers `closed`. No function throws by itself.
class sink {
public:
  sink(sink&&) noexcept;
  sink& operator=(sink&&) noexcept;
  /// Closes.
  ~sink();

  sink_status status() const;

  /// Waits until everything up to the token has taken effect. Errors: timed_out, whose `place` is how far the sink is; parked, if an event
  /// of the command that wrote the token's position is parked (`place` is its position); projection_failed, and what else status().stopped
  /// says; history_differs; closed, also if the sink is closed while the call waits.
  result<void> wait_for(token until, std::chrono::milliseconds time_out) const;

  /// The parked events in the database, in log order, as this process has seen them last.
  std::vector<parked_event> parked() const;
  /// Applies a parked event, and with park_stream the later ones of its stream, each in one transaction that also removes it from the parked
  /// ones. If the sink has stopped at this event, it goes on with it instead. Errors: not_found; misuse (with park_stream: an earlier event of
  /// its stream is parked); projection_failed, if it fails again; unreachable, closed.
  result<void> retry(position at);
  /// Skips a parked event, or the one at which the sink has stopped, for good: also in a rebuild. Errors: not_found, unreachable, closed.
  result<void> skip(position at);

  /// Begins to build the tables or keys again from position 1, beside those that serve, and returns. When the new ones are as far as those
  /// that serve, they take their place in one transaction. A crash in between loses nothing: the next start goes on. A second call during a
  /// rebuild changes nothing. Errors: closed.
  result<void> rebuild();
  /// Waits until no rebuild is under way. Errors: timed_out, whose `place` is how far it is; what stopped the rebuild; closed.
  result<void> wait_for_rebuild(std::chrono::milliseconds time_out) const;

  /// The families `annals_follower_…` and `annals_parked_…` that runtime::metrics() has, with the kind "postgresql" or "redis", for a host
  /// that adds them to its scrape. docs/reference/metrics.md says what they mean. `passed` counts also what another process has applied.
  annals::metrics metrics() const;

  /// Ends what is under way: a transaction that is not committed is rolled back. Waits for the handler that runs, and at most 1 s for the log.
  void close();

protected:
  explicit sink(std::shared_ptr<connectors::keeper> in);

private:
  std::shared_ptr<connectors::keeper> in_;
};

}  // namespace annals
