// The members of a subscription: who joins, with which options, and who leaves.
#include "actors/follow/record_time.hpp"
#include "actors/subscriptions/filter.hpp"
#include "actors/subscriptions/subscription.hpp"

#include <algorithm>
#include <utility>

namespace annals::actors {
namespace {

/// What earlier runtimes have settled ahead counts as passed over.
void take_over(subscription_state& s, subscription_ledger read) {
  s.ledger = std::move(read);
  if (s.ledger.is_new()) return;
  s.cell->meters.begun.set(s.ledger.settled().low());
  s.cell->meters.passed.add(s.ledger.settled().ahead());
}

/// Begins to read again, with other options or from another position.
void begin_again(subscription_state& s, const subscription_options& with) {
  s.options = with;
  s.has_options = true;
  s.options.reset = false;
  s.open = {};
  s.retried.clear();
  s.stopped.reset();
  s.read_up_to = s.ledger.settled().low();
  s.read_time = time_at(*s.env, s.read_up_to);
  s.cell->parked_max.set(with.parked_max);
}

/// The drainer answers when it has made everything readable, or cannot.
void wait_for_drainer(subscription_ptr self, join_subscription request) {
  auto& s = self->state;
  s.joining.push_back(std::move(request));
  if (!s.writing.empty()) return;
  s.writing.emplace_back();
  self->send(s.ports->drainer, write_control{{}, {self, nullptr}, 0});
}

}  // namespace

void on_join(subscription_ptr self, join_subscription& request) {
  auto& s = self->state;
  if (s.now == subscription_state::phase::closing) return request.caller->answer(subscription_closed());
  if (s.ended) return request.caller->answer(*s.ended);
  auto wanted = request.with;
  wanted.reset = false;
  if (!s.members.empty()) {
    if (request.with.reset) return request.caller->answer(error{errc::misuse, "a subscription with members cannot be reset", s.cell->name});
    if (!same(wanted, s.options)) return request.caller->answer(error{errc::misuse, "the subscription's members have other options", s.cell->name});
  } else {
    if (s.ledger.is_new()) {
      auto read = subscription_ledger::read(*s.env->log, s.cell->name);
      if (!read) return request.caller->answer(std::move(read).error());
      take_over(s, std::move(*read));
    }
    if (const auto head = request.head; s.ledger.is_new() || request.with.reset) {
      // The control table may refer to readable records only.
      if (head > s.env->log->readable()) return wait_for_drainer(self, std::move(request));
      if (wanted.from != at_head && wanted.from > head + 1)
        return request.caller->answer(
            error{errc::bad_option, "from", std::to_string(wanted.from) + " is past the head, " + std::to_string(head), 0, head});
      s.ledger.begin_after(wanted.from == at_head ? head : std::max<position>(wanted.from, 1) - 1);
      s.cell->meters.begun.set(s.ledger.settled().low());
      begin_again(s, wanted);
    } else if (!same(wanted, s.options) || s.read_up_to == 0)
      begin_again(s, wanted);
  }
  s.members.insert(request.member);
  s.open.join(request.member);
  show(self);  // who has joined finds itself in health
  if (s.ledger.has_changes())
    s.next_write.callers.push_back(std::move(request.caller));
  else
    request.caller->answer();
}

void on_leave(subscription_ptr self, const leave_subscription& gone) {
  auto& s = self->state;
  if (s.members.erase(gone.member) == 0) return;
  s.open.leave(gone.member);
  std::erase_if(s.waiting, [&](const auto& one) {
    if (one.member != gone.member) return false;
    one.caller->answer(error{errc::closed, "this member has left"});
    return true;
  });
}

}  // namespace annals::actors
