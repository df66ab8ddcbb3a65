// Runs other actors inside an actor's own turn. An actor that becomes ready by a message sent here does not go through the scheduler,
// whose queue and wake-ups would cost more than the work itself. It stays an ordinary actor otherwise.
#pragma once

#include <caf/all.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace annals::actors {

class own_turn final : public caf::execution_unit {
public:
  own_turn(caf::actor_system& system) : caf::execution_unit(&system) {}
  ~own_turn() override {
    for (auto* job : ready_) caf::intrusive_ptr_release(job);
  }

  /// Puts the message into the receiver's mailbox. If the receiver was idle, it runs in run_ready().
  template <class T>
  void send(const caf::actor& to, T message) {
    collects_ = true;
    to->enqueue(caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, std::move(message)), this);
    collects_ = false;
  }
  void send(const caf::actor& to, caf::message message) {
    collects_ = true;
    to->enqueue(nullptr, caf::make_message_id(), std::move(message), this);
    collects_ = false;
  }

  /// Runs the ready actors; each handles at most `messages_max` messages. `outside` is the unit that runs this turn: an actor that has
  /// more to do, or that becomes ready meanwhile, is scheduled there.
  void run_ready(caf::execution_unit* outside, std::size_t messages_max) {
    outside_ = outside;
    for (auto* job : ready_) {
      if (job->resume(this, messages_max) == caf::resumable::resume_later)
        outside->exec_later(job);
      else
        caf::intrusive_ptr_release(job);
    }
    ready_.clear();
    outside_ = nullptr;
  }

  void exec_later(caf::resumable* job) override {
    if (collects_)
      ready_.push_back(job);
    else
      outside_->exec_later(job);
  }

private:
  std::vector<caf::resumable*> ready_;  // owns one reference to each
  caf::execution_unit* outside_ = nullptr;
  bool collects_ = false;
};

}  // namespace annals::actors
