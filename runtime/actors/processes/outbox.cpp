#include "actors/processes/outbox.hpp"

#include "actors/base/stream_names.hpp"
#include "actors/processes/command_ids.hpp"
#include "store/read/stream_table.hpp"

#include <algorithm>
#include <bit>

namespace annals::actors {
namespace {

using namespace annals::detail;

std::uint64_t lane_of(std::string_view instance, std::string_view target) {
  return store::hash_of_stream(instance) ^ std::rotl(store::hash_of_stream(target), 1);
}

}  // namespace

void outbox::follow(const record_view& record) {
  if (old_ids_ == 0 && !is_id_of_a_send(record.command_id)) return;
  const auto found = by_id_.find(store::hash_of_stream(record.command_id));
  if (found == by_id_.end()) return;
  const auto at = found->second;
  if (const auto& send = sends_.at(at); send.id == record.command_id && store::is_written_by(send.what, record)) close(at);
}

void outbox::follow(const record_view& record, command_sent what) {
  open_send send{record};
  send.what = std::move(what);
  send.instance = &instances_.add(record.stream, record.version, record.at);
  send.has_old_id = has_old_id(record);
  send.id = id_of_command(record);
  send.lane = lane_of(record.stream, send.what.to);
  old_ids_ += send.has_old_id;
  by_id_.emplace(store::hash_of_stream(send.id), record.at);
  auto& added = sends_.emplace(record.at, std::move(send)).first->second;
  auto& lane = lanes_[added.lane];
  lane.push_back(record.at);
  if (lane.size() == 1) make_ready(record.at, added);
}

void outbox::follow(const record_view& record, const command_answered& what) {
  if (const auto at = instances_.find(record.stream, what.sent); at != 0) close(at);
}

void outbox::begin() {
  if (std::exchange(begun_, true)) return;
  for (const auto& [at, send] : sends_) from_before_.insert(from_before_.end(), at);
}

void outbox::make_ready(position at, open_send& send) {
  send.now = step::ready;
  ready_.insert(at);
}

void outbox::close(position at) {
  const auto found = sends_.find(at);
  if (found == sends_.end()) return;
  parked_->passed(at);
  auto& send = found->second;
  if (send.span) tracing_->close(send.span, {});  // its record is in the log, and the answer comes later or never
  attempts_.remove(send.number);
  tellings_.remove(send.number);
  ready_.erase(at);
  held_version_ += held_.erase(at);
  from_before_.erase(at);
  by_id_.erase(store::hash_of_stream(send.id));
  old_ids_ -= send.has_old_id;
  const auto lane = lanes_.find(send.lane);
  std::erase(lane->second, at);
  if (lane->second.empty())
    lanes_.erase(lane);
  else if (const auto next = sends_.find(lane->second.front()); next->second.now == step::queued)
    make_ready(next->first, next->second);
  instances_.remove(*send.instance, send.sent);
  sends_.erase(found);
}

void outbox::give_own_id(position at, open_send& send) {
  by_id_.erase(store::hash_of_stream(send.id));
  send.has_old_id = false;
  --old_ids_;
  send.id = id_of_send(*send.instance, send.sent, send.checksum);
  by_id_.emplace(store::hash_of_stream(send.id), at);
}

std::optional<outgoing> outbox::next(time_point now) {
  while (!to_tell_.empty()) {
    const auto at = to_tell_.front();
    to_tell_.pop_front();
    if (const auto found = sends_.find(at); found != sends_.end() && found->second.now == step::telling && found->second.number == 0)
      return telling(at, found->second, now);
  }
  while (begun_ && !ended_ && !ready_.empty() && attempts_.size() < asked_max)
    if (auto made = attempt(*ready_.begin(), now)) return made;
  return std::nullopt;
}

std::optional<outgoing> outbox::attempt(position at, time_point now) {
  auto& send = sends_.at(at);
  ready_.erase(at);
  attempts_.remove(send.number);
  send.now = step::asked;
  send.number = attempts_.add(at, now);

  const auto category = std::string_view{send.what.to}.substr(0, send.what.to.find('-'));
  const auto* type = find_(category);
  const auto name = type ? type->command_name(send.what.command) : std::string_view{};
  if (name.empty()) {
    hold(at, send,
         {errc::not_hosted, type ? "the aggregate has no such command" : "the aggregate is not hosted here",
          std::string{category} + ": " + send.what.command});
    return std::nullopt;
  }
  outgoing made;
  auto& cmd = made.what;
  cmd.type = type;
  cmd.stream = send.what.to;
  cmd.stream_hash = store::hash_of_stream(cmd.stream);
  cmd.name = name;
  cmd.body = send.what.body.bytes;
  cmd.id = send.id;
  cmd.since = at;
  cmd.causation = send.from.causation;
  cmd.correlation = send.from.correlation.empty() ? *send.instance : send.from.correlation;
  cmd.principal = send.from.principal;
  cmd.reply = {self_, send.number};
  begin_span(send, cmd, span_kind::producer, "send", name);
  auto wrong = wrong_stream(category, cmd.stream.substr(category.size() + 1));
  if (!wrong) wrong = reserved_for_runtime(*type, name, {});
  if (wrong) {
    made.refused.emplace();
    made.refused->number = send.number;
    made.refused->refused = std::make_shared<const error>(std::move(*wrong));
  }
  return made;
}

outgoing outbox::telling(position at, open_send& send, time_point now) {
  send.number = tellings_.add(at, now);
  causation_ = causation_of(at);
  outgoing made;
  auto& cmd = made.what;
  cmd.type = &table_->instance;
  cmd.stream = *send.instance;
  cmd.stream_hash = store::hash_of_stream(cmd.stream);
  cmd.name = take_answer::about.name;
  cmd.body = send.encoded_answer;
  cmd.causation = causation_;
  cmd.correlation = send.from.correlation;
  cmd.principal = send.from.principal;
  cmd.reply = {self_, send.number};
  begin_span(send, cmd, span_kind::consumer, "observe", table_->instance.category);
  return made;
}

void outbox::begin_span(open_send& send, command& cmd, span_kind kind, std::string_view doing, std::string_view what) {
  if (!tracing_ || !send.from.trace.sampled) return;
  tracing_->give_up(send.span);
  send.span = tracing_->follow(send.from.trace, send.from.time, kind, doing, what, cmd.stream);
  cmd.set_trace(send.span->id);
}

void outbox::close_span(open_send& send, const answer& reply) {
  if (send.span) tracing_->close(send.span, closed_by(reply));
}

bool outbox::waits_for_host(const open_send& send) const { return !held_.empty() && held_.contains(lanes_.at(send.lane).front()); }

bool outbox::is_sending_again() const {
  if (from_before_.empty() || (parked_->all().empty() && held_.empty())) return !from_before_.empty();
  return std::any_of(from_before_.begin(), from_before_.end(), [&](position at) {
    const auto& send = sends_.at(at);
    return !parked_->is_blocked(*send.instance) && !waits_for_host(send);
  });
}

std::vector<position> outbox::open() const {
  std::vector<position> all;
  for (const auto& [at, send] : sends_) all.push_back(at);
  return all;
}

std::size_t outbox::under_way() const {
  auto open = sends_.size();
  if (parked_->all().empty() && held_.empty()) return open;
  for (const auto& [at, send] : sends_)
    if ((send.now == step::waiting_to_tell && parked_->is_blocked(*send.instance)) || waits_for_host(send)) --open;
  return open;
}

}  // namespace annals::actors
