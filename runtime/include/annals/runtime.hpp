/// The runtime: opens a store, hosts types, takes commands and answers queries. Start reading here. What every node has is in
/// node.hpp: send, ask, history, state_of, subscribe, log.
#pragma once

#include <annals/aggregate.hpp>
#include <annals/codec.hpp>
#include <annals/detail/aggregate_table.hpp>
#include <annals/detail/process_table.hpp>
#include <annals/detail/projection_table.hpp>
#include <annals/hosted_types.hpp>
#include <annals/listen.hpp>
#include <annals/metrics.hpp>
#include <annals/node.hpp>
#include <annals/option_list.hpp>
#include <annals/options.hpp>
#include <annals/parked.hpp>
#include <annals/pending.hpp>
#include <annals/process.hpp>
#include <annals/projection.hpp>
#include <annals/receipt.hpp>
#include <annals/replay.hpp>
#include <annals/result.hpp>
#include <annals/statistics.hpp>
#include <annals/subscription.hpp>
#include <annals/time_travel.hpp>
#include <annals/trace.hpp>
#include <annals/view.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace annals {

namespace detail {
class engine;
struct end_engine {
  void operator()(engine* one) const;
};
}  // namespace detail

/// One store, open for writing, and everything that runs on it. One thread calls open, host, project, orchestrate, start and close. Any
/// thread may call any other function once start() has returned. No function throws by itself. Exceptions of your callbacks (read(),
/// log(), a stream_choice predicate) propagate to you.
///
/// A call that would wait (start, subscribe, settle, and get() before the answer has come) is `misuse` in a callback, inside a read and
/// in an `effect`; an effect may make any other call. In apply(), read() and parked() are `misuse` too. Each pending answer may also be `overloaded`
/// (too much in flight), `closed`, or `unknown` if the runtime ended before the answer came.
///
/// When the log fails, or an actor other than an aggregate dies, the runtime stops. health() and options.on_failure say so, all waiting
/// calls end, and later calls are `store_failed` with the reason. Requests that may have taken effect are `unknown`. Open the store
/// again: it has everything that was acknowledged. If an aggregate dies, the runtime loads it again.
///
/// A runtime that was moved from answers `closed`. A child of a fork has none of the runtime's threads: there every call is `misuse`,
/// and close() and the destructor do nothing. The child holds no lock on the store, and can open it after the parent has closed it. A
/// static object may hold a runtime.
///
/// Before start(), send, ask, read, subscribe, settle, rebuild, retry_parked and skip_parked are `misuse`, and parked() is empty. The
/// calls that read or copy the log do not need start(): history, state_of, model_at, log, verify_replay, backup.
class runtime final : public node {
public:
  /// Opens or creates the store in this directory. Errors: store_*, derived_ahead, bad_option; misuse if this process has it open.
  static result<runtime> open(const std::filesystem::path& store, options with = {});

  runtime(runtime&&) noexcept;
  runtime& operator=(runtime&&) noexcept;
  /// Closes and releases the store. Waits until everything has ended, for at most the time of close() plus 1 s. Where a call must
  /// not wait, it returns at once.
  ~runtime() override;

  /// Registers a type; before start(). Errors: misuse (after start()); bad_type (a name used twice, reserved, or not 1 to 64 bytes).
  template <class A>
  result<void> host() {
    return host(hosted_types{}.host<A>());
  }
  template <class P>
  result<void> project() {
    return host(hosted_types{}.project<P>());
  }
  template <class P>
  result<void> orchestrate() {
    return host(hosted_types{}.orchestrate<P>());
  }

  /// Registers all of these types, up to the first error.
  result<void> host(const hosted_types& all);

