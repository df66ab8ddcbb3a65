// Where each process stands: how many instances are in each state, and lists of them, the worst first.
#include "ops/console/followers.hpp"
#include "ops/console/instance_shapes.hpp"
#include "ops/console/moments.hpp"
#include "ops/console/parameters.hpp"
#include "ops/console/routes.hpp"
#include "ops/console/shapes.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace annals::ops {
namespace {

constexpr auto worst_first = std::to_array({instance_state::held, instance_state::stuck, instance_state::open_commands, instance_state::waiting,
                                            instance_state::running, instance_state::ended});

json row_of(const process_instance_info& one) {
  auto out = instance_json(one);
  json timer, due, command;
  if (!one.timers.empty()) {
    timer = text(one.timers.front().timer);
    due = time_text(one.timers.front().due);
  }
  if (!one.commands.empty()) {
    const auto& oldest = one.commands.front();
    command = {{"command", text(oldest.command)}, {"to", text(oldest.to)}, {"version", oldest.sent}};
  }
  if (one.held) command = {{"command", text(one.held->command)}, {"to", text(one.held->to)}, {"version", one.held->sent}};
  out["due"] = std::move(due);
  out["timer"] = std::move(timer);
  out["command"] = std::move(command);
  out["error"] = one.parked ? text(one.parked->error) : one.held ? text(one.held->why) : json{};
  return out;
}

/// Which of the states a list shows, in order. A held command is an open one where it is not known which are held.
std::span<const instance_state> states_of(std::size_t choice, bool knows_held) {
  const std::span all{worst_first};
  switch (choice) {
    case 0: return all;
    case 1: return all.subspan(1, 1);
    case 2: return all.subspan(2, 1);
    case 3: return all.subspan(3, 1);
    case 5: return all.subspan(knows_held ? 0 : 2, 1);
    default: return all.subspan(4);
  }
}

/// "2/STREAM": the list goes on in the state of this number, after this stream.
struct list_place {
  std::size_t state = 0;
  std::string after;
};

std::optional<list_place> place_of(const std::string& given, std::size_t states) {
  if (given.empty()) return list_place{};
  if (given.size() < 2 || given[1] != '/' || given[0] < '0' || given[0] >= static_cast<char>('0' + states)) return std::nullopt;
  return list_place{static_cast<std::size_t>(given[0] - '0'), given.substr(2)};
}

struct instance_list {
  json rows = json::array();
  std::optional<std::string> next;
  bool is_complete = true;
};

result<instance_list> read_list(const call& c, const std::string& category, std::span<const instance_state> states, list_place from,
                                std::size_t limit) {
  instance_list out;
  for (auto at = from.state; at < states.size(); ++at) {
    for (auto after = at == from.state ? from.after : std::string{};;) {
      const auto page = c.view().instances({category, states[at], after, limit - out.rows.size()});
      if (!page) return page.error();
      out.is_complete = page->at >= page->head;
      for (const auto& each : page->instances) out.rows.push_back(row_of(each));
      if (!page->next) break;
      after = *page->next;
      if (out.rows.size() < limit && !c.is_over()) continue;
      out.next = std::to_string(at) + "/" + after;
      return out;
    }
    if (out.rows.size() < limit && !c.is_over()) continue;
    if (at + 1 < states.size()) out.next = std::to_string(at + 1) + "/";
    return out;
  }
  return out;
}

}  // namespace

answer list_managers(call& c) {
  const auto at = look_around(c);
  if (!at) return answer_of(at.error());
  const auto followers = followers_json(c, *at);
  json rows = json::array();
  for (const auto& category : c.view().types().processes()) {
    const auto counts = c.view().count_instances(category);
    if (!counts) return answer_of(counts.error());
    const auto follows =
        std::find_if(followers.begin(), followers.end(), [&](const json& one) { return one["kind"] == "process" && one["name"] == category; });
    rows.push_back({{"category", text(category)},
                    {"follower", follows == followers.end() ? json{} : *follows},
                    {"counts", counts_json(*counts)},
                    {"instances", total_of(*counts)},
                    {"complete", counts->at >= counts->head},
                    {"as_of", time_text(now())}});
  }
  return answer_of(json{{"managers", std::move(rows)}});
}

answer list_instances(call& c) {
  parameters given{c.asked};
  const auto category = given.needed_text("category");
  const auto choice = given.one_of("state", {"all", "parked", "open", "timer", "idle", "stuck"});
  const auto after = given.text("after");
  const auto limit = given.limit();
  if (given.wrong()) return answer_of(*given.wrong());
  const auto counts = c.view().count_instances(category);
  if (!counts) return answer_of(counts.error());
  const auto states = states_of(choice, counts->held.has_value());
  const auto from = place_of(after, states.size());
  if (!from) return answer_of(error{errc::bad_option, "parameter after: not the `next` of an answer", "after"});
  auto list = read_list(c, category, states, *from, limit);
  if (!list) return answer_of(list.error());
  std::uint64_t total = 0;
  for (const auto state : states) total += count_of(*counts, state);
  return answer_of(json{{"category", text(category)},
                        {"total", total},
                        {"complete", list->is_complete},
                        {"next", list->next ? text(*list->next) : json{}},
                        {"instances", std::move(list->rows)}});
}

}  // namespace annals::ops
