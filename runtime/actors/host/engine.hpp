// Everything that runs on one store: the actor system, the actors and what they share. It implements `annals::runtime`; tests run it
// with other parts. Its functions are in files named after what hosts want: open, start, send, ask, parked, history, subscribe, health,
// close, and limits for the checks.
#pragma once

#include "actors/base/environment.hpp"
#include "actors/dead_letters/messages.hpp"
#include "actors/follow/follower_cell.hpp"
#include "actors/follow/ports.hpp"
#include "actors/host/gateway.hpp"
#include "actors/host/process_cells.hpp"
#include "actors/host/system_thread.hpp"
#include "actors/projections/messages.hpp"
#include "actors/subscriptions/local_membership.hpp"
#include "actors/upkeep/ports.hpp"
#include "actors/write/ports.hpp"
#include "store/open_store.hpp"
#include "store/os/forks.hpp"
#include "store/read/past_state.hpp"
#include "store/read/recent_states.hpp"

#include <annals/detail/tables.hpp>
#include <annals/runtime.hpp>

#include <atomic>
#include <chrono>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace annals::detail {

/// The store and the clocks of an engine; simulation replaces them. Everything here outlives the actors.
struct engine_parts {
  std::shared_ptr<void> store;  // owns log, derived store and images
  store::log* log = nullptr;
  store::derived_store* derived = nullptr;
  store::images* images = nullptr;  // null: no images are kept
  std::uint64_t history = 0;
  std::vector<store::former_history> former;               // their tokens are valid up to the fork
  std::function<result<store_stats>(figures)> statistics;  // empty in simulation
  std::function<void(actors::store_meters&)> measure;      // the same; may wait for the disk
  std::chrono::nanoseconds opened_in{0};                   // how long opening the store took
  std::function<timestamp()> now;
  std::function<timestamp()> steady;                 // a clock that is never set; empty: `now` is used
  std::function<std::int64_t()> now_in_nanoseconds;  // wall clock, for spans; empty: `now` is used
  bool is_copy = false;  // a replica: the log grows by other means; nothing may be decided here, and effects are executed at the source
  std::optional<std::uint64_t> trace_seed;  // in simulation: ids of spans and the choice of what is traced come again
  bool simulated = false;                   // CAF's testing scheduler, no threads; no call may wait
  std::function<void()> run_jobs;           // in simulation: runs all jobs of that scheduler; empty: in their order
};

/// For an engine on a store on disk, with the system's clocks.
engine_parts parts_of(std::shared_ptr<store::opened> store);
store::open_options how_to_open(const options& with);

/// What a host has attached to an engine: a listener, say. It is told when the engine closes, before anything is refused, and is destroyed
/// when nothing runs any more.
class attachment {
public:
  virtual ~attachment() = default;
  /// Takes nothing new, and waits for what it has given the engine to do, at most this long. Other threads may call close(), too.
  virtual void close(std::chrono::milliseconds at_most) = 0;
};

/// Functions that `annals::runtime` has too do the same here.
class engine {
public:
  engine(engine_parts parts, options with);
  result<void> host(const hosted_types& all);
  result<void> add(const aggregate_table& table);
  result<void> add(const projection_table& table);
  result<void> add(const process_table& table);

  result<void> start();
  /// The first half of start(): spawns everything, and does not wait.
  result<void> begin();
  /// The second half.
  result<void> wait_until_caught_up();
  void close();
  /// Closes, and waits without limit until all actors have ended.
  ~engine();
  /// False in a child of a fork, where the engine must not be touched.
  bool is_ours() const { return home_process_.is_this_one(); }

  std::shared_ptr<waiter> send(std::string_view category, std::string_view key, std::string_view command, std::string body, send_options with);
  std::shared_ptr<waiter> ask(std::string_view projection, std::string_view query, std::string body, std::optional<at_least> when);
  result<void> read_model(std::string_view projection, const std::function<void(const void*, position)>& look) const;

  /// Also of subscription/NAME.
  result<std::vector<parked_event>> parked(std::string_view name) const;
  /// What projections are told to do; process managers too, except to rebuild.
  using follower_order = std::variant<actors::rebuild_model, actors::retry_parked, actors::skip_parked>;
  /// Sends an order, whose reply address is filled in here.
  std::shared_ptr<waiter> order(std::string_view name, follower_order what);
  /// Also for a projection or process manager that is not hosted here.
  std::shared_ptr<waiter> skip_parked(std::string_view name, position at);

