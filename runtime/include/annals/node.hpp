/// What host code needs of a node. A function that takes a `node&` sends, asks and reads without knowing where the node runs.
/// annals::runtime is the node in this process; annals::remote is a node elsewhere.
#pragma once

#include <annals/aggregate.hpp>
#include <annals/codec.hpp>
#include <annals/detail/events.hpp>
#include <annals/detail/projection_table.hpp>
#include <annals/pending.hpp>
#include <annals/projection.hpp>
#include <annals/receipt.hpp>
#include <annals/record.hpp>
#include <annals/result.hpp>
#include <annals/subscription.hpp>
#include <annals/time_travel.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace annals {

/// What a command carries besides its body. A text of more than 255 bytes is `invalid_command`, except for `trace`.
struct send_options {
  /// Names the command within its stream: a command with an id takes effect once, no matter how often you send it. Empty: no id, and
  /// each send takes effect. Ids that begin with the byte 0x01 belong to the runtime; if a host uses one, it is `invalid_command`.
  std::string id = {};
  /// Head of the log when this id was first used: node::head() before the first send, or pending::since() of that send. Store it
  /// with the id and pass both on a retry. It only saves work: if the aggregate does not remember the id, it searches the events since
  /// then. Without `since`, it searches its whole stream, and the same with a token of a history that this log does not continue. It
  /// reads the stream once while it is in memory, and then holds up to 1,048,576 ids, about 50 bytes each. If the stream has more
  /// commands, each such send reads it again: pass `since` there.
  std::optional<token> since = std::nullopt;
  expectation expect = {};
  std::string correlation = {};
  std::string causation = {};
  std::string principal = {};
  /// Where the command belongs in a distributed trace: the value of the header `traceparent` (W3C trace context, level 1), as to_string() of
  /// a trace_context makes it. It is ignored and counted if it cannot be read. If it says that the trace is sampled, the runtime makes spans
  /// and keeps the trace in the command's records; if it says that it is not, neither. Without it options::trace_ratio decides.
  std::string trace = {};
};

/// Makes a query wait until its model has reached the token; after `time_out` the answer is `timed_out`. With the token of a receipt the
/// query sees what that command wrote, with the token of head() everything acknowledged. If the projection has parked an event of the
/// command that wrote the token's position, the model lacks that event and the answer is `parked`. Ask without a token to get the model
/// as it is.
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

/// The condition of a node at one moment.
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
std::string stream_name(std::string_view category, std::string_view key);

/// Where a state was found.
struct state_place {
  annals::version version = 0;
  position at = 0;
  timestamp time = 0;
};

/// Takes the state that a node has found, into an object of a type that the node need not know.
struct state_taker {
  void* into;
  /// For a node that has the state itself, in this process.
  void (*copy)(void* into, const void* state);
  /// For a node that has only hosted_state::saved() of it. Errors: undecodable; bad_type if the type is not described.
  result<void> (*decode)(void* into, std::string_view saved);
};

/// The own state of a process manager's type, in what process_instance::saved_with() returned. Errors: undecodable.
result<std::string> state_of_instance(std::string_view saved);
/// bad_type: the state of this stream, or category, is not described.
error not_described(std::string_view of);

template <class A>
result<void> decode_state([[maybe_unused]] typename A::state& into, [[maybe_unused]] std::string_view saved) {
  if constexpr (!described<typename A::state>)
    return not_described(A::category);
  else if constexpr (requires { typename A::observes; }) {
    auto own = state_of_instance(saved);
    if (!own) return std::move(own).error();
    return decode_bytes(*own, into);
  } else
    return decode_bytes(saved, into);
}

template <class A>
state_taker taker_of(typename A::state& into) {
  using state = typename A::state;
  return {&into, [](void* to, const void* found) { *static_cast<state*>(to) = *static_cast<const state*>(found); },
          [](void* to, std::string_view saved) { return decode_state<A>(*static_cast<state*>(to), saved); }};
}
}  // namespace detail

