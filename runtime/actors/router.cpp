#include "actors/router.hpp"

#include <annals/detail/process_records.hpp>

#include <algorithm>

namespace annals::actors {

router::router(const environment& env, const detail::process_table& table, recipient self)
    : env_(&env), table_(&table), self_(self) {}

result<void> router::follow(caf::event_based_actor* self, const record_view& record, std::uint64_t& next_number) {
  const auto& observed = table_->observed_categories;
  if (std::find(observed.begin(), observed.end(), record.category()) == observed.end()) return {};
  auto key = table_->key(record);
  if (!key) return std::move(key).error();
  if (!*key) return {};
  auto instance = std::string{table_->instance.category} + "-" + **key;
  const detail::observe told{record.at, std::string{record.stream}, std::string{record.type}, record.schema,
                             std::string{record.payload}};
  auto& queue = queues_[instance];
  queue.push_back(record.at);
  by_position_.emplace(record.at, observation{std::move(instance), encoded(told)});
  if (queue.size() == 1) send(self, record.at, next_number);
  return {};
}

void router::send(caf::event_based_actor* self, position at, std::uint64_t& next_number) {
  auto& o = by_position_.at(at);
  asked_.erase(o.number);
  o.number = next_number++;
  o.sent = self->clock().now();
  asked_.emplace(o.number, at);
  command cmd;
  cmd.type = &table_->instance;
  cmd.stream = o.instance;
  cmd.stream_hash = store::hash_of_stream(cmd.stream);
  cmd.name = detail::observe::about.name;
  cmd.body = o.body;
  const auto causation = std::to_string(at);
  cmd.causation = causation;
  cmd.reply = {self_, o.number};
  env_->send(cmd);
}

bool router::take(caf::event_based_actor* self, const answer& reply, std::uint64_t& next_number,
                  std::optional<error>& stop) {
  const auto found = asked_.find(reply.number);
  if (found == asked_.end()) return false;
  const auto at = found->second;
  if (reply.refused && reply.refused->code == errc::unknown) {
    send(self, at, next_number);
    return true;
  }
  if (reply.refused) {
    if (reply.refused->code != errc::not_written) {
      stop = *reply.refused;
      stop->place = at;
    }
    return true;
  }
  asked_.erase(found);
  const auto instance = by_position_.at(at).instance;
  by_position_.erase(at);
  auto queue = queues_.find(instance);
  queue->second.pop_front();
  if (queue->second.empty())
    queues_.erase(queue);
  else
    send(self, queue->second.front(), next_number);
  return true;
}

void router::send_again(caf::event_based_actor* self, caf::actor_clock::time_point since, std::uint64_t& next_number) {
  std::vector<position> late;
  for (const auto& [number, at] : asked_)
    if (by_position_.at(at).sent < since) late.push_back(at);
  std::sort(late.begin(), late.end());
  for (const auto at : late) send(self, at, next_number);
}

position router::checkpoint(position at) const { return by_position_.empty() ? at : by_position_.begin()->first - 1; }

}  // namespace annals::actors
