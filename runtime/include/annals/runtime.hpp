/// The runtime: opens a store, hosts types, takes commands and answers queries. Start reading here.
#pragma once

#include <annals/aggregate.hpp>
#include <annals/codec.hpp>
#include <annals/detail/aggregate_table.hpp>
#include <annals/detail/process_table.hpp>
#include <annals/detail/projection_table.hpp>
#include <annals/hosted_types.hpp>
#include <annals/options.hpp>
#include <annals/parked.hpp>
#include <annals/pending.hpp>
#include <annals/process.hpp>
#include <annals/projection.hpp>
#include <annals/receipt.hpp>
#include <annals/replay.hpp>
#include <annals/result.hpp>
#include <annals/subscription.hpp>
#include <annals/time_travel.hpp>

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

/// What a command carries besides its body. A text of more than 255 bytes is `invalid_command`.
struct send_options {
  /// Names the command within its stream: a command with an id takes effect once, no matter how often you send it. Empty: no id, and
  /// each send takes effect. Ids that begin with the byte 0x01 belong to the runtime; if a host uses one, it is `invalid_command`.
  std::string id = {};
  /// Head of the log when this id was first used: runtime::head() before the first send, or pending::since() of that send. Store it
  /// with the id and pass both on a retry. It only saves work: if the aggregate does not remember the id, it searches the events since
  /// then. Without `since`, or with a token whose history this log does not continue, the aggregate reads its whole stream once while it
  /// is in memory, and then holds up to 1,048,576 ids, about 50 bytes each. If the stream has more commands, each such send reads it
  /// again: pass `since` there.
  std::optional<token> since = std::nullopt;
  expectation expect = {};
  std::string correlation = {};
  std::string causation = {};
  std::string principal = {};
};

/// Makes a query wait until its model has reached the token. After `time_out` the answer is `timed_out`. Use the token of a receipt to
/// see what that command wrote, or the token of head(). If the projection has parked an event of the command that wrote the token's
/// position, the model lacks it and the answer is `parked`; ask without a token to get the model as it is.
struct at_least {
  annals::token token;
  std::chrono::milliseconds time_out;

  at_least(annals::token t, std::chrono::milliseconds limit) : token(t), time_out(limit) {}
};

/// One event in a stream of aggregate A, as history() returns it.
template <class A>
struct past_event {
  annals::version version;
  position at;
  timestamp time;
  event_of<A> event;
};

struct projection_health {
  std::string name;
  position at = 0;                     ///< the projection or process manager has read the log up to here
  std::size_t under_way = 0;           ///< process managers: observations, commands and timers that have no answer yet
  std::optional<error> stopped;        ///< why it stopped, if it did
  std::size_t parked = 0;              ///< number of parked events
  std::optional<position> rebuilt_to;  ///< projections: how far a running rebuild() is
  std::size_t held = 0;                ///< process managers: commands that wait until a later start hosts their target, or can load it
};

/// The condition of the runtime at one moment.
struct health {
  position durable = 0;
  position readable = 0;
  std::size_t in_flight = 0;
  std::size_t aggregates_resident = 0;
  std::uint64_t commits = 0;  ///< commits to the log since start(), one for each batch
  bool storage_full = false;
  std::optional<error> journal_stopped;
  std::vector<projection_health> projections;
  std::vector<projection_health> processes;
  std::vector<subscription_health> subscriptions;  ///< those that subscribe() was called for since start()
  /// True if nothing has stopped, nothing is parked or held, and the log has space.
  bool well() const;
};

namespace detail {
class engine;
struct end_engine {
  void operator()(engine* one) const;
};
std::string stream_name(std::string_view category, std::string_view key);
}  // namespace detail

