// Those who decide what becomes of parked events: they try them again, or skip them for ever. What must hold of the doubtful
// read models and process manager is checked: every event is applied, or parked, or skipped, and one of these only; what was
// skipped stays so in every later life.
#pragma once

#include "life.hpp"
#include "support/truth.hpp"

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

class deciders {
public:
  explicit deciders(random_source& random) : random_(random) {}

  void begin_life(const annals::store::memory_disk& disk);
  /// One of them decides something.
  void act(life& now);
  void listen();
  /// Whoever waits will not hear anything any more.
  void lose_all() { open_.clear(); }
  /// Each read model is what the log says, but for what is parked or skipped there.
  void check_models(life& now, const std::deque<std::string>& log) const;
  /// Everything has been learned, and what is parked is tried again. True when nothing is parked any more.
  bool finish(life& now);
  /// The process manager has observed every deposit once, in order, but for what was skipped.
  void check_end(const std::deque<std::string>& log) const;

  std::size_t retried() const { return retried_; }
  std::size_t skipped() const;

private:
  struct decision {
    std::string of;
    annals::position at = 0;
    bool is_skip = false;
    std::shared_ptr<annals::detail::waiter> answered;
  };
  void decide(life& now, std::string_view of, annals::position at, bool is_skip);
  bool may_be_skipped(const std::string& of, annals::position at) const;
  bool is_skipped(const std::string& of, annals::position at) const;
  template <class P>
  void check_model(life& now, const std::deque<std::string>& log) const;

  random_source& random_;
  std::vector<decision> open_;
  std::map<std::string, std::set<annals::position>> skips_sent_;  // may be in the log
  std::map<std::string, std::set<annals::position>> skips_;       // answered: they are
  std::map<std::string, annals::position> before_effects_;        // up to here the log was written before the first start with them
  std::size_t retried_ = 0;
};
