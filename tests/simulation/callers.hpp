// Hosts' callers, here and on other nodes: each has one command, sends it, and sends it again under the same id until it knows the
// outcome, perhaps from elsewhere.
#pragma once

#include "far_nodes.hpp"
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
  void act(life& now, far_nodes& others, const truth& so_far);
  /// Everyone looks at what has been answered.
  void listen(life& now);
  /// The callers that wait in this process get no answer.
  void lose_all() { lose(0); }
  /// The same for another process.
  void lose(far_nodes::session gone);
  bool all_know() const { return known_ == list_.size(); }
  /// What was answered is in the log, and what was refused is not.
  void check_end(const truth& all) const;

  std::size_t sent() const { return sent_; }
  /// Of these, to the engine of this life.
  std::size_t sent_here() const { return sent_here_; }
  void begin_life() { sent_here_ = 0; }
  /// Answers from other nodes.
  std::size_t unknown() const { return unknown_; }

private:
  struct attempt {
    std::shared_ptr<annals::detail::waiter> answered;  // null: lost or looked at
    far_nodes::session session = 0;
  };
  struct caller {
    std::string category, key;
    std::string_view command;
    std::string body;
    std::string id;
    std::optional<annals::token> since;
    annals::expectation expect;
    bool picks_expectation = false;
    std::optional<std::size_t> client;  // of another node
    std::vector<attempt> attempts;      // those of one session are taken in order
    std::optional<annals::receipt> accepted;
    std::size_t accepted_attempt = 0;
    std::optional<annals::error> refused;
    std::size_t refused_attempt = 0;
    bool knows() const { return accepted || refused; }
    std::string stream() const { return category + "-" + key; }
    /// So that a first copy cannot be late.
    bool has_one_session() const;
    bool has_same_session(std::size_t a, std::size_t b) const { return attempts[a].session == attempts[b].session; }
  };
  template <class A, class C>
  void add(std::string key, const C& command);
  void add_bank_command();
  void add_shop_command();
  void send(caller& c, life& now, far_nodes& others, const truth& so_far);
  void choose_place(caller& c, const far_nodes& others);
  void listen(caller& c, life& now);
  void hear(caller& c, std::size_t attempt, const annals::detail::outcome& answer, life& now);
  void hear_refusal(caller& c, std::size_t attempt, const annals::error& why);

  random_source& random_;
  std::vector<caller> list_;
  std::size_t begun_ = 0;  // callers before this one are at work
  std::size_t known_ = 0;
  std::size_t sent_ = 0;
  std::size_t sent_here_ = 0;
  std::size_t unknown_ = 0;
  std::size_t orders_ = 0, transfers_ = 0, deliveries_ = 0;
};