  /// Starts the runtime. Returns when each model has reached the head as of the call, or with the first error. Each projection reads the
  /// log after its newest image; the whole log if the model is not described, is new, or has another version or other fields. Errors:
  /// misuse (called twice, or after close()); store_failed; projection_failed, with the `place` of the first one that stopped:
  /// everything else runs, but may not be ready yet. After not_hosted (a process manager observes an aggregate that is not hosted) and
  /// no_threads (a thread could not be started) nothing runs, and start() may be called again.
  result<void> start();

  // From here on as in node.hpp: send(), ask(), history(), state_of(), subscribe(), log(). And what only a runtime has:

  /// Calls `look(const P::model&, position)` in this thread, without a message or a copy; several threads may do so at once. The
  /// projector waits while `look` runs, so keep it short; a reader waits for the projector for at most one batch. Reads may be nested; a
  /// call that waits inside one is misuse. Errors: misuse (before start(), or in apply()), not_hosted, projection_failed, not_ready (as
  /// ask()).
  template <class P, class Look>
  result<void> read(Look&& look) const {
    static_assert(requires { typename P::follows; }, "this is not a projection, so it has no model to read");
    return read_model(P::name, [&](const void* model, position at) { look(*static_cast<const typename P::model*>(model), at); });
  }

  /// Rebuilds a projection's model from position 1 with the present code. The old model follows the log and answers until the new one
  /// replaces it; meanwhile both are in memory. Answers the new model's position. If the rebuild fails, it answers why, and the old model
  /// stays. A second call during a rebuild gets the same answer. A stopped projection goes on if the new model passes the event where it
  /// stopped and reaches the head as of the call, including pending effects; otherwise it stays stopped, and the answer says where the
  /// rebuild failed. Errors: misuse (before start()), not_hosted, not_ready, projection_failed, overloaded, closed, unknown;
  /// store_failed if the new model answers, but old images remain and the next start would begin with one.
  pending<position> rebuild(std::string_view projection);
  template <class P>
  pending<position> rebuild() {
    return rebuild(P::name);
  }

  /// The parked events (see parked.hpp) of a projection, of the process manager of this category, or of "subscription/NAME", in position
  /// order. Errors: not_hosted; not_found (no such subscription); misuse (in apply()); store_failed, undecodable.
  result<std::vector<parked_event>> parked(std::string_view name) const;
  /// Handles a parked event with the present code, and then the events that waited for it. Answers its position. Errors: not_hosted,
  /// not_ready, not_found, overloaded, closed, unknown; misuse (an earlier event of its stream or instance is parked, or an event that
  /// this would try is being skipped). If it fails again: projection_failed, for a process manager also decide_failed, evolve_failed or
  /// too_large.
  pending<position> retry_parked(std::string_view name, position at);
  /// Skips a parked event for good: nothing handles it, neither after a restart nor in a rebuild. Answers its position when the decision
  /// is durable in the log. The owner need not be hosted here; then nothing tries the event once more. Errors: not_found, misuse (an
  /// earlier event of its instance is parked, or another one of its stream is being skipped), overloaded, closed, unknown, not_written;
  /// store_failed if the owner is not hosted and derived/ cannot be read.
  pending<position> skip_parked(std::string_view name, position at);

  /// The model of P as it was at a position (or at the head, if that is lower). This call builds it in this thread, from the log up to
  /// there or from the named streams, and takes as long as reading those. It needs memory for the model only; choose streams if it is too
  /// large. P need not be hosted. Reads in short transactions and delays nobody. Leaves out events skipped with skip_parked(), no matter
  /// when they were skipped. Leaves out and lists events that P cannot apply, after one attempt, as P's on_failure says (parked.hpp).
  /// Errors: projection_failed, where P stops, or at more than 10,000 left out; those of an undecodable event, with its position.
  template <class P>
  result<past_model<P>> model_at(position at, const stream_choice& of = {}) const {
    detail::projection_model<P> built;
    std::vector<parked_event> left_out;
    auto reached = fold_log(P::name, built, at, of, {detail::policy_of<P>().then, &left_out});
    if (!reached) return std::move(reached).error();
    return past_model<P>{std::move(built).taken(), *reached, std::move(left_out)};
  }