/// One store, open for writing, and everything that runs on it. One thread calls open, host, project, orchestrate, start and close. Any
/// thread may call any other function once start() has returned. No function throws by itself. Exceptions of your callbacks (read(),
/// log(), a stream_choice predicate) propagate to you.
///
/// A call that would wait (start, subscribe, settle, and get() before the answer has come) is `misuse` in a callback, inside a read and
/// in an `effect`; an effect may make any other call. In apply(), read() and parked() are `misuse` too, and health() has no values of
/// other models that are being written. Each pending answer may also be `overloaded` (too much in flight), `closed`, or `unknown` if
/// the runtime ended before the answer came.
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
class runtime {
public:
  /// Opens or creates the store in this directory. Errors: store_*, derived_ahead, bad_option; misuse if this process has it open.
  static result<runtime> open(const std::filesystem::path& store, options with = {});

  runtime(runtime&&) noexcept;
  runtime& operator=(runtime&&) noexcept;
  /// Closes and releases the store. Waits until everything has ended, for at most the time of close() plus 1 s. Where a call must
  /// not wait, it returns at once.
  ~runtime();

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

  /// Sends a command to the aggregate A with this key. Commands that one thread sends to one aggregate keep their order. Never waits.
  /// Answers: a receipt once the events are durable, or an error: see errc.
  template <class A, one_of<typename A::commands> C>
  pending<receipt> send(std::string_view key, const C& command, send_options with = {}) {
    return send_bytes(A::category, key, C::about.name, encoded(command), std::move(with));
  }

  /// Asks a projection by message. Without at_least it answers from the model as it is. Never waits. Errors: not_hosted;
  /// projection_failed if the projection has stopped, or `answer` threw; overloaded, closed, unknown; without at_least not_ready, until
  /// the model has reached the head as of the start; with at_least timed_out, history_differs, parked.
  template <class P, one_of<typename P::queries> Q>
  pending<answer_of<P, Q>> ask(const Q& query, std::optional<at_least> when = std::nullopt) {
    return {ask_bytes(P::name, Q::about.name, encoded(query), when), [](detail::outcome o) -> result<answer_of<P, Q>> {
              if (!o) return std::move(o).error();
              return detail::decoded_answer<answer_of<P, Q>>(o->bytes);
            }};
  }

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

  /// The parked events (see parked.hpp) of a projection, or of the process manager of this category, in position order. Errors:
  /// not_hosted; misuse (in apply()).
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

  /// The events of an aggregate from version `from` on, at most `max`; empty if there is no such stream. A need not be hosted. Includes
  /// everything acknowledged before the call, even in a callback. Only while the stream index is far behind, as right after a start over
  /// a long log, does a callback see no more than what is readable. Errors: unknown_event_type, newer_schema and undecodable, with the
  /// position; corrupt_record, store_failed.
  template <class A>
  result<std::vector<past_event<A>>> history(std::string_view key, version from = 1, std::size_t max = 1'000'000) const {
    std::vector<past_event<A>> past;
    std::optional<error> wrong;
    auto ok = read_stream(detail::stream_name(A::category, key), from, max, [&](const record_view& r) {
      auto read = detail::read_event_of<A>(r, [&]<class E>(E&& event) { past.push_back({r.version, r.at, r.time, event_of<A>{std::move(event)}}); });
      if (!read) wrong = std::move(read).error();
      return !wrong;
    });
    if (!ok) return std::move(ok).error();
    if (wrong) return std::move(*wrong);
    return past;
  }

  /// A past state of an aggregate or process manager, from the nearest snapshot and the log. Version 0 and the default state if there
  /// is no such stream (store_view::state_of() says not_found). Includes everything acknowledged before the call, also in a callback.
  /// The runtime caches the present states of the last 1,024 streams that you asked for, so asking again applies only newer events.
  /// Errors: not_hosted; unknown_event_type, newer_schema, undecodable and evolve_failed, with the position; corrupt_record, store_failed.
  template <class A>
  result<past_state<A>> state_of(std::string_view key, const as_of& when = {}) const {
    past_state<A> past;
    auto ok = look_at_state(A::category, key, when, [&](const void* state, annals::version v, position at, timestamp time) {
      past = {*static_cast<const typename A::state*>(state), v, at, time};
    });
    if (!ok) return std::move(ok).error();
    return past;
  }

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

