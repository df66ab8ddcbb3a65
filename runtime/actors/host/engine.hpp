// Everything that runs on one store: the actor system, the actors and what they share. `annals::runtime` is its public interface;
// simulation tests run it with other parts.
#pragma once

#include "actors/base/environment.hpp"
#include "actors/follow/follower_cell.hpp"
#include "actors/follow/ports.hpp"
#include "actors/host/gateway.hpp"
#include "actors/host/system_thread.hpp"
#include "actors/processes/outbox.hpp"
#include "actors/projections/messages.hpp"
#include "actors/subscriptions/membership.hpp"
#include "actors/upkeep/ports.hpp"
#include "actors/write/ports.hpp"
#include "store/os/forks.hpp"
#include "store/read/past_state.hpp"
#include "store/read/recent_states.hpp"

#include <annals/detail/tables.hpp>
#include <annals/runtime.hpp>

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace annals::detail {

/// The store and the clocks of an engine; simulation replaces them. Everything here outlives the actors.
struct engine_parts {
  std::shared_ptr<void> store;  // owns log, derived store and images
  store::log* log = nullptr;
  store::derived_store* derived = nullptr;
  store::images* images = nullptr;  // null: no images are kept
  std::uint64_t history = 0;
  std::vector<store::former_history> former;  // their tokens are valid up to the fork
  std::function<timestamp()> now;
  std::function<timestamp()> steady;  // a clock that is never set; empty: `now` is used
  bool simulated = false;  // CAF's testing scheduler, no threads; no call may wait
};

class engine {
public:
  engine(engine_parts parts, options with);
  /// Closes, and waits without limit until all actors have ended.
  ~engine();
  /// Closes and destroys the engine within a bounded time. If something does not end by then, or if this thread must not wait, the
  /// engine's own thread destroys it when everything has ended. In a child of a fork nothing is touched.
  static void end(engine* one);
  /// False in a child of a fork, where the engine must not be touched.
  bool is_ours() const { return home_process_.is_this_one(); }

  result<void> add(aggregate_table table);
  result<void> add(projection_table table);
  result<void> add(process_table table);

  /// Spawns everything. Does not wait; wait_until_caught_up() does.
  result<void> begin();
  result<void> wait_until_caught_up();

  std::shared_ptr<waiter> send(std::string_view category, std::string_view key, std::string_view command,
                               std::string body, send_options with);
  std::shared_ptr<waiter> ask(std::string_view projection, std::string_view query, std::string body,
                              std::optional<at_least> when);
  /// The parked events of this projection or process manager, in position order. Errors: not_hosted; misuse (in apply()).
  result<std::vector<parked_event>> parked(std::string_view name) const;
  /// Sends an order, whose reply address is filled in here: rebuild_model to a projection; retry_parked or skip_parked also to a process
  /// manager.
  template <class Order>
  std::shared_ptr<waiter> order(std::string_view name, Order what) {
    const auto to = follower(name, std::is_same_v<Order, actors::rebuild_model>);
    if (!to.cell) return not_projected(name);
    if (!begun_) return answered_with(error{errc::misuse, std::string{name} + " is asked for something before start()"});
    // A failed rebuild has no effect: the model is the one from before.
    using asks = actors::gateway::asks;
    auto [who, number] = admit_order(std::is_same_v<Order, actors::rebuild_model> ? asks::a_question : asks::for_an_effect);
    if (!number) return who;
    what.reply = {actors::gateway_recipient, *number};
    caf::anon_send(to.actor, std::move(what));
    return who;
  }
  /// Also for a projection or process manager that is not hosted here.
  std::shared_ptr<waiter> skip_parked(std::string_view name, position at);
  result<void> read_model(std::string_view projection, const std::function<void(const void*, position)>& look) const;
  result<void> read_stream(const std::string& stream, version from, std::size_t max,
                           const std::function<bool(const record_view&)>& visit) const;

  result<store::begun_state> state_of(std::string_view category, std::string_view key, const as_of& when) const;
  /// Gives back a state that was requested as of now. The next request for it continues from there.
  void keep_state(std::string_view category, std::string_view key, store::begun_state state) const;
  result<position> fold_log(std::string_view projection, hosted_model& into, position at, const stream_choice& of,
                            left_out_events left_out) const;
  result<replayed> verify_replay() const;

  /// A new member of the subscription of this name. `joined` is answered when it has joined.
  struct joining {
    std::shared_ptr<membership> member;
    std::shared_ptr<waiter> joined;
  };
  result<joining> subscribe(std::string_view name, subscription_options with);

  /// The sources for reading a stream as of now, records included that are not readable yet. Without a tail (before begin()), or while
  /// the tail is far behind (at the start), the sources are what is readable, by a scan.
  result<store::kept_history> history_now() const;

  /// Waits until what is durable now is readable, so that a host finds everything for which it has receipts. Waits at most one second,
  /// and not at all in a thread that must not wait; then readers see what is readable. Errors: why the rest never becomes readable.
  result<void> let_readers_catch_up() const;

  const actors::environment& env() const { return env_; }
  const actors::write_ports& write() const { return write_; }
  const actors::follow_ports& follow() const { return follow_; }
  token head() const { return {parts_.history, env_.log->durable()}; }
  annals::health health() const;
  /// Whether nothing is in flight and all process managers are at the head with nothing under way.
  bool is_settled() const;
  result<void> settle(std::chrono::milliseconds time_out) const;
  caf::actor_system& system() { return home_->system(); }
  /// Runs `what` in the thread of the actor system, as is necessary for everything that spawns, and waits for it.
  void at_home(std::function<void()> what) { home_->run(std::move(what)); }

  /// As runtime::close().
  void close();


private:
  struct projecting {
    projection_table table;
    std::shared_ptr<actors::model_cell> cell;
    caf::actor actor;
  };
  struct orchestrating {
    process_table table;
    std::shared_ptr<actors::model_cell> cell;
    caf::actor actor;
  };
  static std::shared_ptr<actors::model_cell> cell_of(const projection_table& table);
  static std::shared_ptr<actors::model_cell> cell_of(const process_table& table);
  bool is_of_our_history(const token& t) const;
  position known_since(const token& t) const;
  const aggregate_table* find(std::string_view category) const;
  static std::shared_ptr<waiter> not_projected(std::string_view name);
  struct followed {
    const actors::model_cell* cell = nullptr;
    caf::actor actor;
  };
  /// The cell and the actor of this projection, or of the process manager of this category; nulls if there is neither.
  followed follower(std::string_view name, bool projections_only) const;
  /// A waiter and the number under which the gateway will answer it. Without a number the waiter already has its answer: a refusal.
  std::pair<std::shared_ptr<waiter>, std::optional<std::uint64_t>> admit_order(actors::gateway::asks what);
  const projecting* find_projection(std::string_view name) const;
  const orchestrating* find_process(std::string_view category) const;
  static error one_name_of_two(std::string_view name);
  result<void> may_add(std::string_view name) const;
  result<void> all_observed_are_hosted() const;
  /// Refuses a filter that can never match: a category that is neither hosted nor in the log, or a type that no event has.
  result<void> check_filter(const subscription_options& with) const;
  std::optional<error> check(std::string_view category, std::string_view stream, const std::string& body,
                             const send_options& with, const aggregate_table* type, std::string_view command) const;
  void spawn_all();
  /// Call when not all actors could be spawned: ends the others and restores the state before begin().
  void unspawn();
  void wait_until_no_actor_runs() const;
  void drop_handles();
  using steady = std::chrono::steady_clock;
  /// The deadline for what ends next: half of the remaining time, so that some is left for what ends after it.
  steady::time_point half_of_what_is_left() const;
  /// The runtime cannot continue: answers all waiting callers and refuses new calls with the reason.
  void stop(const error& why);
  void close_subscriptions();
  void run_simulated();
  struct running {
    std::string name;
    caf::actor actor;
    bool by_message = true;
  };
  /// Tells all of them to end, and waits. Those that do not end in time are killed and noted in `left_behind_`.
  void stop(const std::vector<running>& all);
  void answer_all_who_wait();

  engine_parts parts_;
  std::unique_ptr<store::stream_reader> tail_;  // set by begin()
  actors::environment env_;
  actors::write_ports write_;  // the three ports are filled by spawn_all()
  actors::follow_ports follow_;
  actors::upkeep_ports upkeep_;
  actors::recipients recipients_;
  const store::home_process home_process_;
  std::unique_ptr<actors::system_thread> home_;
  std::deque<aggregate_table> aggregates_;  // stable addresses
  std::deque<projecting> projections_;
  std::deque<orchestrating> processes_;
  mutable std::mutex subscriptions_mutex_;
  std::map<std::string, std::shared_ptr<actors::subscription_cell>, std::less<>> subscriptions_;  // guarded
  std::vector<caf::actor> subscribed_;  // guarded; the actors of the subscriptions
  actors::member_id last_member_ = 0;   // guarded
  bool takes_no_members_ = false;       // guarded
  std::unique_ptr<actors::gateway> gateway_;
  static constexpr std::size_t recent_states_max = 1'024;
  mutable store::recent_states recent_states_{recent_states_max};
  std::atomic<bool> begun_{false};
  std::atomic<bool> closed_{false};
  steady::time_point closing_ends_{};  // how long close() waits for running actors
  std::vector<std::string> left_behind_;  // names of what had not ended by then
};

}  // namespace annals::detail