  result<void> read_stream(const std::string& stream, version from, std::size_t max, const std::function<bool(const record_view&)>& visit) const;
  /// Visits the stream's records after this token, in parts, the newest part first, until the visitor returns false. All of them, if the
  /// token is of no history of this log. Errors: also not_ready, right after a start, while the end of the log cannot be read yet.
  result<void> read_back(const std::string& stream, const token& since, const std::function<bool(const record_view&)>& visit) const;
  result<state_place> take_state(std::string_view category, std::string_view key, const as_of& when, const state_taker& into) const;
  result<store::begun_state> state_of(std::string_view category, std::string_view key, const as_of& when) const;
  /// Gives back a state that was requested as of now. The next request for it continues from there.
  void remember_state(std::string_view category, std::string_view key, store::begun_state state) const;
  result<position> fold_log(std::string_view projection, hosted_model& into, position at, const stream_choice& of, left_out_events left_out) const;
  result<replayed> verify_replay() const;
  result<position> log(position from, std::size_t max, const std::function<bool(const record_view&)>& visit) const;
  result<void> backup(const std::filesystem::path& target) const;
  result<store_stats> stats() const;
  /// Waits until what is durable now is readable, so that a host finds everything for which it has receipts. Waits at most one second,
  /// and not at all in simulation or in a thread that must not wait; then readers see what is readable. Errors: why the rest never
  /// becomes readable.
  result<void> let_readers_catch_up() const;

  struct joining {
    std::shared_ptr<membership> member;
    std::shared_ptr<waiter> joined;  // answered when the member has joined
  };
  /// A new member of the subscription of this name. Does not wait until it has joined.
  result<joining> subscribe(std::string_view name, subscription_options with);

  /// What a view of this engine reads. It outlives the engine.
  const std::shared_ptr<const view_source>& seen() const { return seen_; }

  annals::health health() const;
  /// Reads cells only.
  annals::metrics metrics() const;
  std::vector<option_in_force> options_in_force() const { return listed(env_.options); }
  std::shared_ptr<span_queue> spans() const { return env_.tracing.spans(); }
  /// Whether nothing is in flight and all process managers are at the head with nothing under way.
  bool is_settled() const;
  result<void> settle(std::chrono::milliseconds time_out) const;
  token head() const { return {parts_.history, env_.log->durable()}; }
  static result<void> check(const options& with);
  static result<void> check(std::string_view subscription, const subscription_options& with);

  /// Errors: closed; misuse before start(), or in a callback.
  result<void> attach(std::shared_ptr<attachment> one);

  const actors::environment& env() const { return env_; }
  const actors::write_ports& write() const { return write_; }
  const actors::follow_ports& follow() const { return follow_; }
  caf::actor_system& system() { return home_->system(); }
  /// Runs `what` in the thread of the actor system, as is necessary for everything that spawns, and waits for it.
  void at_home(std::function<void()> what) { home_->run(std::move(what)); }

private:
  /// Closes and destroys the engine within a bounded time. If something does not end by then, or if this thread must not wait, the
  /// engine's own thread destroys it when everything has ended. In a child of a fork nothing is touched.
  friend struct end_engine;

  /// A projection or a process manager.
  struct follower {
    std::shared_ptr<actors::follower_cell> cell;
    caf::actor actor;
  };
  template <class Table>
  struct hosted : follower {
    Table table;
  };
  /// Without a model it is the cell of a process manager.
  static std::shared_ptr<actors::follower_cell> new_cell(store::owner_name owner, std::unique_ptr<hosted_model> model);
  /// These return null if there is none of this name. A process manager has the name of its category.
  const aggregate_table* find(std::string_view category) const;
  template <class Table>
  static const follower* find_in(const std::deque<hosted<Table>>& all, std::string_view name) {
    for (const auto& one : all)
      if (one.cell->name == name) return &one;
    return nullptr;
  }
  const follower* find_follower(std::string_view name) const;

  /// Returns its number.
  std::size_t add_category(const aggregate_table& table);

  // limits.cpp: every check of what a host passes
  result<void> check_name(std::string_view name) const;
  result<void> check(const aggregate_table& table) const;
  result<void> check(const projection_table& table) const;
  result<void> check(const process_table& table) const;
  /// Checks that every aggregate that a process manager observes is hosted.
  result<void> all_observed_are_hosted() const;
  std::optional<error> check_command(std::string_view category, std::string_view key, std::string_view command, const std::string& body,
                                     const send_options& with, const aggregate_table* type) const;
  /// Refuses a filter that can never match: a category that is neither hosted nor in the log, or a type that no event has.
  result<void> check_filter(const subscription_options& with) const;
  /// not_owner, if this is a copy.
  std::optional<error> only_at_the_owner(std::string_view what) const;
  static error no_such_projection(std::string_view name);
  static error in_apply(std::string_view call);

