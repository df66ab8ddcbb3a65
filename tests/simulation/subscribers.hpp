// Hosts, here and on other nodes, that subscribe to the log: members of one subscription come and go, acknowledge, refuse, dawdle and retry. What
// they were promised is checked: order within a stream, one holder at a time, nothing again that was acknowledged, and
// nothing passed over.
#pragma once

#include "far_member.hpp"
#include "far_nodes.hpp"
#include "life.hpp"
#include "support/truth.hpp"

#include <annals/subscription.hpp>

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

class subscribers {
public:
  explicit subscribers(random_source& random);

  /// One of them does something.
  void act(life& now, far_nodes& others);
  /// The life is over. Members in its process will not hear anything any more; those on other nodes join the next one.
  void lose_all();
  /// Another process is gone.
  void lose(far_nodes::session gone);
  /// They only acknowledge from here on, and only here. True when nothing is left to do.
  bool finish(life& now);
  /// Every event that they subscribed to was acknowledged, or is parked.
  void check_end(const std::deque<std::string>& log);

  std::size_t acknowledged() const { return durable_.size(); }
  std::size_t parked() const { return parked_.size(); }

private:
  struct held {
    std::string stream;
    annals::timestamp until = 0;  // not taken away before
  };
  struct member {
    std::shared_ptr<annals::detail::membership> in;
    far_nodes::session session = 0;
    annals::detail::membership::wanted asked;
    annals::timestamp asked_at = 0;
    std::uint64_t asked_in = 0, asked_in_life = 0;
    bool is_far() const { return session != 0; }
    std::map<annals::position, held> holds;
    std::map<std::string, annals::timestamp> loose_until;  // streams of which it has refused something
    std::map<std::string, annals::timestamp> acked_until;  // streams of which something was acknowledged since it asked
  };
  struct ack {
    annals::position at = 0;
    std::shared_ptr<annals::detail::waiter> answered;
    far_nodes::session session = 0;
  };
  void join(life& now);
  void join_from_afar(far_nodes& others);
  void listen(life& now);
  void hear(const ack& one);
  void take(member& by, const annals::delivered& event, annals::timestamp now);
  void check_order(annals::position at, const std::string& stream);
  void ask(member& one, life& now, std::size_t max, std::chrono::milliseconds time_out);
  void acknowledge(member& by, annals::position at);
  void retry();

  random_source& random_;
  annals::subscription_options options_;
  std::uint64_t refuses_one_in_ = 6;  // of the events that it holds
  std::vector<std::unique_ptr<member>> members_;
  std::vector<ack> acks_;
  std::uint64_t turn_ = 1, life_ = 1;
  std::map<std::string, std::set<annals::position>> seen_;  // in this life, by stream
  std::set<annals::position> retried_;                      // out of order by somebody's will
  // In this life. What is on its way to one may come behind what others got since, so the order is checked in lives without them only.
  bool has_far_members_ = false;
  std::map<annals::position, std::size_t> sent_;       // acknowledged so many times, perhaps durably
  std::map<annals::position, std::uint64_t> durable_;  // acknowledged, and told so in this turn
  std::set<annals::position> parked_;                  // as last seen
};
