#include "actors/processes/dispatcher.hpp"

#include "actors/base/stream_names.hpp"
#include "actors/processes/command_ids.hpp"
#include "store/read/stream_table.hpp"

#include <annals/detail/events.hpp>

#include <algorithm>

namespace annals::actors {
namespace {

using namespace annals::detail;

/// Whether a record with the send's id is what became of it. Hosts could use the ids of earlier builds.
bool is_of(const command_sent& what, const record_view& record) {
  command sent;
  sent.name = what.command;
  sent.body = what.body.bytes;
  return what.to == record.stream && sent.fingerprint() == record.fingerprint;
}

}  // namespace

dispatcher::dispatcher(const environment& env, const command_port& commands, const process_table& table, find_table find, recipient self,
                       parking& parked)
    : env_(&env), commands_(&commands), table_(&table), find_(std::move(find)), self_(self), parked_(&parked) {}

result<void> dispatcher::follow(const record_view& record) {
  if (!record.command_id.empty())
    if (const auto found = by_id_.find(std::string{record.command_id}); found != by_id_.end())
      if (is_of(sends_.at(found->second).what, record)) close(found->second);
  if (record.category() != table_->instance.category) return {};
  if (!is_the_runtimes(record) || parked_->skipped.contains(record.at)) return {};
  return read_event(process_records{}, record, [&](auto&& what) { follow(record, std::move(what)); });
}

void dispatcher::follow(const record_view& record, command_sent what) {
  open_send send;
  send.instance = record.stream;
  send.sent = record.version;
  send.checksum = record.checksum;
  send.what = std::move(what);
  send.from = provenance{record};
  send.has_old_id = has_old_id(record);
  send.id = send.has_old_id ? old_id_of_send(record.stream, record.version) : id_of_send(record.stream, record.version, record.checksum);
  add(record.at, std::move(send));
}

void dispatcher::follow(const record_view& record, const command_answered& what) {
  if (const auto found = at_version_.find({std::string{record.stream}, what.sent}); found != at_version_.end()) close(found->second);
}

void dispatcher::add(position at, open_send send) {
  auto& queue = lanes_[{send.instance, send.what.to}];
  queue.push_back(at);
  if (queue.size() == 1) {
    send.now = step::ready;
    ready_.insert(at);
  }
  by_id_.emplace(send.id, at);
  at_version_.emplace(std::pair{send.instance, send.sent}, at);
  sends_.emplace(at, std::move(send));
}

void dispatcher::close(position at) {
  const auto found = sends_.find(at);
  if (found == sends_.end()) return;
  parked_->passed(at);
  auto& send = found->second;
  if (send.now == step::asked) --attempts_;
  if (send.now == step::held) --held_;
  asked_.erase(send.number);
  ready_.erase(at);
  if (send.again) --again_;
  by_id_.erase(send.id);
  at_version_.erase({send.instance, send.sent});
  const auto lane_of = lanes_.find({send.instance, send.what.to});
  std::erase(lane_of->second, at);
  if (lane_of->second.empty())
    lanes_.erase(lane_of);
  else if (const auto next = lane_of->second.front(); sends_.at(next).now == step::queued) {
    sends_.at(next).now = step::ready;
    ready_.insert(next);
  }
  sends_.erase(found);
}

void dispatcher::give_own_id(position at) {
  auto& send = sends_.at(at);
  by_id_.erase(send.id);
  send.has_old_id = false;
  send.id = id_of_send(send.instance, send.sent, send.checksum);
  by_id_.emplace(send.id, at);
}

void dispatcher::dispatch(caf::event_based_actor* self, std::uint64_t& next_number) {
  if (!std::exchange(started_, true)) {
    for (auto& [at, send] : sends_) send.again = true;
    again_ = sends_.size();
  }
  while (!ready_.empty() && attempts_ < asked_max) ask(self, *ready_.begin(), next_number);
}

void dispatcher::ask(caf::event_based_actor* self, position at, std::uint64_t& next_number) {
  auto& send = sends_.at(at);
  ready_.erase(at);
  asked_.erase(send.number);
  if (send.now != step::asked) ++attempts_;
  send.now = step::asked;
  send.number = next_number++;
  send.since = self->clock().now();
  asked_.emplace(send.number, at);

  const auto category = std::string_view{send.what.to}.substr(0, send.what.to.find('-'));
  const auto* type = find_(category);
  const auto name = type ? type->command_name(send.what.command) : std::string_view{};
  if (name.empty())
    return hold(at, {errc::not_hosted, type ? "the aggregate has no such command" : "the aggregate is not hosted here",
                     std::string{category} + ": " + send.what.command});
  auto wrong = wrong_stream(category, std::string_view{send.what.to}.substr(category.size() + 1));
  if (!wrong) wrong = reserved_for_runtime(*type, name, {});
  if (wrong) {
    answer reply;
    reply.refused = std::make_shared<const error>(std::move(*wrong));
    return heard(self, at, reply, next_number);
  }
  command cmd;
  cmd.type = type;
  cmd.stream = send.what.to;
  cmd.stream_hash = store::hash_of_stream(cmd.stream);
  cmd.name = name;
  cmd.body = send.what.body.bytes;
  cmd.id = send.id;
  cmd.since = at;
  cmd.causation = send.from.causation;
  cmd.correlation = send.from.correlation.empty() ? send.instance : send.from.correlation;
  cmd.principal = send.from.principal;
  cmd.reply = {self_, send.number};
  commands_->send(cmd);
}

void dispatcher::hold(position at, const error& why) {
  auto& send = sends_.at(at);
  --attempts_;
  asked_.erase(std::exchange(send.number, 0));
  send.now = step::held;
  ++held_;
  if (told_.insert(why.detail).second) env_->report("process manager " + std::string{table_->instance.category}, why);
}

bool dispatcher::waits_for_host(const open_send& send) const {
  return held_ > 0 && sends_.at(lanes_.at({send.instance, send.what.to}).front()).now == step::held;
}

std::vector<position> dispatcher::open() const {
  std::set<position> all;
  for (const auto& [at, send] : sends_) all.insert(at);
  for (const auto& [at, timer] : timers_) all.insert(at);
  return {all.begin(), all.end()};
}

std::size_t dispatcher::under_way() const {
  auto open = sends_.size();
  if (!parked_->all().empty() || held_ > 0)
    for (const auto& [at, send] : sends_)
      if ((send.now == step::telling && send.number == 0 && parked_->holds(send.instance)) || waits_for_host(send)) --open;
  return open + firing_.size();
}

void dispatcher::skip(position at) {
  close(at);
  drop_timer(at);
}

}  // namespace annals::actors
