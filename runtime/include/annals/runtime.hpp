/// The runtime: opens a store, hosts types, takes commands, answers queries. Start reading here.
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

/// What goes with a command beside its body. Every text has at most 255 bytes.
struct send_options {
  /// Names the command within its stream: the same id has one effect, whenever it is sent again. Empty: none, and
  /// repeating repeats. Ids that begin with the byte 0x01 are the runtime's own, and `invalid_command`.
  std::string id = {};
  /// The head of the log when this id was first used: runtime::head() before the first send, or pending::since() of it.
  /// Store it with the id and pass both on a retry. It saves work and changes nothing else: an id that the aggregate does
  /// not remember is then looked for in the events since that moment only. Without it, and with a token of a history
  /// that this log does not continue, the aggregate reads the ids of its whole stream, once while it is in memory, and
  /// then holds up to 1,048,576 of them, about 50 bytes each. A stream with more commands than that is read for each
  /// such command: send those with `since`.
  std::optional<token> since = std::nullopt;
  expectation expect = {};
  std::string correlation = {};
  std::string causation = {};
  std::string principal = {};
};

/// Makes a query wait until its model has reached the token; the answer after `time_out` is `timed_out`. A receipt has a
/// token: the answer then knows what was written. So does the one of head(). When the projection has parked an event of the command
/// that wrote the token's position, the answer is `parked`, since the model is without it; ask without a token to get it as it is.
struct at_least {
  annals::token token;
  std::chrono::milliseconds time_out;

  at_least(annals::token t, std::chrono::milliseconds limit) : token(t), time_out(limit) {}
};

/// An event of aggregate A in its stream, as history() hands it out.
template <class A>
struct past_event {
  annals::version version;
  position at;
  timestamp time;
  event_of<A> event;
};

struct projection_health {
  std::string name;
  position at = 0;             ///< how far the model is
  std::size_t under_way = 0;     ///< process managers: observations and commands that are not answered yet
  std::optional<error> stopped;  ///< why it stopped, if it did
  std::size_t parked = 0;        ///< events that are set aside
  std::optional<position> rebuilt_to;  ///< projections: how far the model is that rebuild() builds
  std::size_t held = 0;  ///< process managers: commands that wait for a start that hosts their target, or can load it
};

/// A picture of a moment.
struct health {
  position durable = 0;
  position readable = 0;
  std::size_t in_flight = 0;
  std::size_t aggregates_resident = 0;
  std::uint64_t commits = 0;  ///< of the log, since start(): one for each batch
  bool storage_full = false;
  std::optional<error> journal_stopped;
  std::vector<projection_health> projections;
  std::vector<projection_health> processes;
  std::vector<subscription_health> subscriptions;  ///< those that have been subscribed to since start()
  /// Nothing has stopped, nothing is parked or held, and there is space for the log.
  bool well() const;
};

namespace detail {
class engine;
struct end_engine {
  void operator()(engine* one) const;
};
std::string stream_name(std::string_view category, std::string_view key);
}  // namespace detail

/// One store, open for writing, and all that runs on it. Every function may be called from any thread, except
/// open, host, project, orchestrate, start and close, which belong to one; other threads begin when start() has returned.
/// Nothing here throws, but what a callback of read() or log() throws, or the predicate of a stream_choice, passes to the
/// caller.
///
/// What waits (start, subscribe, settle, and get() of an answer that is not here) is `misuse` in a callback and inside a read, with
/// advice. The same holds in an `effect`, which may make any other call. In apply(), read() and parked() are `misuse`, too, and health()
/// leaves out what another projection is applying. Each pending answer may also be `overloaded` (too much in flight), `closed`, or
/// `unknown`, when the runtime ended before the answer came.
///
/// When the log has failed, or an actor other than an aggregate has died, the runtime stops: health() and options.on_failure say so,
/// everything that waits ends, and what is asked from then on is `store_failed` with the reason. What may have had its effect is
/// `unknown`. Open the store again: it has everything that was answered. An aggregate that dies is loaded again.
///
/// A runtime that was moved from answers `closed`. A child of a fork has no threads of its parent's runtime: there every call is
/// `misuse`, close() and the destructor do nothing. The child does not lock the store, and can open it again once the parent has let go
/// of it. A static object may hold a runtime.
///
/// Before start() commands, subscribe(), ask, read, rebuild, retry_parked and skip_parked are `misuse`; parked() is empty.
/// What reads the log or copies it needs no start(): history, state_of, model_at, log, verify_replay, backup.
class runtime {
public:
  /// Opens or creates the store in this directory. Errors: store_*, derived_ahead, bad_option.
  static result<runtime> open(const std::filesystem::path& store, options with = {});

