// Where callers wait: admission, the places of what is in flight, and the actor that gets the answers.
// Thread-safe. The places outlive the actors that work for them, so no caller is forgotten.
#pragma once

#include "actors/base/environment.hpp"
#include "actors/base/messages.hpp"
#include "actors/base/own_turn.hpp"
#include "actors/base/waiter.hpp"
#include "actors/write/journal_inbox.hpp"
#include "actors/write/messages.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace annals::actors {

class gateway {
public:
  /// Counts the commands in `journal`, until their caller's callback has returned.
  gateway(std::size_t places_max, std::uint64_t history, const environment& env, journal_inbox& journal);

  /// What becomes unknown when its answer is lost, and what does not: a question.
  enum class asks : bool { for_an_effect, a_question };

  /// A place for one more, or nothing when all are taken. The number finds it again.
  /// What is no command has 0 for its stream.
  std::optional<std::uint64_t> admit(std::shared_ptr<detail::waiter> who, std::uint64_t stream_hash, asks what = asks::for_an_effect);

  /// Answers who waits at these places and frees them; a number that is not there any more is dropped.
  void complete(std::span<const answer> some);
  void complete(std::uint64_t number, const detail::outcome& given);
  /// Answers all who wait for this stream, except these.
  void fail_stream(const vanished& gone);
  /// Answers all, `unknown` when that had an effect, and refuses everyone who comes later with the reason.
  void fail_all(const error& why);
  /// Set once nobody is admitted any more.
  std::optional<error> refusal() const;
  void refuse_from_now(error why);

  std::size_t in_flight() const;

private:
  struct place {
    std::shared_ptr<detail::waiter> who;  // null: free
    std::uint64_t stream_hash = 0;
    asks what = asks::for_an_effect;
    std::uint32_t turn = 0;  // the upper half of the number: tells users of one place apart
  };
  std::shared_ptr<detail::waiter> leave(std::uint64_t number);
  /// Outside of the mutex.
  void tell(bool is_empty) const;
  detail::outcome outcome_of(const answer& reply) const;

  const std::uint64_t history_;
  const std::size_t places_max_;
  const environment& env_;
  journal_inbox& journal_;
  mutable std::mutex mutex_;
  std::vector<place> places_;
  std::vector<std::uint32_t> free_;
  std::size_t taken_ = 0;
  std::optional<error> refusal_;
};

struct gateway_state {
  std::optional<own_turn> turn;  // for shards with few commands to do
  static inline const char* name = "gateway";
};

/// Gets answers, vanished and journal_stopped.
caf::behavior gateway_actor(caf::stateful_actor<gateway_state>* self, gateway* places, const environment& env);

}  // namespace annals::actors
