// History: streams, states, models and the log itself, as of now or as they were.
#include "actors/host/engine.hpp"
#include "actors/upkeep/messages.hpp"
#include "store/read/past_model.hpp"
#include "store/read/replay.hpp"

#include <spdlog/logger.h>

#include <algorithm>

namespace annals::detail {

result<void> engine::let_readers_catch_up() const {
  constexpr std::chrono::seconds longest{1};
  const auto head = env_.log->durable();
  if (env_.log->readable() >= head || !begun_ || closed_ || parts_.simulated || !may_wait()) return {};
  caf::anon_send(write_.drainer, actors::hurry::value);
  auto waited = env_.news.wait(longest, [&] { return env_.log->readable() >= head; });
  if (!waited && (waited.error().code == errc::timed_out || closed_)) return {};
  return waited;
}

result<store::state_sources> engine::history_now() const {
  constexpr position near = 100'000;  // so much a host's thread reads itself
  store::state_sources from{env_.log, env_.derived, env_.derived, [this](const std::string& line) { env_.logger->warn(line); }};
  if (tail_ && env_.log->durable() <= tail_->known() + near)
    if (const auto reached = tail_->catch_up(near); reached && *reached) from.tail = tail_.get();
  if (!from.tail)
    if (auto ok = let_readers_catch_up(); !ok) return std::move(ok).error();
  return from;
}

result<void> engine::read_stream(const std::string& stream, version from, std::size_t max,
                                 const std::function<bool(const record_view&)>& visit) const {
  const auto now = history_now();
  if (!now) return now.error();
  return store::read_stream(*now, stream, from, max, visit);
}

result<void> engine::read_back(const std::string& stream, const token& since, const std::function<bool(const record_view&)>& visit) const {
  constexpr version part = 500;
  const auto now = history_now();
  if (!now) return now.error();
  const auto after = known_since(since);
  if (!now->tail) {  // right after a start over a long log
    if (env_.log->readable() < env_.log->durable()) return error{errc::not_ready, "the end of the log cannot be read yet", stream};
    bool goes_on = true;
    return store::read_stream(*now, stream, 1, ~std::size_t{0}, [&](const record_view& record) {
      if (record.at > after) goes_on = visit(record);
      return goes_on;
    });
  }
  const auto newest = now->tail->last_version(stream);
  if (!newest) return newest.error();
  bool goes_on = true;
  for (version below = *newest; goes_on && below > 0;) {
    const version from = below > part ? below - part + 1 : 1;
    const auto ok = store::read_stream(*now, stream, from, below - from + 1, [&](const record_view& record) {
      if (record.at > after)
        goes_on = goes_on && visit(record);
      else
        below = from;  // the rest is older
      return true;
    });
    if (!ok) return ok;
    below = below == from ? 0 : from - 1;
  }
  return {};
}

result<store::begun_state> engine::state_of(std::string_view category, std::string_view key, const as_of& when) const {
  const auto* type = find(category);
  if (!type) return error{errc::not_hosted, "the category is not hosted", std::string{category}};
  const auto from = history_now();
  if (!from) return from.error();
  const auto stream = stream_name(category, key);
  if (when.is_now())
    if (auto known = recent_states_.take(stream)) return store::state_from(*from, stream, std::move(*known), when);
  return store::state_at(*from, stream, *type, when);
}

void engine::remember_state(std::string_view category, std::string_view key, store::begun_state state) const {
  if (state.version > 0) recent_states_.give_back(stream_name(category, key), std::move(state));
}

result<state_place> engine::take_state(std::string_view category, std::string_view key, const as_of& when, const state_taker& into) const {
  auto found = state_of(category, key, when);
  if (!found) return std::move(found).error();
  into.copy(into.into, found->state->state());
  const state_place place{found->version, found->at, found->time};
  if (when.is_now()) remember_state(category, key, std::move(*found));
  return place;
}

result<position> engine::fold_log(std::string_view projection, hosted_model& into, position at, const stream_choice& of,
                                  left_out_events left_out) const {
  if (auto ok = let_readers_catch_up(); !ok) return std::move(ok).error();
  return store::fold_log(*env_.log, env_.derived, projection, into, at, of, std::move(left_out));
}

result<replayed> engine::verify_replay() const {
  if (auto ok = let_readers_catch_up(); !ok) return std::move(ok).error();
  return store::replay_all(*env_.log, env_.derived, env_.derived, [this](std::string_view category) { return find(category); });
}

result<position> engine::log(position from, std::size_t max, const std::function<bool(const record_view&)>& visit) const {
  if (auto ok = let_readers_catch_up(); !ok) return std::move(ok).error();
  const no_waiting marked;
  store::read_limits limits;
  auto at = from;
  auto left = max;
  for (bool goes_on = true; goes_on && left > 0;) {
    limits.records_max = std::min<std::size_t>(left, 1'000);
    const auto next = env_.log->read(at, limits, [&](const record_view& record) {
      --left;
      return goes_on = visit(record);
    });
    if (!next) return next.error();
    if (*next == at) break;
    at = *next;
  }
  return at;
}

result<store_stats> engine::stats() const {
  if (!parts_.statistics) return error{errc::misuse, "this store has no files to count"};
  return parts_.statistics(figures::all);
}

result<void> engine::backup(const std::filesystem::path& target) const {
  if (auto ok = let_readers_catch_up(); !ok) return ok;
  auto done = env_.log->backup(target);
  if (done) env_.logger->info("backed up to {}", target.string());
  return done;
}

}  // namespace annals::detail