  runtime(runtime&&) noexcept;
  runtime& operator=(runtime&&) noexcept;
  /// Closes and releases the store. Waits until everything has ended, at most as long as close() may take and a second more. Where the
  /// thread must not wait, it returns at once.
  ~runtime();

  /// Says what runs here; before start(). Errors: misuse (too late), bad_type (a name twice).
  template <class A>
  result<void> host() { return add(detail::table_of_aggregate<A>()); }
  template <class P>
  result<void> project() { return add(detail::table_of_projection<P>()); }
  template <class P>
  result<void> orchestrate() { return add(detail::table_of_process<P>()); }

  /// All of them.
  result<void> host(const hosted_types& all);

  /// Begins to take commands. Returns when each model has reached the head as of the call, or with what stopped. Takes as
  /// long as reading what the log has behind each model's newest image: all of it for a model that is not described, is new, or
  /// has changed, its version or its fields. Errors: misuse (twice, or after close()); store_failed; projection_failed with `place`, of
  /// the first that has stopped: everything else runs all the same, and may not be ready yet. not_hosted, when a process manager
  /// observes an aggregate that is not hosted, and no_threads, when a thread could not be started: nothing runs then, and start() may
  /// be called again.
  result<void> start();

  /// Sends a command to the aggregate A of this key. Sends of one thread to one aggregate keep their order.
  /// Never waits. Answers: a receipt once the events are durable, or an error: see errc.
  template <class A, one_of<typename A::commands> C>
  pending<receipt> send(std::string_view key, const C& command, send_options with = {}) {
    return send_bytes(A::category, key, C::about.name, encoded(command), std::move(with));
  }

  /// Asks a projection by message. Without at_least the answer is of the model as it is. Never waits. Errors: not_hosted;
  /// projection_failed when it has stopped, or `answer` threw; overloaded, closed, unknown; without at_least: not_ready, while
  /// the model is not where the log was at the start; with it: timed_out, history_differs, parked.
  template <class P, one_of<typename P::queries> Q>
  pending<answer_of<P, Q>> ask(const Q& query, std::optional<at_least> when = std::nullopt) {
    return {ask_bytes(P::name, Q::about.name, encoded(query), when), [](detail::outcome o) -> result<answer_of<P, Q>> {
              if (!o) return std::move(o).error();
              return detail::decoded_answer<answer_of<P, Q>>(o->bytes);
            }};
  }

  /// Calls `look(const P::model&, position)` in this thread, without a message and without a copy; many threads may at
  /// once. The projector waits meanwhile, so keep it short; it keeps readers waiting for one batch at most. A read may
  /// be inside a read; waiting inside one is misuse. Errors: not_hosted, projection_failed, not_ready (as
  /// of ask()).
  template <class P, class Look>
  result<void> read(Look&& look) const {
    static_assert(requires { typename P::follows; }, "this is no projection: there is no model to read");
    return read_model(P::name, [&](const void* model, position at) { look(*static_cast<const typename P::model*>(model), at); });
  }