  /// Replays every stream of a hosted type with a described state, twice from the start and once from each snapshot, and compares the
  /// states. Errors: not_deterministic, with the event after which they differ; otherwise as state_of(). Takes as long as reading the
  /// log, and memory for the names of all streams and for the snapshots and states of one.
  result<replayed> verify_replay() const;

  /// As node::head(), without an error: a runtime that was moved from, and a child of a fork, answer the token {}.
  token head() const;

  /// As node::health(); where that is an error, `journal_stopped` is that error. Waits neither for a model that is being written nor for
  /// the disk: while `apply` runs, it says how far the projection was before the batch.
  annals::health health() const;

  /// Figures over time: answers by outcome, durations, lag, sizes. Reads what the parts of the runtime have counted, and waits neither for
  /// them nor for the disk; takes well below a millisecond. Cheap enough to call every second, from any thread and in a callback. Empty
  /// for a runtime that was moved from, and in a child of a fork.
  annals::metrics metrics() const;

  /// The options that a file may set (option_list.hpp), with the values that this runtime was opened with. Empty for a runtime that was moved
  /// from, and in a child of a fork.
  std::vector<option_in_force> options_in_force() const;

  /// The finished spans of what is traced (send_options::trace, options::trace_ratio), for an exporter, which takes them out. Null for a
  /// runtime that was moved from, and in a child of a fork.
  std::shared_ptr<span_queue> spans() const;

  /// Waits until nothing is in flight, and the process managers have nothing to do except wait for timers. Errors: timed_out;
  /// projection_failed if a process manager has stopped; store_failed if the runtime has; closed; misuse (before start(), in a callback
  /// or inside a read).
  result<void> settle(std::chrono::milliseconds time_out) const;

  /// What an operator sees of this store, of types that the caller need not know; view.hpp says more. Needs no start().
  annals::view view() const;

  /// As view::stats(). Takes as long as reading the names of all streams and the sizes of all snapshots.
  result<store_stats> stats() const;

  /// Makes a consistent copy of the log in a new directory `target`, whose parent exists; the copy appears complete or not at all.
  /// Errors: bad_option (`target` is in the store itself); store_failed, also if `target` exists; storage_full.
  result<void> backup(const std::filesystem::path& target) const;

  /// Lets other nodes in: they send, ask, read and subscribe as their rights say, through annals::remote. After start(). The listener ends
  /// when it is destroyed, or when this runtime closes: then peers get answers to what was taken, for at most options.close_deadline.
  /// Errors: bad_option, which names the option or the file and line: no address, taken, not loopback and without TLS, a key that other
  /// users can read, a mistake in the peers file, TLS files that do not belong together; misuse (before start(), in a callback); closed;
  /// no_threads.
  result<listener> listen(listen_options with);

  /// Refuses new commands and queries, waits for what is in flight (options.close_deadline), commits, and ends everything that runs.
  /// Requests that could not be finished are `unknown`, or `not_written` if they certainly had no effect. The time is bounded, whatever
  /// the host's functions do: see options.close_deadline. In a callback or inside a read close() would wait for itself: there it only
  /// refuses new requests, and logs that. Call it in another thread, or leave it to the destructor. The store stays locked until this
  /// object is destroyed. Until then read(), history(), log() and similar calls still work; no other process can open the store for
  /// writing, and this process cannot open a store_view: see view().
  void close();

private:
  explicit runtime(std::unique_ptr<detail::engine, detail::end_engine> engine);
  result<void> read_model(std::string_view projection, const std::function<void(const void*, position)>& look) const;
  result<position> fold_log(std::string_view projection, detail::hosted_model& into, position at, const stream_choice& of,
                            detail::left_out_events left_out) const;

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

  std::unique_ptr<detail::engine, detail::end_engine> engine_;
};

}  // namespace annals
