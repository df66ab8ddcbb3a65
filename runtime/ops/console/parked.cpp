// What could not be handled.
#include "ops/console/moments.hpp"
#include "ops/console/parameters.hpp"
#include "ops/console/parked_groups.hpp"
#include "ops/console/routes.hpp"
#include "ops/console/shapes.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace annals::ops {
namespace {

constexpr std::size_t events_in_group = 20;
constexpr std::size_t groups_max = 200;
constexpr std::size_t parked_limit = 10'000;

json event_json(const call& c, const parked_event& one) {
  const auto waits = waits_for(one);
  const auto record = record_at(c, one.at);
  return {{"position", one.at},
          {"stream", text(one.stream)},
          {"attempts", one.attempts},
          {"time", time_text(one.time)},
          {"error", text(one.error)},
          {"waits_for", waits ? json(*waits) : json{}},
          {"record", record ? *record : json{}}};
}

/// The events after a position, and the position to go on after.
std::pair<json, json> events_json(const call& c, const parked_group& of, position after, std::size_t limit) {
  json rows = json::array();
  std::size_t bytes = 0;
  for (const auto& each : of.events) {
    if (each.at <= after) continue;
    if (rows.size() == limit || bytes > answer_bytes_max || c.is_over()) return {std::move(rows), json(after)};
    rows.push_back(event_json(c, each));
    bytes += payload_bytes_in_list / 4;
    after = each.at;
  }
  return {std::move(rows), nullptr};
}

constexpr std::string_view before_subscription = "subscription/";

/// What the owner of a group does with an event after the last attempt.
json on_failure_json(const call& c, std::string_view owner) {
  std::optional<on_failure> then;
  if (!owner.starts_with(before_subscription))
    then = c.view().types().on_failure_of(owner);
  else if (c.site.is_inside())
    for (const auto& each : c.site.runtime->health().subscriptions)
      if (each.name == owner.substr(before_subscription.size())) then = each.on_failure;
  return then ? json(labels_of(*then)[static_cast<std::size_t>(*then)]) : json{};
}

json group_json(const call& c, const parked_group& of, std::size_t shown) {
  const std::string kind = kind_of_owner(c.view(), of.of);
  auto [events, next] = events_json(c, of, 0, shown);
  return {{"id", of.id},
          {"of", text(of.of)},
          {"kind", kind},
          {"name", text(kind == "subscription" ? std::string_view{of.of}.substr(before_subscription.size()) : std::string_view{of.of})},
          {"error", text(of.error)},
          {"on_failure", on_failure_json(c, of.of)},
          {"count", of.events.size()},
          {"waiting", of.waiting},
          {"attempts", of.attempts},
          {"oldest", time_text(of.oldest)},
          {"newest", time_text(of.newest)},
          {"retry", kind != "subscription"},
          {"events", std::move(events)},
          {"next", std::move(next)}};
}

answer one_group(const call& c, const std::vector<parked_group>& groups, const std::string& id, position after, std::size_t limit) {
  const auto found = std::find_if(groups.begin(), groups.end(), [&](const parked_group& each) { return each.id == id; });
  if (found == groups.end()) return answer_of(error{errc::not_found, "there is no such group any more", id});
  auto [events, next] = events_json(c, *found, after, limit);
  return answer_of(json{{"group", id}, {"events", std::move(events)}, {"next", std::move(next)}});
}

}  // namespace

answer list_parked(call& c) {
  parameters given{c.asked};
  const auto id = given.text("group");
  const auto after = given.number("after").value_or(0);
  const auto limit = given.limit();
  if (given.wrong()) return answer_of(*given.wrong());
  const auto groups = groups_of_parked(c.view());
  if (!groups) return answer_of(groups.error());
  if (!id.empty()) return one_group(c, *groups, id, after, limit);
  std::uint64_t count = 0;
  std::map<std::string, std::size_t> by_owner;
  json rows = json::array();
  for (const auto& each : *groups) {
    count += each.events.size();
    by_owner[each.of] += each.events.size();
    // The answer stays small: the first groups show their events, the others have to be asked for.
    if (rows.size() < groups_max) rows.push_back(group_json(c, each, rows.size() < 5 ? events_in_group : 1));
  }
  const bool is_full = std::any_of(by_owner.begin(), by_owner.end(), [](const auto& one) { return one.second >= parked_limit; });
  return answer_of(json{{"count", count}, {"limit_reached", is_full}, {"groups", std::move(rows)}});
}

}  // namespace annals::ops
