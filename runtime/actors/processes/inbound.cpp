#include "actors/processes/inbound.hpp"

#include "actors/base/stream_names.hpp"
#include "actors/processes/command_ids.hpp"
#include "store/read/stream_table.hpp"

#include <annals/detail/process_records.hpp>

#include <algorithm>
#include <set>

namespace annals::actors {

result<void> inbound::follow(const record_view& record, timestamp now) { return follow(record, now, false); }

result<void> inbound::follow(const record_view& record, timestamp now, bool is_counted) {
  const auto pass = [&] {
    counted_.passed += !is_counted;
    return result<void>{};
  };
  const auto& observed = table_->observed_categories;
  if (std::find(observed.begin(), observed.end(), record.category()) == observed.end()) return pass();
  auto key = table_->key(record);
  if (!key) return std::move(key).error();
  if (!*key || parked_->skipped.contains(record.at)) return pass();
  auto instance = std::string{table_->instance.category} + "-" + **key;
  if (parked_->is_of_another(instance, record.at)) parked_->passed(record.at);
  if (!parked_->lets_observe(instance, record.at)) {
    if (auto full = parked_->hold(instance, record.at, now)) return std::move(*full);
    counted_.parked += !is_counted;
    return {};
  }
  const detail::observe input{record.at, std::string{record.stream}, std::string{record.type}, record.schema, std::string{record.payload}};
  auto& queue = queues_[instance];
  queue.push_back(record.at);
  observation one{std::move(instance), encoded(input), std::string{record.correlation}, std::string{record.principal}, record.trace,
                  record.time,         nullptr};
  one.is_counted = is_counted;
  counted_before_ += is_counted;
  by_position_.emplace(record.at, std::move(one));
  if (queue.size() == 1) send(record.at);
  return {};
}

std::optional<outgoing> inbound::next(time_point now) {
  while (!to_send_.empty()) {
    const auto at = to_send_.front();
    to_send_.pop_front();
    const auto found = by_position_.find(at);
    if (found != by_position_.end() && found->second.now == step::queued) return message_for(at, found->second, now);
  }
  return std::nullopt;
}

void inbound::send(position at) {
  if (std::exchange(by_position_.at(at).now, step::queued) != step::queued) to_send_.push_back(at);
}

outgoing inbound::message_for(position at, observation& one, time_point now) {
  one.now = step::asked;
  asked_.remove(one.number);
  one.number = asked_.add(at, now);
  causation_ = causation_of(at);
  outgoing made;
  auto& cmd = made.what;
  cmd.type = &table_->instance;
  cmd.stream = one.instance;
  cmd.stream_hash = store::hash_of_stream(cmd.stream);
  cmd.name = detail::observe::about.name;
  cmd.body = one.body;
  cmd.causation = causation_;
  cmd.correlation = one.correlation;
  cmd.principal = one.principal;
  cmd.reply = {self_, one.number};
  const auto& category = table_->instance.category;
  if (tracing_ && one.trace.sampled) {
    tracing_->give_up(one.span);
    one.span = tracing_->follow(one.trace, one.time, span_kind::consumer, "observe", category, cmd.stream);
    cmd.set_trace(one.span->id);
  }
  if (auto wrong = wrong_stream(category, cmd.stream.substr(category.size() + 1))) {
    made.refused.emplace();
    made.refused->number = one.number;
    made.refused->refused = std::make_shared<const error>(std::move(*wrong));
  }
  return made;
}

consequence inbound::answered(const answer& reply, timestamp now) {
  const auto found = asked_.find(reply.number);
  if (!found) return {};
  const auto at = *found;
  if (tracing_) tracing_->close(by_position_.at(at).span, closed_by(reply));
  if (reply.refused) {
    const auto code = reply.refused->code;
    if (code == errc::unknown) return send(at), consequence{};
    if (code == errc::not_written) return {};
    if (parking::is_parkable(code)) return failed(at, *reply.refused, now);
    return {*reply.refused, {}, at};
  }
  parked_->passed(at);
  asked_.remove(reply.number);
  const auto done = std::move(by_position_.extract(at).mapped());
  counted_.applied += !done.is_counted;
  counted_before_ -= done.is_counted;
  const auto& instance = done.instance;
  const auto queue = queues_.find(instance);
  queue->second.pop_front();
  if (queue->second.empty())
    queues_.erase(queue);
  else if (parked_->lets_observe(instance, queue->second.front()))
    send(queue->second.front());
  return {};
}

void inbound::resend(time_point since) {
  for (const auto at : asked_.sent_before(since)) send(at);
}

consequence inbound::failed(position at, const error& why, timestamp now) {
  auto& one = by_position_.at(at);
  asked_.remove(one.number);
  one.now = step::waiting;
  const auto verdict = parked_->failed(one.instance, at, why, now);
  if (verdict.stop || verdict.pause) return {verdict.stop, verdict.pause, at};
  return {set_aside(std::string{one.instance}, now), {}, at};
}

bool inbound::is_trying(position at) const {
  const auto found = by_position_.find(at);
  return found != by_position_.end() && found->second.now != step::waiting;
}

void inbound::again(position at) {
  const auto found = by_position_.find(at);
  if (found != by_position_.end() && found->second.now == step::waiting) send(at);
}

std::optional<error> inbound::set_aside(const std::string& instance, timestamp now) {
  const auto queue = queues_.find(instance);
  if (queue == queues_.end()) return std::nullopt;
  for (auto& waiting = queue->second; !waiting.empty(); waiting.pop_front()) {
    const auto at = waiting.front();
    if (auto full = parked_->hold(instance, at, now)) return full;
    const auto done = by_position_.extract(at);
    asked_.remove(done.mapped().number);
    counted_.parked += !done.mapped().is_counted;
    counted_before_ -= done.mapped().is_counted;
  }
  queues_.erase(queue);
  return std::nullopt;
}

std::optional<error> inbound::set_aside_parked(timestamp now) {
  std::vector<std::string> blocked;
  for (const auto& [instance, queue] : queues_)
    if (!parked_->lets_observe(instance, queue.front())) blocked.push_back(instance);
  std::sort(blocked.begin(), blocked.end());
  for (const auto& instance : blocked)
    if (auto full = set_aside(instance, now)) return full;
  return std::nullopt;
}

std::vector<position> inbound::open() const {
  std::set<position> all;
  for (const auto& [at, observation] : by_position_) all.insert(at);
  for (const auto& one : parked_->all().list()) all.insert(one.at);
  return {all.begin(), all.end()};
}

inbound::progress inbound::done(position at) const {
  const auto first = std::find_if(by_position_.begin(), by_position_.end(), [](const auto& one) { return !one.second.is_counted; });
  if (first == by_position_.end() || first->first > at) return {at, 0, std::nullopt};
  const auto last_done = first->first - 1;
  const auto open = by_position_.size() - counted_before_;
  return {last_done, at - last_done - std::min<std::uint64_t>(open, at - last_done), first->second.time};
}

position inbound::checkpoint(position at) const {
  const auto parked = parked_->all().first();
  return parked ? std::min(reached(at), parked - 1) : reached(at);
}

}  // namespace annals::actors
