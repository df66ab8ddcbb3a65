// Is it well?
#include "ops/console/followers.hpp"
#include "ops/console/measured.hpp"
#include "ops/console/moments.hpp"
#include "ops/console/routes.hpp"

#include <algorithm>
#include <optional>

namespace annals::ops {
namespace {

json parked_json(const present& at) {
  std::uint64_t count = 0;
  std::optional<timestamp> oldest;
  for (const auto& each : at.parked) {
    count += each.events.size();
    oldest = std::min(oldest.value_or(each.oldest), each.oldest);
  }
  return {{"count", count}, {"errors", at.parked.size()}, {"oldest", oldest ? json(time_text(*oldest)) : json{}}};
}

json processes_json(const present& at) {
  if (!at.known) return {{"stuck", nullptr}, {"open", nullptr}, {"timers", nullptr}};
  std::uint64_t open = 0, timers = 0;
  std::optional<std::uint64_t> stuck = at.now ? std::optional<std::uint64_t>{0} : std::nullopt;
  for (const auto& [category, counts] : at.known->processes) {
    open += counts.open_commands;
    timers += counts.waiting;
    stuck = stuck && counts.held ? std::optional{*stuck + *counts.held} : std::nullopt;
  }
  return {{"stuck", stuck ? json(*stuck) : json{}}, {"open", open}, {"timers", timers}};
}

json checkpoint_json(const present& at) {
  if (!at.stats.derived || at.stats.derived->followers.empty()) return nullptr;
  const auto& all = at.stats.derived->followers;
  const auto least = std::min_element(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  return {{"position", least->at}, {"time", nullptr}};
}

json store_json(const present& at) {
  json out{{"records", at.head.at},
           {"streams", at.known ? json(at.known->streams) : json{}},
           {"log_bytes", at.stats.log_bytes},
           {"front_bytes", at.stats.front_bytes},
           {"derived_bytes", at.stats.derived_bytes}};
  const auto measured = [&](std::string_view family) { return at.measured ? number_of(*at.measured, family, {"log"}) : json{}; };
  out["map_bytes"] = measured("annals_lmdb_map_bytes");
  out["disk_free_bytes"] = measured("annals_disk_free_bytes");
  out["disk_bytes"] = nullptr;
  const auto* derived = at.stats.derived ? &*at.stats.derived : nullptr;
  out["indexed"] = derived ? json(derived->indexed) : json{};
  out["indexed_behind"] = derived ? json(at.head.at - std::min(at.head.at, derived->indexed)) : json{};
  out["checkpoint"] = checkpoint_json(at);
  if (at.measured && out["checkpoint"].is_object())
    if (const auto* when = at.measured->find("annals_checkpoint_timestamp_seconds", {}))
      out["checkpoint"]["time"] = time_text(static_cast<timestamp>(when->value * 1e6));
  out["readers"] = measured("annals_lmdb_readers");
  out["readers_limit"] = measured("annals_lmdb_readers_limit");
  for (const auto* name : {"oldest_reader_seconds", "archive"}) out[name] = nullptr;
  return out;
}

}  // namespace

answer show_overview(call& c) {
  const auto at = look_around(c);
  if (!at) return answer_of(at.error());
  json health_json;
  if (at->now)
    health_json = {{"storage_full", at->now->storage_full},
                   {"journal_stopped", at->now->journal_stopped ? error_json(*at->now->journal_stopped) : json{}}};
  return answer_of(json{{"now", time_text(now())},
                        {"mode", c.site.is_inside() ? "inside" : "beside"},
                        {"head", {{"position", at->head.at}, {"time", at->head_time ? json(time_text(*at->head_time)) : json{}}}},
                        {"durable", at->now ? at->now->durable : at->head.at},
                        {"readable", at->now ? at->now->readable : at->head.at},
                        {"health", std::move(health_json)},
                        {"counters",
                         {{"events", at->head.at},
                          {"commits", at->now ? json(at->now->commits) : json{}},
                          {"log_bytes", at->measured ? number_of(*at->measured, "annals_log_bytes_total") : json{}},
                          {"commands", at->measured ? commands_json(*at->measured) : json{}}}},
                        {"latency", at->measured ? latency_json(*at->measured) : json{}},
                        {"in_flight", at->now ? json(at->now->in_flight) : json{}},
                        {"in_flight_limit", at->measured ? number_of(*at->measured, "annals_commands_in_flight_limit") : json{}},
                        {"aggregates_resident", at->now ? json(at->now->aggregates_resident) : json{}},
                        {"followers", followers_json(c, *at)},
                        {"parked", parked_json(*at)},
                        {"processes", processes_json(*at)},
                        {"store", store_json(*at)}});
}

}  // namespace annals::ops
