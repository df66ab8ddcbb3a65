// Nodes elsewhere: the engine of each life is served by a door, and clients reach it over a network that survives the lives. Links are
// lost, late, silent or cut one way, peers freeze, and the processes at both ends of a link end where they stand.
#pragma once

#include "life.hpp"
#include "random.hpp"
#include "support/net/far_node.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

/// What happened between the nodes.
struct far_report {
  std::size_t sends = 0;    // commands of all clients
  std::size_t unknown = 0;  // answers
  std::size_t links = 0;
  std::size_t links_with_calls_under_way = 0;  // calls outstanding when a later link of their session stood
  std::size_t faults = 0;                      // links lost or cut, and peers frozen
  std::size_t client_crashes = 0;
  std::size_t joins = 0;  // of subscriptions
  std::size_t replica_crashes = 0;
  std::size_t copied = 0;  // records of a replica
  std::size_t promotions = 0;

  void add(const far_report& other);
  friend bool operator==(const far_report&, const far_report&) = default;
};

class far_nodes {
public:
  using duration = std::chrono::microseconds;
  /// Of one client's process; 0 is nobody's.
  using session = std::uint64_t;

  explicit far_nodes(random_source& random);

  /// The engine is served from now on.
  void begin_life(life& now);
  /// The server closes in good order: nothing new is taken.
  void refuse();
  bool is_quiet() const { return served_->door().is_quiet(); }
  /// The server's process ends where it stands: nothing more of it is sent.
  void lose_server();
  /// Commands of all clients that the server of this life has answered, or handed to its engine.
  std::size_t commands_taken() const { return served_->commands(); }
  /// The engine is closed: nothing refers to the door any more.
  void end_life();

  /// Everybody gets on, and time passes on the network.
  void pass(duration time);
  /// A fault between the nodes.
  void act();
  /// No further fault, and those of now end.
  void heal();
  /// A client's process ends, and another one takes its place. Returns the session that is gone.
  session crash_a_client();
  void crash_the_replicas_process();
  /// Nothing is under way, and every answer is confirmed.
  bool is_settled() const;

  std::size_t clients() const { return clients_.size() - 1; }
  std::shared_ptr<far_caller> client(std::size_t number) const { return clients_[number].node; }
  session session_of(std::size_t number) const { return clients_[number].session; }
  /// The node with a replica.
  std::shared_ptr<far_caller> replicas_client() const { return clients_.back().node; }
  far_report& counts() { return counts_; }

private:
  struct client_node {
    std::shared_ptr<far_caller> node;
    far_nodes::session session = 0;
    std::size_t events_seen = 0;
    memory_network::time_point frozen_until{};
  };
  void start(client_node& one);
  session restart(client_node& one);
  void step();
  /// Shorter ones are more frequent.
  duration some_time();

  random_source& random_;
  memory_network net_;
  annals::net::credit limits_;        // the same in each life: a caller that is told of less closes its links until its calls have ended
  std::vector<client_node> clients_;  // the last one has the replica
  session sessions_ = 0;
  std::unique_ptr<served_node> served_;
  bool is_served_ = false;
  std::deque<std::function<void()>> posted_;  // what the door's workers have to do
  std::optional<memory_network::time_point> down_until_;
  far_report counts_;
};
