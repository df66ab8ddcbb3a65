// What hosts ask of a process manager: the retry or skip of parked inputs. One of them blocks its instance, the blocking event. The
// others wait for it.
#include "actors/follow/failure.hpp"
#include "actors/processes/process_manager.hpp"
#include "store/log/owner_names.hpp"
#include "store/log/skip_table.hpp"

#include <spdlog/logger.h>

#include <algorithm>

namespace annals::actors {
namespace {

void reply(process_manager_ptr self, const reply_address& to, detail::outcome answer) {
  self->send((*self->state.ports->recipients)[to.to], query_answer{to.number, std::make_shared<const detail::outcome>(std::move(answer))});
}

detail::outcome at_position(position at) { return detail::answered{{0, at, 0, {}}, {}}; }

/// The instance that this parked input blocks; an error if another input blocks it.
result<std::string> instance_of_cause(const parking& parked, position at) {
  const auto* found = parked.all().find(at);
  if (!found) return nothing_parked(at);
  if (const auto cause = parked.cause_of(found->stream); cause != at)
    return error{errc::misuse, "the instance stands still for another one", "position " + std::to_string(cause), 0, cause};
  return found->stream;
}

void go_on_with(process_manager_ptr self, const std::string& instance) {
  auto& s = self->state;
  const auto waited = s.parked->release(instance);
  if (auto ok = observe_again(self, waited); !ok) return stop(self, ok.error());
  s.outbox->resume(instance);
  s.timers->resume(instance);
}

/// Writes the first waiting decision to the log's control table. It takes effect only when it is durable.
void keep_skip(process_manager_ptr self) {
  auto& s = self->state;
  if (s.skipping.empty()) return;
  const auto at = s.skipping.front().at;
  if (at > s.env->log->readable()) return self->send(s.ports->drainer, keep{{}, {self}, drained_tag});  // a decision refers to readable records
  self->send(s.ports->drainer, keep{{store::skip_decision(store::owner_of_process(s.cell->name), at, s.env->now())}, {self}, at});
}

bool is_input(const process_manager_state& s, position at) { return s.inbound->has(at) || s.outbox->has(at) || s.timers->has(at); }

bool is_being_skipped(const process_manager_state& s, position at) {
  return std::any_of(s.skipping.begin(), s.skipping.end(), [&](const skip_parked& one) { return one.at == at; });
}

}  // namespace

void take_over_parked(process_manager_ptr self) {
  auto& s = self->state;
  const auto who = store::owner_of_process(s.cell->name);
  std::set<position> causes;
  auto read = s.env->derived->parked([&](std::string_view of, const parked_event& one) {
    const bool is_cause = one.attempts > 0;
    if (of == who && is_cause && !s.parked->skipped.contains(one.at)) {
      s.parked->take_over(one);
      causes.insert(one.at);
    }
    return true;
  });
  if (!read) s.env->logger->warn("what {} had parked is not known: {}", who, read.error().message());
  s.notices.emplace(*s.env, s.cell->name, std::move(causes));
}

void drop_orphans(process_manager_ptr self) {
  auto& s = self->state;
  for (const auto at : std::set{s.parked->all_tried_by_hand()})
    if (!is_input(s, at)) s.parked->passed(at);
  show_parked(self);
}

void show_parked(process_manager_ptr self) {
  auto& s = self->state;
  self->send(s.ports->index_writer, parked_now{store::owner_of_process(s.cell->name), s.parked->all().list()});
  if (s.notices) s.notices->follow(s.parked->all());
}

void on_retry_parked(process_manager_ptr self, const retry_parked& order) {
  auto& s = self->state;
  const auto instance = instance_of_cause(*s.parked, order.at);
  if (!instance) return reply(self, order.reply, instance.error());
  if (s.cell->stopped) return reply(self, order.reply, *s.cell->stopped);
  if (is_being_skipped(s, order.at))
    return reply(self, order.reply, error{errc::misuse, "it is being skipped", "position " + std::to_string(order.at), 0, order.at});
  s.retries[order.at].push_back(order.reply);
  if (s.parked->is_tried_by_hand(order.at)) return;
  s.parked->try_by_hand(order.at);
  s.outbox->again(order.at);
  s.timers->again(order.at);
  if (!s.outbox->has(order.at) && !s.timers->has(order.at))
    if (auto ok = observe_again(self, {order.at}); !ok) return stop(self, ok.error());
  if (is_input(s, order.at)) return;
  s.parked->passed(order.at);  // not an input any more
  settle_tried(self);
}

void on_skip_parked(process_manager_ptr self, const skip_parked& order) {
  auto& s = self->state;
  if (const auto instance = instance_of_cause(*s.parked, order.at); !instance) return reply(self, order.reply, instance.error());
  if (!s.cell->stopped && (s.inbound->is_trying(order.at) || s.outbox->is_trying(order.at) || s.timers->is_trying(order.at))) {
    s.skips_later[order.at].push_back(order);
    return;
  }
  s.parked->do_not_try(order.at);
  if (const auto waiting = s.retries.extract(order.at))
    for (const auto& to : waiting.mapped()) reply(self, to, nothing_parked(order.at));
  s.skipping.push_back(order);
  if (s.skipping.size() == 1) keep_skip(self);
}

void on_kept(process_manager_ptr self, const kept& decided) {
  auto& s = self->state;
  if (decided.tag == drained_tag && !decided.failed) return keep_skip(self);
  const auto order = s.skipping.front();
  s.skipping.pop_front();
  keep_skip(self);
  if (decided.failed) return reply(self, order.reply, *decided.failed);
  s.parked->skipped.insert(order.at);
  const auto instance = instance_of_cause(*s.parked, order.at);
  if (instance) {
    s.outbox->skip(order.at);
    s.timers->skip(order.at);
    if (auto full = s.inbound->set_aside(*instance, s.env->now())) stop(self, *full);
    if (s.cell->stopped)
      s.parked->leave_out(order.at);
    else
      go_on_with(self, *instance);
  }
  show(self, s.cell->at);
  reply(self, order.reply, at_position(order.at));
  advance(self);
}

void refuse_waiting(process_manager_ptr self) {
  auto& s = self->state;
  for (const auto& [at, waiting] : std::exchange(s.retries, {}))
    for (const auto& to : waiting) reply(self, to, *s.cell->stopped);
  for (const auto& [at, orders] : std::exchange(s.skips_later, {}))
    for (const auto& order : orders) on_skip_parked(self, order);
}

void settle_tried(process_manager_ptr self) {
  auto& s = self->state;
  for (const auto& one : s.parked->take_tried()) {
    if (!one.failed) go_on_with(self, one.instance);
    show(self, s.cell->at);
    if (const auto waiting = s.retries.extract(one.at))
      for (const auto& to : waiting.mapped()) reply(self, to, one.failed ? detail::outcome{*one.failed} : at_position(one.at));
    if (const auto waiting = s.skips_later.extract(one.at))
      for (const auto& order : waiting.mapped()) on_skip_parked(self, order);
  }
}

}  // namespace annals::actors
