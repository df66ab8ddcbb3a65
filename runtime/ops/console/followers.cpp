#include "ops/console/followers.hpp"

#include "ops/console/instance_shapes.hpp"
#include "ops/console/measured.hpp"
#include "ops/console/moments.hpp"
#include "ops/console/shapes.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace annals::ops {
namespace {

/// One follower, however much is known about it.
struct follower {
  std::string kind;
  std::string name;
  position at = 0;
  bool is_exact = false;
  std::optional<error> stopped;
  std::optional<std::uint64_t> parked;
  std::optional<position> rebuilt_to;
  std::optional<std::uint64_t> members;
  std::optional<std::uint64_t> in_flight;
  std::optional<std::uint64_t> in_flight_max;
  std::optional<std::uint64_t> held;
};

template <class T>
json or_null(const std::optional<T>& value) {
  return value ? json(*value) : json{};
}

std::uint64_t parked_of(const present& at, const follower& who) {
  if (who.parked) return *who.parked;
  const auto owner = who.kind == "subscription" ? "subscription/" + who.name : who.name;
  std::uint64_t count = 0;
  for (const auto& each : at.parked)
    if (each.of == owner) count += each.events.size();
  return count;
}

/// The head's time less that of the first record that is not applied yet.
json lag_seconds(const call& c, const present& at, const follower& who) {
  if (who.at >= at.head.at) return 0;
  if (at.measured)
    if (auto seconds = number_of(*at.measured, "annals_follower_lag_seconds", {who.kind, who.name}); !seconds.is_null()) return seconds;
  std::optional<timestamp> next;
  const auto ok = c.view().log(who.at + 1, [&](const record_view& record) { return next = record.time, false; });
  if (!ok || !next || !at.head_time) return nullptr;
  return static_cast<double>(std::max<timestamp>(0, *at.head_time - *next)) / 1e6;
}

const char* state_of(const present& at, const follower& who) {
  if (who.stopped) return "stopped";
  if (who.rebuilt_to) return "rebuilding";
  return who.at >= at.head.at ? "head" : "behind";
}

json image_of(const present& at, const follower& who) {
  if (!at.stats.derived || who.kind != "projection") return nullptr;
  json newest;
  for (const auto& each : at.stats.derived->images)
    if (each.projection == who.name) newest = {{"position", each.at}, {"bytes", each.bytes}};
  return newest;
}

json follower_json(const call& c, const present& at, const follower& who) {
  const auto projections = c.view().types().projections();
  json out{{"kind", who.kind},
           {"name", text(who.name)},
           {"state", state_of(at, who)},
           {"position", who.at},
           {"exact", who.is_exact},
           {"lag_events", at.head.at > who.at ? at.head.at - who.at : 0},
           {"lag_seconds", lag_seconds(c, at, who)},
           {"stopped", who.stopped ? error_json(*who.stopped) : json{}},
           {"parked", parked_of(at, who)},
           {"rebuild", who.rebuilt_to ? json{{"position", *who.rebuilt_to}, {"target", at.head.at}} : json{}},
           {"members", or_null(who.members)},
           {"in_flight", or_null(who.in_flight)},
           {"in_flight_max", or_null(who.in_flight_max)},
           {"held", or_null(who.held)},
           {"image", image_of(at, who)},
           {"model_at", who.kind == "projection" && std::find(projections.begin(), projections.end(), who.name) != projections.end()}};
  const auto counted =
      at.known && who.kind == "process" ? at.known->processes.find(who.name) : std::map<std::string, instance_counts>::const_iterator{};
  const bool is_counted = at.known && who.kind == "process" && counted != at.known->processes.end();
  out["instances"] = is_counted ? json(total_of(counted->second)) : json{};
  out["open_commands"] = is_counted ? json(counted->second.open_commands) : json{};
  out["timers"] = is_counted ? json(counted->second.waiting) : json{};
  out["events_total"] = at.measured ? events_of(*at.measured, who.kind, who.name) : json{};
  out["batch_p99_seconds"] = at.measured ? batch_p99_of(*at.measured, who.kind, who.name) : json{};
  out["queries_total"] = at.measured && who.kind == "projection" ? queries_of(*at.measured, who.name) : json{};
  return out;
}

follower of_health(const char* kind, const projection_health& from) {
  follower out{.kind = kind,
               .name = from.name,
               .at = from.at,
               .is_exact = true,
               .stopped = from.stopped,
               .parked = from.parked,
               .rebuilt_to = from.rebuilt_to};
  if (out.kind == "process") {
    out.in_flight = from.under_way;
    out.held = from.held;
  }
  return out;
}

std::vector<follower> from_health(const health& now) {
  std::vector<follower> out;
  for (const auto& each : now.projections) out.push_back(of_health("projection", each));
  for (const auto& each : now.processes) out.push_back(of_health("process", each));
  for (const auto& each : now.subscriptions)
    out.push_back({.kind = "subscription",
                   .name = each.name,
                   .at = each.at,
                   .is_exact = true,
                   .stopped = each.stopped,
                   .parked = each.parked,
                   .members = each.members,
                   .in_flight = each.in_flight,
                   .in_flight_max = each.in_flight_max && each.members > 0 ? std::optional{*each.in_flight_max * each.members} : std::nullopt});
  return out;
}

/// The checkpoints in the store: "projection NAME" and "process NAME".
std::vector<follower> from_store(const store_stats& stats) {
  std::vector<follower> out;
  if (stats.derived)
    for (const auto& each : stats.derived->followers) {
      const auto blank = each.name.find(' ');
      if (blank == std::string::npos) continue;
      out.push_back({.kind = each.name.substr(0, blank), .name = each.name.substr(blank + 1), .at = each.at});
    }
  return out;
}

/// The subscriptions that the store knows, and that nobody has asked for since the start.
void add_resting(const store_stats& stats, std::vector<follower>& to) {
  for (const auto& each : stats.subscriptions) {
    const auto is_it = [&](const follower& one) { return one.kind == "subscription" && one.name == each.name; };
    if (std::none_of(to.begin(), to.end(), is_it)) to.push_back({.kind = "subscription", .name = each.name, .at = each.at, .parked = each.parked});
  }
}

}  // namespace

result<present> look_around(const call& c) {
  present out;
  const auto head = c.view().head();
  if (!head) return head.error();
  out.head = *head;
  if (head->at > 0) {
    auto ok = c.view().log(head->at, [&](const record_view& record) { return out.head_time = record.time, false; });
    if (!ok) return std::move(ok).error();
  }
  if (c.site.is_inside()) {
    out.now = c.site.runtime->health();
    out.measured = c.site.runtime->metrics();
  }
  auto stats = c.view().stats(annals::figures::quick);
  if (!stats) return std::move(stats).error();
  out.stats = std::move(*stats);
  out.known = c.site.figures->newest(std::chrono::milliseconds{0});
  auto parked = groups_of_parked(c.view());
  if (!parked) return std::move(parked).error();
  out.parked = std::move(*parked);
  return out;
}

json followers_json(const call& c, const present& at) {
  auto all = at.now ? from_health(*at.now) : from_store(at.stats);
  if (at.measured)  // as far as a process manager is done: health() says how far it has read
    for (auto& each : all)
      if (const auto* done = each.kind == "process" ? at.measured->find("annals_follower_position", {each.kind, each.name}) : nullptr)
        each.at = static_cast<position>(done->value);
  add_resting(at.stats, all);
  json out = json::array();
  for (const auto& each : all) out.push_back(follower_json(c, at, each));
  return out;
}

}  // namespace annals::ops
