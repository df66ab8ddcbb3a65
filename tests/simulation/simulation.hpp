// A run of the whole runtime with the bank and the shop: several lives, callers here and on other nodes, faults and crashes, all by
// chance from one seed; the promises are checked on the way and at the end.
#pragma once

#include "callers.hpp"
#include "deciders.hpp"
#include "far_nodes.hpp"
#include "far_replica.hpp"
#include "life.hpp"
#include "random.hpp"
#include "senders.hpp"
#include "subscribers.hpp"
#include "support/truth.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

/// What happened, so that tests can say that something did.
struct report {
  std::uint64_t fingerprint = 0;  // of every byte of the log and of the order in which things happened
  std::size_t records = 0;
  std::size_t lives = 0;
  std::size_t crashes = 0;
  std::size_t failures = 0;  // of a commit
  std::size_t full_disks = 0;
  std::size_t snapshots = 0;  // from which was replayed
  std::size_t spans = 0;      // of sampled commands and of what followed
  std::size_t images = 0;     // with which a life began
  std::size_t rebuilds = 0;   // that were asked for
  std::size_t commands_sent = 0;
  std::size_t answers_to_processes = 0;  // to commands of process managers
  std::size_t acknowledged = 0;          // by subscribers
  std::size_t parked = 0;
  std::size_t retried = 0;  // events that were parked, with success
  std::size_t skipped = 0;
  far_report far;

  friend bool operator==(const report&, const report&) = default;
};

class simulation {
public:
  explicit simulation(std::uint64_t seed);

  /// Throws broken_promise, saying which.
  report run();

  /// The log so far, a line for each record.
  std::string log() const;

private:
  static constexpr std::size_t steps_max = 400'000;  // a run that takes more goes in circles

  static annals::options options_for(random_source& random);
  void begin_life();
  void end_life();
  void live_again();
  void something_happens();
  void a_fault();
  void rebuild_a_model();
  void follow_log();
  void check_spans();
  void check_models();
  void check_figures();
  void close_in_good_order();
  /// The next job; when there is none, time passes.
  void go_on(std::chrono::microseconds idle);
  void end_well();
  void end_of_calls();
  void end_of_copying();
  void promote_the_replica();
  void note(std::uint64_t what);

  random_source random_;
  disk disk_;
  std::optional<life> life_;
  far_nodes far_;
  far_replica replica_;
  callers callers_;
  senders senders_;
  subscribers subscribers_;
  deciders deciders_;
  truth truth_;
  annals::position followed_ = 0;
  report report_;
};