  /// Makes the caller a member of the subscription with this name: 1 to 64 bytes, without "/" and control characters. Creates the
  /// subscription if it is new, and stores where it begins; so while the log has no space, the call waits. Errors: misuse (in a callback
  /// or inside a read; before start(); the members have other options; `reset` while there are members), bad_option, closed,
  /// not_written, unknown; store_failed; undecodable if its stored state cannot be read.
  result<subscription> subscribe(std::string_view name, subscription_options with = {});

  /// Replays every stream of a hosted type with a described state, twice from the start and once from each snapshot, and compares the
  /// states. Errors: not_deterministic, with the event after which they differ; otherwise as state_of(). Takes as long as reading the
  /// log, and memory for the names of all streams and for the snapshots and states of one.
  result<replayed> verify_replay() const;

  /// Visits the raw log from `from` on, at most `max` records; the visitor returns false to stop. Returns the position to continue
  /// from. Waits up to 1 s until everything acknowledged before the call is readable; in a callback it visits only what is readable.
  /// Each view is valid during its visit; the visitor must not wait. Errors: corrupt_record with `place`, after it has visited the
  /// records before it; store_failed.
  result<position> log(position from, std::size_t max, const std::function<bool(const record_view&)>& visit) const;

  /// The durable head: everything acknowledged is at or before it. A query that waits for it (at_least) sees all writes that were
  /// acknowledged before the call.
  token head() const;

  annals::health health() const;

  /// Waits until nothing is in flight, and the process managers have nothing to do except wait for timers. Errors: timed_out;
  /// projection_failed if a process manager has stopped; store_failed if the runtime has; closed; misuse (before start(), in a callback
  /// or inside a read).
  result<void> settle(std::chrono::milliseconds time_out) const;

  /// Makes a consistent copy of the log in a new directory `target`, whose parent exists; the copy appears complete or not at all.
  /// Errors: bad_option (`target` is in the store itself); store_failed, also if `target` exists; storage_full.
  result<void> backup(const std::filesystem::path& target) const;

  /// Refuses new commands and queries, waits for what is in flight (options.close_deadline), commits, and ends everything that runs.
  /// Requests that could not be finished are `unknown`, or `not_written` if they certainly had no effect. The time is bounded, whatever
  /// the host's functions do: see options.close_deadline. In a callback or inside a read close() would wait for itself: there it only
  /// refuses new requests, and logs that. Call it in another thread, or leave it to the destructor. The store stays locked until this
  /// object is destroyed. Until then read(), history(), log() and similar calls still work; no other process can open the store for
  /// writing, and this process cannot open a store_view.
  void close();

private:
  explicit runtime(std::unique_ptr<detail::engine, detail::end_engine> engine);
  pending<receipt> send_bytes(std::string_view category, std::string_view key, std::string_view command, std::string body, send_options with);
  std::shared_ptr<detail::waiter> ask_bytes(std::string_view projection, std::string_view query, std::string body, std::optional<at_least> when);
  result<void> read_model(std::string_view projection, const std::function<void(const void*, position)>& look) const;
  result<position> fold_log(std::string_view projection, detail::hosted_model& into, position at, const stream_choice& of,
                            detail::left_out_events left_out) const;
  result<void> look_at_state(std::string_view category, std::string_view key, const as_of& when,
                             const std::function<void(const void*, annals::version, position, timestamp)>& look) const;
  result<void> read_stream(const std::string& stream, version from, std::size_t max, const std::function<bool(const record_view&)>& visit) const;

  std::unique_ptr<detail::engine, detail::end_engine> engine_;
};

}  // namespace annals