  /// Rebuilds a projection's model from position 1, with the present code, while the one that is there goes on
  /// following and answering; then it takes that one's place. Both are in memory meanwhile. Answers its position then, or why
  /// it was given up, which leaves the old one where it is. Asked again meanwhile: the same answer. One that has stopped goes
  /// on when the new model has passed what it stopped at and come to the head as of the call, the effects that are still to
  /// come included; else it stays stopped, and the answer says at what the new one failed. Errors: misuse (before start()),
  /// not_hosted, not_ready, projection_failed, overloaded, closed, unknown; store_failed when the new one answers but images of
  /// the old one are left, with which the next start would begin.
  pending<position> rebuild(std::string_view projection);
  template <class P>
  pending<position> rebuild() { return rebuild(P::name); }

  /// What a projection, or a process manager of this category, could not handle and set aside (see parked.hpp), in position
  /// order. Errors: not_hosted.
  result<std::vector<parked_event>> parked(std::string_view name) const;
  /// Handles a parked event with the present code, and then what was parked because of it. Answers its
  /// position. Errors: not_hosted, not_ready, not_found, misuse (another one of its stream has to come first, or is being
  /// skipped), overloaded, closed, unknown; why it failed again: projection_failed, of a process manager also decide_failed,
  /// evolve_failed or too_large.
  pending<position> retry_parked(std::string_view name, position at);
  /// Decides that it never handles a parked event, in no later life and no rebuild. Answers its position when the
  /// decision is on disk, in the log. Where it is not hosted, nothing tries the event first. Errors: not_found, misuse (another one
  /// comes first, or is being skipped), overloaded, closed, unknown, not_written.
  pending<position> skip_parked(std::string_view name, position at);

  /// The events of an aggregate, which need not be hosted, from version `from` on, at most `max`; none when there is no such
  /// stream. All that was answered before the call is among them, in a callback, too, unless the stream index trails far behind, as right
  /// after a start over a long log: a callback then sees what is readable. Errors: unknown_event_type, newer_schema and undecodable,
  /// with the place; corrupt_record, store_failed.
  template <class A>
  result<std::vector<past_event<A>>> history(std::string_view key, version from = 1, std::size_t max = 1'000'000) const {
    std::vector<past_event<A>> past;
    std::optional<error> wrong;
    auto ok = read_stream(detail::stream_name(A::category, key), from, max, [&](const record_view& r) {
      auto read = detail::read_event_of<A>(r, [&]<class E>(E&& event) {
        past.push_back({r.version, r.at, r.time, event_of<A>{std::move(event)}});
      });
      if (!read) wrong = std::move(read).error();
      return !wrong;
    });
    if (!ok) return std::move(ok).error();
    if (wrong) return std::move(*wrong);
    return past;
  }

  /// The state of an aggregate or process manager as it was, out of the nearest snapshot and the log; version 0 and the first
  /// state when there is no such stream (store_view::state_of() says not_found). Knows all that was answered before the
  /// call, in a callback, too. Who asks again for a state as of now has the events since then folded: the 1,024 last ones are kept.
  /// Errors: not_hosted; unknown_event_type, newer_schema, undecodable and evolve_failed, with the place; corrupt_record, store_failed.
  template <class A>
  result<past_state<A>> state_of(std::string_view key, const as_of& when = {}) const {
    past_state<A> past;
    auto ok = look_at_state(A::category, key, when, [&](const void* state, annals::version v, position at, timestamp time) {
      past = {*static_cast<const typename A::state*>(state), v, at, time};
    });
    if (!ok) return std::move(ok).error();
    return past;
  }

  /// The model of P as it was at a position (or at the head, if that is before it), built aside in this thread out of
  /// the log: what is kept of it is the model, so choose the streams when all of them are too many. P need not be
  /// hosted. Takes as long as the log up to there, or the named streams, are; holds up nobody, since it reads in short
  /// transactions. What it was decided that P never handles (skip_parked) is left out, whenever that was. What P cannot
  /// apply is left out, too, after one attempt, as its on_failure says (parked.hpp), and listed. Errors: projection_failed,
  /// where P stops, or with 10,000 left out; those of an event that cannot be decoded, with the place.
  template <class P>
  result<past_model<P>> model_at(position at, const stream_choice& of = {}) const {
    detail::projection_model<P> built;
    std::vector<parked_event> left_out;
    auto reached = fold_log(P::name, built, at, of, {detail::policy_of<P>().then, &left_out});
    if (!reached) return std::move(reached).error();
    return past_model<P>{std::move(built).taken(), *reached, std::move(left_out)};
  }

