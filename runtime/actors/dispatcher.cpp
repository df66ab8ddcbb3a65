#include "actors/dispatcher.hpp"

#include "actors/stream_names.hpp"

#include <annals/detail/events.hpp>

#include <algorithm>

namespace annals::actors {
namespace {

using namespace annals::detail;

constexpr auto held = ~std::uint64_t{0};  // the number of a timer that has failed

/// Of a command that a record says to send. An id has at most 255 bytes: of a longer name the end becomes a hash of it all.
std::string id_of(std::string_view stream, version v) {
  constexpr std::size_t bytes_max = 255;
  auto number = "#" + std::to_string(v);
  if (stream.size() + number.size() <= bytes_max) return std::string{stream} + number;
  number = "~" + std::to_string(store::hash_of_stream(stream)) + number;
  return std::string{stream.substr(0, bytes_max - number.size())} + number;
}

bool passes(errc code) {
  return code == errc::unknown || code == errc::overloaded || code == errc::storage_full;
}
bool closing(errc code) { return code == errc::closed || code == errc::not_written; }
/// The record that said what an instance cannot take.
error stopped_at(position at, error why) {
  why.place = at;
  return why;
}

}  // namespace

dispatcher::dispatcher(const environment& env, const process_table& table, find_table find, recipient self,
                       parking& parked)
    : env_(&env), table_(&table), find_(std::move(find)), self_(self), parked_(&parked) {}

result<void> dispatcher::follow(const record_view& record) {
  if (!record.command_id.empty())
    if (const auto found = by_id_.find(std::string{record.command_id}); found != by_id_.end())
      if (sends_.at(found->second).what.to == record.stream) close(found->second);
  if (record.category() != table_->instance.category) return {};
  if (!is_the_runtimes(record) || parked_->skipped.contains(record.at)) return {};
  return read_event(process_records{}, record, [&](auto&& what) { follow(record, std::move(what)); });
}

void dispatcher::follow(const record_view& record, command_sent what) {
  add(record.at, open_send{std::string{record.stream}, record.version, std::move(what), id_of(record.stream, record.version)});
}

void dispatcher::follow(const record_view& record, const command_answered& what) {
  if (const auto found = by_id_.find(id_of(record.stream, what.sent)); found != by_id_.end()) close(found->second);
}

void dispatcher::add(position at, open_send send) {
  auto& queue = lanes_[{send.instance, send.what.to}];
  queue.push_back(at);
  if (queue.size() == 1) {
    send.now = step::ready;
    ready_.insert(at);
  }
  by_id_.emplace(send.id, at);
  sends_.emplace(at, std::move(send));
}

void dispatcher::close(position at) {
  const auto found = sends_.find(at);
  if (found == sends_.end()) return;
  parked_->passed(at);
  auto& send = found->second;
  if (send.now == step::asked) --attempts_;
  asked_.erase(send.number);
  ready_.erase(at);
  if (send.again) --again_;
  by_id_.erase(send.id);
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
  std::optional<error> wrong;
  if (name.empty())
    wrong = error{type ? errc::invalid_command : errc::not_hosted, send.what.command, "to " + send.what.to};
  else
    wrong = wrong_stream(category, std::string_view{send.what.to}.substr(category.size() + 1));
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
  cmd.causation = send.id;
  cmd.correlation = send.instance;
  cmd.reply = {self_, send.number};
  env_->send(cmd);
}

bool dispatcher::take(caf::event_based_actor* self, const answer& reply, std::uint64_t& next_number,
                      std::optional<error>& stop) {
  if (const auto found = asked_.find(reply.number); found != asked_.end()) {
    const auto at = found->second;
    if (sends_.at(at).now == step::asked)
      heard(self, at, reply, next_number);
    else if (!reply.refused)
      close(at);
    else if (passes(reply.refused->code))
      tell(self, at, next_number);
    else if (parking::is_parkable(reply.refused->code)) {
      auto& send = sends_.at(at);
      asked_.erase(std::exchange(send.number, 0));
      fail(self, send.instance, at, *reply.refused, stop);
    } else if (!closing(reply.refused->code))
      stop = stopped_at(at, *reply.refused);
    return true;
  }
  if (const auto found = firing_.find(reply.number); found != firing_.end()) {
    const auto at = found->second;
    if (!reply.refused)
      drop_timer(at);
    else if (passes(reply.refused->code))
      fire_one(self, at, next_number);
    else if (parking::is_parkable(reply.refused->code)) {
      auto& timer = timers_.at(at);
      firing_.erase(std::exchange(timer.number, held));
      if (!fail(self, timer.instance, at, *reply.refused, stop)) timer.number = 0;
    } else if (!closing(reply.refused->code))
      stop = stopped_at(at, *reply.refused);
    return true;
  }
  return false;
}

/// The target has answered, or nobody can know.
void dispatcher::heard(caf::event_based_actor* self, position at, const answer& reply, std::uint64_t& next_number) {
  auto& send = sends_.at(at);
  if (!reply.refused && reply.events > 0) return close(at);
  if (reply.refused && closing(reply.refused->code)) return;
  --attempts_;
  asked_.erase(send.number);
  if (reply.refused && passes(reply.refused->code)) {
    send.now = step::ready;
    ready_.insert(at);
    return;
  }
  take_answer told{send.sent, send.what.to, send.what.command, send.what.body.bytes, !reply.refused, {}, {}};
  if (reply.refused) {
    const auto& why = *reply.refused;
    told.code = why.code == errc::rejected ? why.reason : std::string{to_string(why.code)};
    told.detail = why.detail;
  }
  send.now = step::telling;
  send.told = encoded(told);
  tell(self, at, next_number);
}

void dispatcher::tell(caf::event_based_actor* self, position at, std::uint64_t& next_number) {
  auto& send = sends_.at(at);
  asked_.erase(std::exchange(send.number, 0));
  if (!parked_->lets_pass(send.instance, at)) return;
  send.number = next_number++;
  send.since = self->clock().now();
  asked_.emplace(send.number, at);
  send_to_instance(send.instance, take_answer::about.name, send.told, send.number);
}

void dispatcher::send_to_instance(const std::string& instance, std::string_view name, const std::string& body, std::uint64_t number) {
  command cmd;
  cmd.type = &table_->instance;
  cmd.stream = instance;
  cmd.stream_hash = store::hash_of_stream(cmd.stream);
  cmd.name = name;
  cmd.body = body;
  cmd.reply = {self_, number};
  env_->send(cmd);
}

void dispatcher::send_again(caf::event_based_actor* self, caf::actor_clock::time_point since, std::uint64_t& next_number) {
  std::vector<position> late;
  for (const auto& [number, at] : asked_)
    if (sends_.at(at).since < since) late.push_back(at);
  std::sort(late.begin(), late.end());
  for (const auto at : late) {
    if (sends_.at(at).now == step::telling)
      tell(self, at, next_number);
    else
      ask(self, at, next_number);
  }
  late.clear();
  for (const auto& [number, at] : firing_)
    if (timers_.at(at).since < since) late.push_back(at);
  std::sort(late.begin(), late.end());
  for (const auto at : late) fire_one(self, at, next_number);
}

bool dispatcher::fail(caf::event_based_actor* self, const std::string& instance, position at, const error& why,
                      std::optional<error>& stop) {
  const auto verdict = parked_->failed(instance, at, why, env_->now());
  if (verdict.stop) stop = stopped_at(at, *verdict.stop);
  if (verdict.pause) self->delayed_send(self, *verdict.pause, input_again{at});
  return !verdict.waits;
}

bool dispatcher::is_trying(position at) const {
  if (const auto send = sends_.find(at); send != sends_.end()) return send->second.now == step::telling && send->second.number != 0;
  const auto timer = timers_.find(at);
  return timer != timers_.end() && timer->second.number != 0 && timer->second.number != held;
}

void dispatcher::again(caf::event_based_actor* self, position at, std::uint64_t& next_number) {
  if (const auto send = sends_.find(at); send != sends_.end()) {
    if (send->second.now == step::telling && send->second.number == 0) tell(self, at, next_number);
  } else if (const auto timer = timers_.find(at); timer != timers_.end() && timer->second.number == held)
    fire_one(self, at, next_number);
}

void dispatcher::resume(caf::event_based_actor* self, const std::string& instance, std::uint64_t& next_number) {
  std::vector<position> held_back;
  for (const auto& [at, send] : sends_)
    if (send.instance == instance && send.now == step::telling && send.number == 0) held_back.push_back(at);
  for (const auto at : held_back) tell(self, at, next_number);
  for (auto& [at, timer] : timers_)
    if (timer.instance == instance && timer.number == held) timer.number = 0;
}

std::vector<position> dispatcher::open() const {
  std::set<position> all;
  for (const auto& [at, send] : sends_) all.insert(at);
  for (const auto& [at, timer] : timers_) all.insert(at);
  return {all.begin(), all.end()};
}

std::size_t dispatcher::under_way() const {
  auto open = sends_.size();
  if (!parked_->all().empty())
    for (const auto& [at, send] : sends_)
      if (send.now == step::telling && send.number == 0 && parked_->holds(send.instance)) --open;
  return open + firing_.size();
}

void dispatcher::skip(position at) {
  close(at);
  drop_timer(at);
}

}  // namespace annals::actors
