// Hosts' callers: each has one command, sends it, and sends it again under the same id until it knows the outcome.
#pragma once

#include "life.hpp"
#include "support/truth.hpp"

#include <annals/runtime.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

class callers {
public:
  /// So many commands to the bank and the shop.
  callers(random_source& random, std::size_t commands);

  /// One of them does something: sends, looks for its answer, or loses patience and sends again.
  void act(life& now, const truth& so_far);
  /// Everyone looks at what has been answered.
  void listen(life& now);
  /// Whoever waits will not hear anything any more.
  void lose_all();
  bool all_know() const { return known_ == list_.size(); }
  /// What was answered is in the log, and what was refused is not.
  void check_end(const truth& all) const;

  std::size_t sent() const { return sent_; }

private:
  struct caller {
    std::string category, key;
    std::string_view command;
    std::string body;
    std::string id;
    std::optional<annals::token> since;
    annals::expectation expect;
    bool picks_expectation = false;
    std::vector<std::shared_ptr<annals::detail::waiter>> attempts;  // null: lost or looked at
    std::optional<annals::receipt> accepted;
    std::size_t accepted_attempt = 0;
    std::optional<annals::error> refused;
    std::size_t refused_attempt = 0;
    bool knows() const { return accepted || refused; }
    std::string stream() const { return category + "-" + key; }
  };
  template <class A, class C>
  void add(std::string key, const C& command);
  void add_bank_command();
  void add_shop_command();
  void send(caller& c, life& now, const truth& so_far);
  void listen(caller& c, life& now);
  void hear(caller& c, std::size_t attempt, const annals::detail::outcome& answer, life& now);
  void hear_refusal(caller& c, std::size_t attempt, const annals::error& why);

  random_source& random_;
  std::vector<caller> list_;
  std::size_t begun_ = 0;  // callers before this one are at work
  std::size_t known_ = 0;
  std::size_t sent_ = 0;
  std::size_t orders_ = 0, transfers_ = 0, deliveries_ = 0;
};