  /// Makes the caller a member of the subscription of this name: 1 to 64 bytes, without "/" and control characters. It is
  /// made when there is none; its beginning is then durable, so that waits while there is no space for the log. Errors: misuse
  /// (in a callback or inside a read; before start(); its members have other options; begin_anew
  /// while it has members), bad_option, closed, not_written, unknown; store_failed; undecodable when what was kept of it cannot be read.
  result<subscription> subscribe(std::string_view name, subscription_options with = {});

  /// Replays every stream of a hosted type whose state is described, twice from the start and from each snapshot, and
  /// compares. Errors: not_deterministic, with the event behind which they part; else as state_of(). Takes as long as the log
  /// is, and memory for the name of every stream, and for the snapshots and states of one.
  result<replayed> verify_replay() const;

  /// Visits the raw log from `from` on, at most `max` records; the visitor returns false to stop. Returns the
  /// position to go on from. Waits, up to a second, until what was answered before the call is readable; in a callback it
  /// shows what is readable. The view ends with each call; the visitor must not wait. Errors: corrupt_record with `place`,
  /// behind what was visited before it; store_failed.
  result<position> log(position from, std::size_t max, const std::function<bool(const record_view&)>& visit) const;

  /// The durable head: everything that was answered is at or before it. A query that waits for it (at_least) knows
  /// your own writes, and those of everybody before the call.
  token head() const;

  annals::health health() const;

  /// Waits until nothing is in flight and the process managers have nothing to do but to wait for timers.
  /// Errors: timed_out; projection_failed when one of them has stopped; store_failed when the runtime has; closed; misuse (before
  /// start(), or where it would wait for itself).
  result<void> settle(std::chrono::milliseconds time_out) const;

  /// A consistent copy of the log into a directory that does not exist yet, in one that does; complete or not there at all.
  /// Errors: bad_option (in the store itself); store_failed, also when it is there already; storage_full.
  result<void> backup(const std::filesystem::path& target) const;

  /// Takes no more commands and queries, waits for what is in flight (options.close_deadline), commits, and ends what runs.
  /// What could not be finished is answered `unknown`, or `not_written` when it certainly has no effect. Takes a bounded time,
  /// whatever the host's functions do: see options.close_deadline. In a callback or inside a read, where it would wait for itself, it
  /// only takes no more commands, and says so in the log: call it elsewhere, or leave it to the destructor. Until this object is
  /// destroyed the store is taken, and read(), history(), log() and their like
  /// still look into it; nobody else can open it for writing, nor this process by store_view.
  void close();

private:
  explicit runtime(std::unique_ptr<detail::engine, detail::end_engine> engine);
  result<void> add(detail::aggregate_table table);
  result<void> add(detail::projection_table table);
  result<void> add(detail::process_table table);
  pending<receipt> send_bytes(std::string_view category, std::string_view key, std::string_view command,
                              std::string body, send_options with);
  std::shared_ptr<detail::waiter> ask_bytes(std::string_view projection, std::string_view query, std::string body,
                                            std::optional<at_least> when);
  result<void> read_model(std::string_view projection, const std::function<void(const void*, position)>& look) const;
  result<position> fold_log(std::string_view projection, detail::hosted_model& into, position at, const stream_choice& of,
                            detail::left_out_events left_out) const;
  result<void> look_at_state(std::string_view category, std::string_view key, const as_of& when,
                             const std::function<void(const void*, annals::version, position, timestamp)>& look) const;
  result<void> read_stream(const std::string& stream, version from, std::size_t max,
                           const std::function<bool(const record_view&)>& visit) const;

  std::unique_ptr<detail::engine, detail::end_engine> engine_;
};

}  // namespace annals
