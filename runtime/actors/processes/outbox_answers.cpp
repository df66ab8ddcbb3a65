// How the outbox handles answers: those of targets, which the instance is told, and those of instances.
#include "actors/processes/outbox.hpp"

#include <algorithm>

namespace annals::actors {

using namespace annals::detail;

consequence outbox::answered(const answer& reply, timestamp now) {
  if (const auto attempt = attempts_.find(reply.number)) return heard(*attempt, reply);
  const auto found = tellings_.find(reply.number);
  if (!found) return {};
  const auto at = *found;
  close_span(sends_.at(at), reply);
  if (!reply.refused) return close(at), consequence{};
  auto& send = sends_.at(at);
  const auto code = reply.refused->code;
  if (is_closing(code)) return {};
  if (is_passing(code)) return tell(at, send), consequence{};
  if (!parking::is_parkable(code)) return {*reply.refused, {}, at};
  tellings_.remove(std::exchange(send.number, 0));
  send.now = step::waiting_to_tell;
  const auto verdict = parked_->failed(*send.instance, at, *reply.refused, now);
  return {verdict.stop, verdict.pause, at};
}

/// The target has answered, or its answer is lost.
consequence outbox::heard(position at, const answer& reply) {
  auto& send = sends_.at(at);
  close_span(send, reply);
  if (!reply.refused && reply.events > 0) return close(at), consequence{};
  const auto is = [&](errc code) { return reply.refused && reply.refused->code == code; };
  if (reply.refused && is_closing(reply.refused->code)) return {};
  if (is(errc::load_failed)) return hold(at, send, *reply.refused), consequence{};
  attempts_.remove(std::exchange(send.number, 0));
  const bool is_taken = is(errc::id_reused) && send.has_old_id;
  if (is_taken) give_own_id(at, send);
  if (is_taken || (reply.refused && is_passing(reply.refused->code))) return make_ready(at, send), consequence{};
  take_answer message{send.sent, send.what.to, send.what.command, send.what.body.bytes, !reply.refused, {}, {}};
  if (reply.refused) {
    const auto& why = *reply.refused;
    message.code = is(errc::rejected) ? why.reason : std::string{to_string(why.code)};
    message.detail = why.detail;
    // Not a decision: the target threw, or cannot take the command. The instance is told as well, but might not handle it.
    if (!is(errc::rejected)) report({why.code, send.what.command + " to " + send.what.to + " failed", why.message(), 0, at});
  }
  send.encoded_answer = encoded(message);
  tell(at, send);
  return {};
}

void outbox::tell(position at, open_send& send) {
  tellings_.remove(std::exchange(send.number, 0));
  const bool may_tell = parked_->lets_pass(*send.instance, at);
  send.now = may_tell ? step::telling : step::waiting_to_tell;
  if (may_tell) to_tell_.push_back(at);
}

void outbox::hold(position at, open_send& send, error why) {
  attempts_.remove(std::exchange(send.number, 0));
  send.now = step::held;
  held_.insert_or_assign(at, why.message());
  ++held_version_;
  if (reported_.insert(why.detail).second) report(std::move(why));
}

void outbox::resend(time_point since) {
  for (const auto at : tellings_.sent_before(since)) tell(at, sends_.at(at));
  for (const auto at : attempts_.sent_before(since)) {
    auto& send = sends_.at(at);
    attempts_.remove(std::exchange(send.number, 0));
    make_ready(at, send);
  }
}

void outbox::again(position at) {
  const auto found = sends_.find(at);
  if (found != sends_.end() && found->second.now == step::waiting_to_tell) tell(at, found->second);
}

void outbox::resume(const std::string& instance) {
  for (const auto at : instances_.of(instance)) again(at);
}

bool outbox::is_trying(position at) const {
  const auto found = sends_.find(at);
  return found != sends_.end() && found->second.now == step::telling;
}

}  // namespace annals::actors
