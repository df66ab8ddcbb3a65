#include "store/look/turns.hpp"

#include "store/read/send_ids.hpp"

#include <annals/codec.hpp>
#include <annals/detail/events.hpp>

namespace annals::store {

using namespace annals::detail;

result<void> turns::take(const record_view& record) {
  if (is_listing() && (record.index == 0 || list_.empty())) {
    if (list_.size() == max_)
      next_ = record.version;
    else
      begin_turn(record);
  }
  if (is_the_runtimes(record)) {
    result<void> noted;
    auto ok = read_event(process_records{}, record, [&]<class E>(E&& event) { noted = note(record, std::forward<E>(event)); });
    return ok ? noted : ok;
  }
  if (!is_listing()) return {};
  auto json = types_->payload_json(record);
  if (!json) return std::move(json).error();
  add_item(record, turn_item::kind::event, std::string{record.type}, std::move(*json));
  return {};
}

void turns::begin_turn(const record_view& record) {
  instance_turn turn;
  turn.version = record.version;
  turn.at = record.at;
  turn.time = record.time;
  turn.correlation = record.correlation;
  turn.cause_at = position_in(record.causation).value_or(0);
  list_.push_back(std::move(turn));
}

turn_item& turns::add_item(const record_view& record, turn_item::kind what, std::string name, std::string json) {
  turn_item item;
  item.what = what;
  item.version = record.version;
  item.at = record.at;
  item.name = std::move(name);
  item.json = std::move(json);
  return list_.back().items.emplace_back(std::move(item));
}

result<void> turns::note(const record_view& record, command_sent what) {
  if (!is_listing()) return {};
  auto json = types_->message_json(what.to, what.command, what.body.bytes);
  if (!json) return std::move(json).error();
  auto& item = add_item(record, turn_item::kind::command, what.command, std::move(*json));
  item.to = what.to;
  item.id = id_of_command(record);
  const auto own_id = has_old_id(record) ? id_of_send(record.stream, record.version, record.checksum) : std::string{};
  commands_.emplace(record.version, unanswered{list_.size() - 1, list_.back().items.size() - 1, std::move(what), own_id});
  return {};
}

result<void> turns::note(const record_view& record, const command_answered& what) {
  const command_answer answer{what.accepted, what.code, what.detail, record.at, record.time, 0, {}};
  const auto sent = commands_.find(what.sent);
  if (is_listing()) {
    auto& turn = list_.back();
    turn.cause = turn_cause::answered;
    turn.cause_version = what.sent;
    turn.answer = answer;
  }
  if (sent == commands_.end()) return {};
  item(sent->second).answer = answer;
  commands_.erase(sent);
  return {};
}

result<void> turns::note(const record_view& record, const timer_set& what) {
  if (!is_listing()) return {};
  auto json = types_->message_json(record.stream, what.timer, what.body.bytes);
  if (!json) return std::move(json).error();
  auto& item = add_item(record, turn_item::kind::timer, what.timer, std::move(*json));
  item.due = what.due;
  timers_.emplace(record.version, place{list_.size() - 1, list_.back().items.size() - 1});
  return {};
}

result<void> turns::note(const record_view& record, const timer_fired& what) {
  if (is_listing()) {
    auto& turn = list_.back();
    turn.cause = turn_cause::timer;
    turn.cause_version = what.set;
  }
  const auto set = timers_.find(what.set);
  if (set == timers_.end()) return {};
  list_[set->second.turn].items[set->second.item].end = timer_end{true, record.version, record.time};
  timers_.erase(set);
  return {};
}

result<void> turns::note(const record_view& record, const timers_cancelled& what) {
  for (auto one = timers_.begin(); one != timers_.end();) {
    auto& item = list_[one->second.turn].items[one->second.item];
    if (item.name == what.timer) {
      item.end = timer_end{false, record.version, record.time};
      one = timers_.erase(one);
    } else
      ++one;
  }
  if (is_listing()) add_item(record, turn_item::kind::cancel_timers, what.timer, {});
  return {};
}

}  // namespace annals::store