  void spawn_all();
  void spawn_followers(caf::actor_system& system);
  struct admitted {
    std::shared_ptr<waiter> answer;
    std::optional<actors::reply_address> reply;  // none: the waiter already has its answer, a refusal
  };
  /// A place at the gateway for a query of this projection, or for an order.
  admitted admit(actors::gateway::asks what, actors::projection_meters* asked = nullptr);
  /// Answers with the reason why the gateway admits nothing any more, or else with `why`.
  std::shared_ptr<waiter> refused(error why) const;
  /// The same, and counts it.
  std::shared_ptr<waiter> refused(error why, actors::refusal_meters& counted, token since = {}) const;
  position known_since(const token& t) const;
  bool is_of_our_history(const token& t) const;
  /// The sources for reading a stream as of now, records included that are not readable yet. Without a tail (before begin()), or while
  /// the tail is far behind (at the start), the sources are what is readable, by a scan.
  result<store::state_sources> history_now() const;

  using steady = std::chrono::steady_clock;
  /// The deadline for what ends next: half of the remaining time, so that some is left for what ends after it.
  steady::time_point half_of_what_is_left() const;
  /// The runtime cannot continue: answers all waiting callers and refuses new calls with the reason.
  void stop(const error& why);
  void close_attachments();
  void close_subscriptions();
  /// Null if there is none of this name.
  std::shared_ptr<actors::subscription_cell> find_subscription(std::string_view name) const;
  std::vector<std::shared_ptr<actors::subscription_cell>> subscriptions() const;
  void run_simulated();
  struct running {
    std::string name;
    caf::actor actor;
    bool by_message = true;
  };
  /// Tells all of them to end, and waits. Those that do not end in time are killed and noted in `not_ended_`.
  void end_all(const std::vector<running>& all);
  void answer_all_waiting();
  /// The places of all handles of spawned actors, except for those of subscriptions and for copies in the ports; some may be null.
  std::vector<caf::actor*> handles();
  /// Waits until no actor runs, and drops the handles before their actor system. Call it after everything that may use them: a late
  /// caller, or what was abandoned.
  void drop_actors();
  /// Call when not all actors could be spawned: ends the others and restores the state before begin().
  void unspawn();

  engine_parts parts_;
  std::unique_ptr<store::stream_reader> tail_;  // set by begin()
  actors::environment env_;
  actors::write_ports write_;  // the three ports are filled by spawn_all()
  actors::follow_ports follow_;
  actors::upkeep_ports upkeep_;
  actors::recipients recipients_;
  const store::home_process home_process_;
  std::unique_ptr<actors::system_thread> home_;
  std::shared_ptr<hosted_types> types_ = std::make_shared<hosted_types>();
  std::shared_ptr<actors::process_cells> seen_processes_ = std::make_shared<actors::process_cells>();
  std::shared_ptr<const view_source> seen_;
  std::deque<aggregate_table> aggregates_;  // stable addresses
  std::deque<hosted<projection_table>> projections_;
  std::deque<hosted<process_table>> processes_;
  std::mutex joining_mutex_;            // held while a subscription is spawned
  std::vector<caf::actor> subscribed_;  // guarded by it; the actors of the subscriptions
  actors::member_id last_member_ = 0;   // the same
  bool takes_no_members_ = false;       // the same
  /// Held only to look into the list or to lengthen it, so that metrics(), health() and stop() wait for nobody.
  mutable std::mutex subscriptions_mutex_;
  std::map<std::string, std::shared_ptr<actors::subscription_cell>, std::less<>> subscriptions_;  // guarded
  std::unique_ptr<actors::gateway> gateway_;
  std::mutex attachments_mutex_;
  std::vector<std::shared_ptr<attachment>> attachments_;  // guarded
  static constexpr std::size_t recent_states_max = 1'024;
  mutable store::recent_states recent_states_{recent_states_max};
  std::atomic<bool> begun_{false};
  std::atomic<bool> closed_{false};
  static constexpr std::chrono::milliseconds least_to_end{1'000};  // for what runs, however short the host's deadline is
  steady::time_point closing_ends_{};                              // how long close() waits for running actors
  std::vector<std::string> not_ended_;                             // names of what had not ended by then
};

}  // namespace annals::detail
