#include "store/look/instances.hpp"

#include "store/log/owner_names.hpp"
#include "store/read/scan.hpp"
#include "store/read/scan_back.hpp"
#include "store/read/stream_places.hpp"

#include <annals/codec.hpp>

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>

namespace annals::store {
namespace {

constexpr std::uint64_t records_per_call = 500'000;
constexpr std::size_t names_per_call = 10'000;
constexpr std::size_t listed_max = 20;  // open commands and timers of one instance

using stuck_list = std::map<std::string, parked_event, std::less<>>;

/// The first parked event of each instance.
result<stuck_list> stuck_of(const looked_at& in, std::string_view category) {
  stuck_list all;
  if (!in.derived) return all;
  const auto owner = owner_name::of_process(category).stored();
  auto ok = in.derived->parked([&](std::string_view name, const parked_event& one) {
    if (name == owner) {
      const auto found = all.try_emplace(one.stream, one).first;
      if (one.attempts > 0 && found->second.attempts == 0) found->second = one;  // the others wait for this one
    }
    return true;
  });
  if (!ok) return std::move(ok).error();
  return all;
}

/// How many of these have a stream: an instance may be stuck at its first input.
result<std::uint64_t> begun(const looked_at& in, const stuck_list& stuck) {
  std::uint64_t count = 0;
  if (stuck.empty()) return count;
  const auto places = stream_places::of(*in.log, in.derived, [&](std::string_view stream) { return stuck.contains(stream); });
  if (!places) return places.error();
  for (const auto& [stream, parked] : stuck) {
    const auto newest = places->newest(stream);
    if (!newest) return newest.error();
    count += *newest > 0;
  }
  return count;
}

/// The oldest of these commands that is held; 0 if none is.
position first_held(const std::set<position>& commands, const held_commands* held) {
  if (!held || held->empty()) return 0;
  const auto found = std::find_if(commands.begin(), commands.end(), [&](position at) { return held->contains(at); });
  return found == commands.end() ? 0 : *found;
}

/// Of an instance that is not stuck.
instance_state stands(const open_work::of_instance* work, const held_commands* held) {
  if (!work) return instance_state::ended;
  if (first_held(work->commands, held) != 0) return instance_state::held;
  if (!work->commands.empty()) return instance_state::open_commands;
  if (!work->timers.empty()) return instance_state::waiting;
  return work->answered_at > 0 ? instance_state::running : instance_state::ended;
}

process_instance_info info_of(const known_instances::reading& now, std::string_view stream) {
  const auto& work = *now.work;
  const auto& stuck = now.stuck;
  process_instance_info info;
  info.stream = stream;
  const auto found = work.waiting().find(stream);
  const auto* waits = found == work.waiting().end() ? nullptr : &found->second;
  info.state = stands(waits, now.held.get());
  if (const auto parked = stuck.find(stream); parked != stuck.end()) {
    info.state = instance_state::stuck;
    info.parked = parked->second;
  }
  if (!waits) return info;
  info.open_commands = waits->commands.size();
  for (const auto at : waits->commands) {
    if (info.commands.size() == listed_max) break;
    const auto& one = work.input(at);
    info.commands.push_back({one.version, one.time, one.command.to, one.command.command});
  }
  if (const auto at = first_held(waits->commands, now.held.get()); at != 0) {
    const auto& one = work.input(at);
    info.held = held_command{one.version, one.command.to, one.command.command, now.held->at(at)};
  }
  info.open_timers = waits->timers.size();
  for (const auto at : waits->timers) {
    const auto& one = work.input(at);
    info.timers.push_back({one.version, one.timer, one.due});
  }
  std::stable_sort(info.timers.begin(), info.timers.end(), [](const open_timer& a, const open_timer& b) { return a.due < b.due; });
  if (info.timers.size() > listed_max) info.timers.resize(listed_max);
  return info;
}

/// Adds the instances of a sorted map that come after `which.after` and are in the state.
template <class Map>
void add_from(const Map& sorted, const instance_query& which, const known_instances::reading& now, instance_page& page) {
  for (auto one = sorted.upper_bound(which.after); one != sorted.end(); ++one) {
    auto info = info_of(now, one->first);
    if (info.state != *which.state) continue;
    if (page.instances.size() == which.max) {
      page.next = page.instances.back().stream;
      return;
    }
    page.instances.push_back(std::move(info));
  }
}

/// The same of all streams of the category, of which a call looks at a bounded number.
result<void> add_from_streams(const looked_at& in, const std::string& category, const instance_query& which, const known_instances::reading& now,
                              instance_page& page) {
  std::size_t looked = 0;
  std::string last;
  const auto look = [&](std::string_view name, version) {
    if (page.instances.size() == which.max || looked == names_per_call) {
      page.next = last;
      return false;
    }
    ++looked;
    last = name;
    auto info = info_of(now, name);
    if (!which.state || info.state == *which.state) page.instances.push_back(std::move(info));
    return true;
  };
  return scan_streams(*in.log, in.derived, category + "-", look, which.after);
}

}  // namespace

result<known_instances::reading> known_instances::read_on(const looked_at& in, const detail::process_table& of) {
  std::unique_lock lock{mutex_};
  const auto category = std::string{of.instance.category};
  auto& work = work_.try_emplace(category, category, of.observed_categories).first->second;
  auto stuck = stuck_of(in, category);
  if (!stuck) return std::move(stuck).error();
  auto held = in.held ? in.held(category) : nullptr;
  // While something is parked, the checkpoint stays before it, and says nothing of the others.
  const bool is_known = in.derived && stuck->empty();
  const auto observed = is_known ? in.derived->checkpoint(owner_name::of_process(category).checkpoint()) : ~position{0};
  if (auto ok = work.read_on(in, records_per_call, observed); !ok) return std::move(ok).error();
  return reading{std::move(lock), &work, std::move(*stuck), std::move(held)};
}

result<instance_counts> known_instances::count(const looked_at& in, const detail::process_table& of) {
  const auto now = read_on(in, of);
  if (!now) return now.error();
  instance_counts counts;
  counts.at = now->work->at();
  counts.head = in.log->readable();
  counts.stuck = now->stuck.size();
  if (now->held) counts.held = 0;
  for (const auto& [name, work] : now->work->waiting()) {
    if (now->stuck.contains(name)) continue;
    const auto state = stands(&work, now->held.get());
    ++(state == instance_state::held            ? *counts.held
       : state == instance_state::open_commands ? counts.open_commands
       : state == instance_state::waiting       ? counts.waiting
                                                : counts.running);
  }
  const auto stuck = begun(in, now->stuck);
  if (!stuck) return stuck.error();
  const auto under_way = *stuck + counts.held.value_or(0) + counts.open_commands + counts.waiting + counts.running;
  counts.ended = now->work->instances() - std::min(now->work->instances(), under_way);
  return counts;
}

result<instance_page> known_instances::list(const looked_at& in, const detail::process_table& of, const instance_query& which) {
  instance_page page;
  {
    const auto now = read_on(in, of);
    if (!now) return now.error();
    page.at = now->work->at();
    page.head = in.log->readable();
    result<void> ok;
    if (which.state == instance_state::stuck)
      add_from(now->stuck, which, *now, page);
    else if (which.state && which.state != instance_state::ended)
      add_from(now->work->waiting(), which, *now, page);
    else
      ok = add_from_streams(in, which.category, which, *now, page);
    if (!ok) return std::move(ok).error();
  }
  if (auto ok = fill_in(in, page.instances); !ok) return std::move(ok).error();
  return page;
}

result<process_instance_info> known_instances::look_up(const looked_at& in, const detail::process_table& of, const std::string& stream) {
  const auto now = read_on(in, of);
  if (!now) return now.error();
  return info_of(*now, stream);
}

namespace {

result<bool> is_refusal(const record_view& record) {
  if (record.type != detail::command_answered::about.name) return false;
  const auto answer = decoded<detail::command_answered>(record.payload);
  if (!answer) return detail::undecodable_record(record, answer.error());
  return !answer->accepted;
}

}  // namespace

result<void> fill_in(const looked_at& in, std::vector<process_instance_info>& these) {
  constexpr std::size_t records_max = 1'000;
  std::set<std::string, std::less<>> names;
  for (const auto& one : these) names.insert(one.stream);
  const auto places = stream_places::of(*in.log, in.derived, [&](std::string_view stream) { return names.contains(stream); });
  if (!places) return places.error();
  for (auto& one : these) {
    std::size_t looked = 0;
    std::optional<error> wrong;
    auto ok = scan_stream_back(*in.log, *places, one.stream, ~version{0}, [&](const record_view& record) {
      if (looked++ == 0) {
        one.newest = record.version;
        one.at = record.at;
        one.changed = record.time;
        one.type = record.type;
      }
      if (record.version == 1) one.began = record.time;
      if (!detail::is_the_runtimes(record) && one.last_event.empty()) one.last_event = record.type;
      const auto refused = is_refusal(record);
      if (!refused) wrong = refused.error();
      one.refused += refused && *refused;
      return !wrong && looked < records_max;
    });
    if (wrong) return std::move(*wrong);
    if (ok && one.began == 0)
      ok = scan_stream_on(*in.log, *places, one.stream, 1, [&](const record_view& record) { return one.began = record.time, false; });
    if (!ok) return ok;
  }
  return {};
}

}  // namespace annals::store
