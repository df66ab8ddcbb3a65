// Hosts that subscribe to the log: members of one subscription come and go, acknowledge, refuse, dawdle and retry. What
// they were promised is checked: order within a stream, one holder at a time, nothing again that was acknowledged, and
// nothing passed over.
#pragma once

#include "life.hpp"
#include "support/truth.hpp"

#include <annals/subscription.hpp>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

class subscribers {
public:
  explicit subscribers(random_source& random);

  /// One of them does something.
  void act(life& now);
  /// Whoever waits will not hear anything any more.
  void lose_all();
  /// They only acknowledge from here on. True when nothing is left to do.
  bool finish(life& now);
  /// Every event that they subscribed to was acknowledged, or is parked.
  void check_end(const std::vector<std::string>& log);

  std::size_t acknowledged() const { return durable_.size(); }
  std::size_t parked() const { return parked_.size(); }

private:
  struct held {
    std::string stream;
    annals::timestamp until = 0;  // not taken away before
  };
  struct member {
    std::shared_ptr<annals::detail::membership> in;
    annals::detail::membership::wanted asked;
    annals::timestamp asked_at = 0;
    std::map<annals::position, held> holds;
    std::map<std::string, annals::timestamp> loose_until;  // streams of which it has refused something
    std::map<std::string, annals::timestamp> acked_until;  // streams of which something was acknowledged since it asked
  };
  struct ack {
    annals::position at = 0;
    std::shared_ptr<annals::detail::waiter> answered;
  };
  void join(life& now);
  void listen(life& now);
  void take(member& by, const annals::delivered& event, annals::timestamp asked_at, annals::timestamp now);
  void ask(member& one, life& now, std::size_t max, std::chrono::milliseconds time_out);
  void acknowledge(member& by, annals::position at);
  void retry();

  random_source& random_;
  annals::subscription_options options_;
  std::vector<std::unique_ptr<member>> members_;
  std::vector<ack> acks_;
  std::map<std::string, std::set<annals::position>> seen_;  // in this life, by stream
  std::set<annals::position> retried_;                      // out of order by somebody's will
  std::set<annals::position> sent_;                         // acknowledged, perhaps durably
  std::set<annals::position> durable_;                      // acknowledged, and told so
  std::set<annals::position> parked_;                       // as last seen
};
