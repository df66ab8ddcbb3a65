// The table of what is in flight: admission, one place for each waiting caller, and the actor that gets the answers. Thread-safe. The
// places outlive the actors, so every caller is answered.
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
  /// Counts the commands in `journal.under_way`, each until its caller's callback has returned.
  gateway(std::size_t places_max, std::uint64_t history, const environment& env, journal_inbox& journal);

  /// If the answer to a request for an effect is lost, its outcome is `unknown`; a question just fails with the reason.
  enum class asks : bool { for_an_effect, a_question };

  /// Takes a place and returns its number; nothing if all are taken or nothing is admitted any more. `stream_hash` is 0 if it is not a
  /// command. The answer is counted in `counted`, unless that is null, and closes the span `of_it`, which is taken over.
  std::optional<std::uint64_t> admit(std::shared_ptr<detail::waiter> waiter, std::uint64_t stream_hash, answer_meters* counted,
                                     asks what = asks::for_an_effect, open_span* of_it = nullptr);

  /// Answers the callers at these places and frees the places. A number whose place is already freed is ignored.
  void complete(std::span<const answer> some);
  void complete(std::uint64_t number, const detail::outcome& given);
  /// Answers all callers that wait for this stream with `unknown`, except those that `gone` excepts.
  void fail_stream(const commands_lost& gone);
  /// Answers all callers, questions with the reason and others with `unknown`, and refuses all later ones with the reason.
  void fail_all(const error& why);
  /// The reason why nothing is admitted any more, once there is one.
  std::optional<error> refusal() const;
  void refuse_from_now(error why);

  std::size_t in_flight() const;

private:
  struct place {
    std::shared_ptr<detail::waiter> waiter;  // null: free
    std::uint64_t stream_hash = 0;
    answer_meters* counted = nullptr;
    telemetry::instant since{};
    asks what = asks::for_an_effect;
    open_span span;          // null: not sampled
    std::uint32_t turn = 0;  // the upper half of the number: distinguishes successive uses of the place
  };
  /// Frees the place and counts its answer. Null if it is free.
  std::shared_ptr<detail::waiter> leave(std::uint64_t number, const closing& by, telemetry::instant now);
  /// Tells the news board if no place is taken any more. Call without the mutex.
  void tell(bool is_empty) const;
  detail::outcome outcome_of(const answer& reply) const;

  const std::uint64_t history_;
  const std::size_t places_max_;
  const environment& env_;
  journal_inbox& journal_;
  mutable std::mutex mutex_;
  std::vector<place> places_;
  std::vector<std::uint32_t> free_;
  std::size_t in_use_ = 0;
  std::optional<error> refusal_;
};

struct gateway_state {
  std::optional<own_turn> turn;  // in which shards handle the commands of callbacks
  static inline const char* name = "gateway";
};

/// The actor that gets answers, query_answer, commands_lost and journal_stopped.
caf::behavior gateway_actor(caf::stateful_actor<gateway_state>* self, gateway* places, const environment& env);

}  // namespace annals::actors
