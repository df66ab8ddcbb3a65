// All that runs on one store: the actor system, the actors and what they share. `annals::runtime` is its public
// face; simulation tests drive it with other parts.
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

/// What an engine stands on; simulation brings others. Everything here outlives the actors.
struct engine_parts {
  std::shared_ptr<void> store;  // keeps log and index alive
  store::log* log = nullptr;
  store::index* index = nullptr;
  store::images* images = nullptr;  // null: none are kept
  std::uint64_t history = 0;
  std::vector<store::former_history> former;  // tokens of these are valid up to their fork
  std::function<timestamp()> now;
  std::function<timestamp()> steady;  // a clock that nobody sets; none: `now` is one
  bool simulated = false;  // CAF's testing scheduler, nothing detached; nobody may wait
};

class engine {
public:
  engine(engine_parts parts, options with);
  /// Closes, and waits for as long as it takes.
  ~engine();
  /// Closes and destroys it, within a time. What does not end by then is left to the engine's own thread, which destroys
  /// everything when it has. So does a thread that must not wait. In a child of a fork it is left as it is.
  static void end(engine* one);
  /// False in a child of a fork, where nothing of it may be touched.
  bool is_ours() const { return home_process_.is_this_one(); }

  result<void> add(aggregate_table table);
  result<void> add(projection_table table);
  result<void> add(process_table table);

  /// Spawns everything; begin() does not wait, wait_until_caught_up() does.
  result<void> begin();
  result<void> wait_until_caught_up();

  std::shared_ptr<waiter> send(std::string_view category, std::string_view key, std::string_view command,
                               std::string body, send_options with);
  std::shared_ptr<waiter> ask(std::string_view projection, std::string_view query, std::string body,
                              std::optional<at_least> when);
  /// What is parked in this projection or process manager, in position order. Errors: not_hosted.
  result<std::vector<parked_event>> parked(std::string_view name) const;
  /// An order, without its address: rebuild_model to a projection, retry_parked and skip_parked to process managers, too.
  template <class Order>
  std::shared_ptr<waiter> order(std::string_view name, Order what) {
    const auto to = follower(name, std::is_same_v<Order, actors::rebuild_model>);
    if (!to.cell) return not_projected(name);
    if (!begun_) return answered_with(error{errc::misuse, std::string{name} + " is asked for something before start()"});
    // A model that is not rebuilt is the one that was there.
    using asks = actors::gateway::asks;
    auto [who, number] = admit_order(std::is_same_v<Order, actors::rebuild_model> ? asks::a_question : asks::for_an_effect);
    if (!number) return who;
    what.reply = {actors::gateway_recipient, *number};
    caf::anon_send(to.actor, std::move(what));
    return who;
  }
  /// Also of a projection or process manager that is not hosted here.
  std::shared_ptr<waiter> skip_parked(std::string_view name, position at);
  result<void> read_model(std::string_view projection, const std::function<void(const void*, position)>& look) const;
  result<void> read_stream(const std::string& stream, version from, std::size_t max,
                           const std::function<bool(const record_view&)>& visit) const;

  result<store::begun_state> state_of(std::string_view category, std::string_view key, const as_of& when) const;
  /// Gives a state back that was asked for as of now: the next who asks goes on with it.
  void keep_state(std::string_view category, std::string_view key, store::begun_state state) const;
  result<position> fold_log(std::string_view projection, hosted_model& into, position at, const stream_choice& of,
                            left_out_events left_out) const;
  result<replayed> verify_replay() const;

  /// A member of the subscription of this name. `joined` is answered when it is one.
  struct joining {
    std::shared_ptr<membership> member;
    std::shared_ptr<waiter> joined;
  };
  result<joining> subscribe(std::string_view name, subscription_options with);

  /// Where a stream is read as of now, also what is not readable yet. Where no tail follows the log (before begin()), or it is far
  /// behind, at first, what is readable is scanned.
  result<store::kept_history> history_now() const;

  /// Waits until what is durable now is readable, so that a host finds what it has receipts for. Only where the thread
  /// may wait, and not for long: with a full disk readers see what they can.
  /// Errors: why the rest can never be read.
  result<void> let_readers_catch_up() const;

  const actors::environment& env() const { return env_; }
  const actors::write_ports& write() const { return write_; }
  const actors::follow_ports& follow() const { return follow_; }
  token head() const { return {parts_.history, env_.log->durable()}; }
  annals::health health() const;
  /// Nothing in flight, and the process managers at the head with nothing under way.
  bool is_settled() const;
  result<void> settle(std::chrono::milliseconds time_out) const;
  caf::actor_system& system() { return home_->system(); }
  /// Has it done in the thread of the actor system, as everything that spawns, and waits.
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
  /// Of this projection, or of the process manager of this category; nulls when there is neither.
  followed follower(std::string_view name, bool projections_only) const;
  /// A waiter that the gateway will answer under this number; without one it has its answer.
  std::pair<std::shared_ptr<waiter>, std::optional<std::uint64_t>> admit_order(actors::gateway::asks what);
  const projecting* find_projection(std::string_view name) const;
  const orchestrating* find_process(std::string_view category) const;
  static error one_name_of_two(std::string_view name);
  result<void> may_add(std::string_view name) const;
  result<void> all_observed_are_hosted() const;
  /// No subscription waits for what can never come: a category that is neither hosted nor in the log, a type of no event.
  result<void> check_filter(const subscription_options& with) const;
  std::optional<error> check(std::string_view category, std::string_view stream, const std::string& body,
                             const send_options& with, const aggregate_table* type, std::string_view command) const;
  void spawn_all();
  /// What could be spawned ends, since not all could; then all is as before begin().
  void unspawn();
  void wait_until_no_actor_runs() const;
  void drop_handles();
  using steady = std::chrono::steady_clock;
  /// For what is to end next: never all of the time that is left, so that there is some for what comes after it.
  steady::time_point half_of_what_is_left() const;
  /// The runtime cannot go on: everybody who waits is told, and everybody who comes.
  void stop(const error& why);
  void close_subscriptions();
  void run_simulated();
  struct running {
    std::string name;
    caf::actor actor;
    bool by_message = true;
  };
  /// Tells them all to end, and waits.
  void stop(const std::vector<running>& all);
  void answer_all_who_wait();

  engine_parts parts_;
  std::unique_ptr<store::stream_reader> tail_;  // from begin() on
  actors::environment env_;
  actors::write_ports write_;  // the three: filled when everything is spawned
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
  std::vector<caf::actor> subscribed_;  // guarded; their actors
  actors::member_id last_member_ = 0;   // guarded
  bool takes_no_members_ = false;       // guarded
  std::unique_ptr<actors::gateway> gateway_;
  static constexpr std::size_t recent_states_max = 1'024;
  mutable store::recent_states recent_states_{recent_states_max};
  std::atomic<bool> begun_{false};
  std::atomic<bool> closed_{false};
  steady::time_point closing_ends_{};  // close() does not wait longer for what runs
  std::vector<std::string> left_behind_;  // what had not ended then
};

}  // namespace annals::detail
