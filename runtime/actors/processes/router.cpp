#include "actors/processes/router.hpp"

#include "actors/base/stream_names.hpp"
#include "actors/processes/command_ids.hpp"
#include "actors/processes/messages.hpp"
#include "store/read/stream_table.hpp"

#include <annals/detail/process_records.hpp>

#include <algorithm>
#include <set>

namespace annals::actors {

router::router(const environment& env, const command_port& commands, const detail::process_table& table, recipient self, parking& parked)
    : env_(&env), commands_(&commands), table_(&table), self_(self), parked_(&parked) {}

result<void> router::follow(caf::event_based_actor* self, const record_view& record, std::uint64_t& next_number) {
  const auto& observed = table_->observed_categories;
  if (std::find(observed.begin(), observed.end(), record.category()) == observed.end()) return {};
  auto key = table_->key(record);
  if (!key) return std::move(key).error();
  if (!*key) return {};
  if (parked_->skipped.contains(record.at)) return {};
  auto instance = std::string{table_->instance.category} + "-" + **key;
  if (parked_->is_of_another(instance, record.at)) parked_->passed(record.at);
  if (!parked_->lets_observe(instance, record.at)) {
    if (auto full = parked_->hold(instance, record.at, env_->now())) return std::move(*full);
    return {};
  }
  const detail::observe told{record.at, std::string{record.stream}, std::string{record.type}, record.schema,
                             std::string{record.payload}};
  auto& queue = queues_[instance];
  queue.push_back(record.at);
  by_position_.emplace(record.at, observation{std::move(instance), encoded(told), std::string{record.correlation}, std::string{record.principal}});
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
  const auto causation = causation_of(at);
  cmd.causation = causation;
  cmd.correlation = o.correlation;
  cmd.principal = o.principal;
  cmd.reply = {self_, o.number};
  const auto& category = table_->instance.category;
  if (auto wrong = wrong_stream(category, cmd.stream.substr(category.size() + 1))) return refuse(self, o.number, std::move(*wrong));
  commands_->send(cmd);
}

/// As if the instance had refused it.
void router::refuse(caf::event_based_actor* self, std::uint64_t number, error why) {
  answer refused;
  refused.number = number;
  refused.refused = std::make_shared<const error>(std::move(why));
  answers batch;
  batch.list.push_back(std::move(refused));
  self->send(caf::actor_cast<caf::actor>(self), std::move(batch));
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
    if (reply.refused->code == errc::not_written) return true;
    if (parking::is_parkable(reply.refused->code)) {
      fail(self, at, *reply.refused, stop);
    } else {
      stop = *reply.refused;
      stop->place = at;
    }
    return true;
  }
  parked_->passed(at);
  asked_.erase(found);
  const auto instance = by_position_.at(at).instance;
  by_position_.erase(at);
  auto queue = queues_.find(instance);
  queue->second.pop_front();
  if (queue->second.empty())
    queues_.erase(queue);
  else if (parked_->lets_observe(instance, queue->second.front()))
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

void router::fail(caf::event_based_actor* self, position at, const error& why, std::optional<error>& stop) {
  auto& o = by_position_.at(at);
  asked_.erase(std::exchange(o.number, 0));
  const auto verdict = parked_->failed(o.instance, at, why, env_->now());
  if (verdict.stop) {
    stop = verdict.stop;
    stop->place = at;
  } else if (verdict.pause)
    self->delayed_send(self, *verdict.pause, input_again{at});
  else
    stop = set_aside(std::string{o.instance});
}

bool router::is_trying(position at) const {
  const auto found = by_position_.find(at);
  return found != by_position_.end() && found->second.number != 0;
}

void router::again(caf::event_based_actor* self, position at, std::uint64_t& next_number) {
  const auto found = by_position_.find(at);
  if (found != by_position_.end() && found->second.number == 0) send(self, at, next_number);
}

result<void> router::follow_again(caf::event_based_actor* self, const std::vector<position>& these, std::uint64_t& next_number) {
  result<void> done;
  auto read = env_->log->read_at(these, [&](const record_view& record) {
    done = follow(self, record, next_number);
    return done.has_value();
  });
  return read ? done : read;
}

std::optional<error> router::set_aside(const std::string& instance) {
  const auto queue = queues_.find(instance);
  if (queue == queues_.end()) return std::nullopt;
  for (auto& waiting = queue->second; !waiting.empty(); waiting.pop_front()) {
    const auto at = waiting.front();
    if (auto full = parked_->hold(instance, at, env_->now())) return full;
    asked_.erase(by_position_.at(at).number);
    by_position_.erase(at);
  }
  queues_.erase(queue);
  return std::nullopt;
}

std::optional<error> router::set_aside_parked() {
  std::vector<std::string> still;
  for (const auto& [instance, queue] : queues_)
    if (!parked_->lets_observe(instance, queue.front())) still.push_back(instance);
  std::sort(still.begin(), still.end());
  for (const auto& instance : still)
    if (auto full = set_aside(instance)) return full;
  return std::nullopt;
}

std::vector<position> router::open() const {
  std::set<position> all;
  for (const auto& [at, observation] : by_position_) all.insert(at);
  for (const auto& one : parked_->all().list()) all.insert(one.at);
  return {all.begin(), all.end()};
}

position router::reached(position at) const { return by_position_.empty() ? at : by_position_.begin()->first - 1; }

position router::checkpoint(position at) const {
  const auto parked = parked_->all().first();
  return parked ? std::min(reached(at), parked - 1) : reached(at);
}

}  // namespace annals::actors
