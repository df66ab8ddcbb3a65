#include "store/look/instance_history.hpp"

#include "store/look/turns.hpp"
#include "store/read/scan_back.hpp"
#include "store/read/stream_places.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

namespace annals::store {
namespace {

/// The commands to one target that have no answer in the instance's stream.
struct to_target {
  position sent_first = ~position{0};
  std::unordered_map<std::string, const turns::unanswered*> by_id;
};

command_answer answer_in(const record_view& record) { return {true, {}, {}, record.at, record.time, record.version, std::string{record.type}}; }

/// Looks in the targets' streams for the events that answer these commands. Returns the number of those that it did not find before it had
/// looked at enough.
result<std::uint64_t> find_answers(const looked_at& in, turns& found) {
  constexpr std::uint64_t records_max = 10'000;  // of each target
  std::map<std::string, to_target, std::less<>> targets;
  for (const auto& [version, one] : found.open_commands()) {
    const auto& item = found.item(one);
    auto& target = targets[item.to];
    target.sent_first = std::min(target.sent_first, item.at);
    target.by_id.emplace(item.id, &one);
    if (!one.own_id.empty()) target.by_id.emplace(one.own_id, &one);
  }
  std::uint64_t unsearched = 0;
  if (targets.empty()) return unsearched;
  const auto places = stream_places::of(*in.log, in.derived, [&](std::string_view stream) { return targets.contains(stream); });
  if (!places) return places.error();
  for (auto& [stream, target] : targets) {
    const auto first = places->first_after(stream, target.sent_first);
    if (!first) return first.error();
    std::set<const turns::unanswered*> open;
    for (const auto& [id, one] : target.by_id) open.insert(one);
    std::uint64_t looked = 0;
    auto ok = scan_stream_on(*in.log, *places, stream, *first, [&](const record_view& record) {
      const auto known = target.by_id.find(std::string{record.command_id});
      if (known != target.by_id.end() && open.contains(known->second) && is_written_by(known->second->sent, record)) {
        found.item(*known->second).answer = answer_in(record);
        open.erase(known->second);
      }
      return !open.empty() && ++looked < records_max;
    });
    if (!ok) return std::move(ok).error();
    if (looked == records_max) unsearched += open.size();
  }
  return unsearched;
}

/// Fills in the records that caused the turns.
result<void> find_causes(const looked_at& in, std::vector<instance_turn>& list) {
  std::vector<position> at;
  for (const auto& turn : list)
    if (turn.cause_at > 0 && turn.cause_at <= in.log->readable()) at.push_back(turn.cause_at);
  std::sort(at.begin(), at.end());
  at.erase(std::unique(at.begin(), at.end()), at.end());
  std::multimap<position, instance_turn*> by_cause;
  for (auto& turn : list) by_cause.emplace(turn.cause_at, &turn);
  return in.log->read_at(at, [&](const record_view& record) {
    for (auto [one, end] = by_cause.equal_range(record.at); one != end; ++one) {
      auto& turn = *one->second;
      turn.cause_stream = record.stream;
      turn.cause_version = record.version;
      turn.cause_type = record.type;
      turn.cause_time = record.time;
      if (!detail::is_the_runtimes(record)) continue;
      (void)detail::read_event(detail::process_records{}, record, [&]<class E>(const E& event) {
        if constexpr (std::is_same_v<E, detail::command_sent>) {
          turn.cause_stream = event.to;
          turn.cause_type = event.command;
        } else if constexpr (std::is_same_v<E, detail::timer_set>) {
          turn.cause_type = event.timer;
          turn.due = event.due;
        }
      });
    }
    return true;
  });
}

/// The version of the first record of the turn to which this one belongs.
result<version> begin_of_turn(const looked_at& in, const stream_places& places, const std::string& stream, version from) {
  auto begin = std::max<version>(from, 1);
  auto ok = scan_stream_on(*in.log, places, stream, begin, [&](const record_view& record) {
    begin -= std::min<version>(record.index, begin - 1);
    return false;
  });
  if (!ok) return std::move(ok).error();
  return begin;
}

}  // namespace

result<instance_history> history_of(const looked_at& in, const hosted_types& types, const detail::process_table& of, known_instances& known,
                                    const std::string& stream, version from, std::size_t turns_max) {
  auto now = known.look_up(in, of, stream);
  if (!now) return std::move(now).error();
  const auto places = stream_places::of(*in.log, in.derived, [&](std::string_view name) { return name == stream; });
  if (!places) return places.error();
  const auto newest = places->newest(stream);
  if (!newest) return newest.error();
  if (*newest == 0 && !now->parked) return error{errc::not_found, "no such stream", stream};

  const auto begin = begin_of_turn(in, *places, stream, from);
  if (!begin) return begin.error();
  turns read{types, turns_max};
  result<void> wrong;
  auto ok = scan_stream_on(*in.log, *places, stream, *begin, [&](const record_view& record) {
    wrong = read.take(record);
    return wrong.has_value();
  });
  if (!wrong || !ok) return wrong ? std::move(ok).error() : std::move(wrong).error();
  const auto unsearched = find_answers(in, read);
  if (!unsearched) return unsearched.error();
  if (auto found = find_causes(in, read.list()); !found) return std::move(found).error();

  instance_history all;
  std::vector<process_instance_info> one{std::move(*now)};
  if (auto filled = fill_in(in, one); !filled) return std::move(filled).error();
  all.now = std::move(one.front());
  all.turns = std::move(read.list());
  if (read.next() > 0) all.next = read.next();
  all.unsearched = *unsearched;
  return all;
}

}  // namespace annals::store
