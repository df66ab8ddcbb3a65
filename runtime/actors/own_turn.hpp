// Runs a shard's aggregates inside the shard's own turn: an aggregate that a command has made ready does not take the
// way through the scheduler, whose queue and wake-ups would cost more than the command. It stays an actor as any
// other; whoever else sends to it gets it scheduled as usual.
#pragma once

#include <caf/all.hpp>

#include <utility>
#include <vector>

namespace annals::actors {

class own_turn final : public caf::execution_unit {
public:
  own_turn(caf::actor_system& system) : caf::execution_unit(&system) {}
  ~own_turn() override {
    for (auto* job : ready_) caf::intrusive_ptr_release(job);
  }

  /// Puts the message into the mailbox; the receiver runs in run_ready() if it was idle.
  template <class T>
  void send(const caf::actor& to, T message) {
    collects_ = true;
    to->enqueue(caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, std::move(message)), this);
    collects_ = false;
  }

  /// `outside`: the unit that runs this turn, for what is not to run in it.
  void run_ready(caf::execution_unit* outside) {
    outside_ = outside;
    for (auto* job : ready_)
      switch (job->resume(this, messages_max)) {
        case resumable::resume_later: outside->exec_later(job); break;
        case resumable::done:
        case resumable::awaiting_message: caf::intrusive_ptr_release(job); break;
        case resumable::shutdown_execution_unit: break;
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
  using resumable = caf::resumable;
  static constexpr std::size_t messages_max = 300;  // of one aggregate

  std::vector<resumable*> ready_;  // a reference each
  caf::execution_unit* outside_ = nullptr;
  bool collects_ = false;
};

}  // namespace annals::actors