/// What runs on one store, as host code sees it. Any thread may call. No function throws by itself; exceptions of log()'s visitor
/// propagate to you. The errors named here are those of every node. What each kind adds stands with it: runtime.hpp says which calls need
/// start() and which are `misuse` in a callback; remote.hpp says what a link adds. Hosts do not derive from this class.
class node {
public:
  virtual ~node();

  /// Sends a command to the aggregate A with this key. Commands that one thread sends to one aggregate keep their order. Never waits.
  /// Answers: a receipt once the events are durable, or an error: see errc.
  template <class A, one_of<typename A::commands> C>
  pending<receipt> send(std::string_view key, const C& command, send_options with = {}) {
    return {send_bytes(A::category, key, C::about.name, encoded(command), std::move(with)), detail::receipt_of};
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
  /// A runtime caches the present states of the last 1,024 streams that you asked for, so asking again applies only newer events.
  /// Errors: not_hosted; unknown_event_type, newer_schema, undecodable and evolve_failed, with the position; corrupt_record, store_failed;
  /// bad_type if the node has the state as bytes only, and A::state is not described.
  template <class A>
  result<past_state<A>> state_of(std::string_view key, const as_of& when = {}) const {
    past_state<A> past;
    auto found = take_state(A::category, key, when, detail::taker_of<A>(past.state));
    if (!found) return std::move(found).error();
    past.version = found->version;
    past.at = found->at;
    past.time = found->time;
    return past;
  }

  /// Makes the caller a member of the subscription with this name: 1 to 64 bytes, without "/" and control characters. Creates the
  /// subscription if it is new, and stores where it begins; so while the log has no space, the call waits. Errors: misuse (in a callback
  /// or inside a read; before start(); the members have other options; `reset` while there are members), bad_option, closed,
  /// not_written, unknown; store_failed; undecodable if its stored state cannot be read.
  result<subscription> subscribe(std::string_view name, subscription_options with = {}) { return join(name, std::move(with)); }

  /// Visits the raw log from `from` on, at most `max` records; the visitor returns false to stop. Returns the position to continue
  /// from. Waits up to 1 s until everything acknowledged before the call is readable; in a callback it visits only what is readable.
  /// Each view is valid during its visit; the visitor must not wait. Errors: corrupt_record with `place`, after it has visited the
  /// records before it; store_failed.
  result<position> log(position from, std::size_t max, const std::function<bool(const record_view&)>& visit) const {
    return read_log(from, max, visit);
  }

  /// The durable head: everything acknowledged is at or before it. A query that waits for it (at_least) sees all writes that were
  /// acknowledged before the call. Errors: closed; misuse in a child of a fork. runtime::head() hides this one, and returns a token.
  result<token> head() const { return head_now(); }

  /// Errors: as head(). runtime::health() hides this one, and returns the health itself.
  result<annals::health> health() const { return health_now(); }

protected:
  node() = default;
  node(node&&) noexcept = default;
  node& operator=(node&&) noexcept = default;

  // What each kind of node implements. Values of the host's types are bytes here, encoded as codec.hpp says.
  virtual std::shared_ptr<detail::waiter> send_bytes(std::string_view category, std::string_view key, std::string_view command, std::string body,
                                                     send_options with) = 0;
  virtual std::shared_ptr<detail::waiter> ask_bytes(std::string_view projection, std::string_view query, std::string body,
                                                    std::optional<at_least> when) = 0;
  virtual result<void> read_stream(const std::string& stream, version from, std::size_t max,
                                   const std::function<bool(const record_view&)>& visit) const = 0;
  /// Gives the state to one of the two functions of `into`, whose error is then the answer. It need not if there is no such stream.
  virtual result<detail::state_place> take_state(std::string_view category, std::string_view key, const as_of& when,
                                                 const detail::state_taker& into) const = 0;
  virtual result<subscription> join(std::string_view name, subscription_options with) = 0;
  virtual result<position> read_log(position from, std::size_t max, const std::function<bool(const record_view&)>& visit) const = 0;
  virtual result<token> head_now() const = 0;
  virtual result<annals::health> health_now() const = 0;
};

}  // namespace annals
