// Threads of hosts on other nodes: each sends commands to one stream, one behind the other, without waiting for answers. What they were
// promised is checked: the order in which they sent holds, each command has one effect, and answers say the truth.
#pragma once

#include "far_nodes.hpp"

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

class senders {
public:
  senders(random_source& random, std::size_t clients);

  /// One of them sends something.
  void act(far_nodes& by);
  void listen(far_nodes& by);
  /// The client's process is gone, and what it was waiting for.
  void lose(far_nodes::session gone);
  void check_end(const std::deque<std::string>& log) const;

private:
  struct sent {
    far_nodes::session session = 0;
    std::shared_ptr<annals::detail::waiter> answered;  // null: lost, or looked at
    bool is_withdrawal = false;
    enum class end { unknown, accepted, refused } was = end::unknown;
    annals::receipt receipt;
    std::string answer;
  };
  struct thread {
    std::string key;
    std::size_t client = 0;
    std::shared_ptr<annals::detail::waiter> opening;
    bool is_open = false;
    std::vector<sent> commands;
  };
  random_source& random_;
  std::vector<thread> threads_;
};
