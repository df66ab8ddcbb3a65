// The public interface: opens the store and passes every call to the engine.
#include <annals/runtime.hpp>

#include "actors/base/logging.hpp"
#include "actors/dead_letters/messages.hpp"
#include "actors/host/engine.hpp"
#include "store/open_store.hpp"

#include <spdlog/logger.h>

#include <algorithm>
#include <chrono>
#include <ctime>

namespace annals {
namespace {

template <class T>
result<void> in_range(std::string_view name, T value, T least, T most) {
  if (value >= least && value <= most) return {};
  return error{errc::bad_option, std::string{name},
               std::to_string(value) + " is not within " + std::to_string(least) + " to " + std::to_string(most)};
}

result<void> check(const options& o) {
  constexpr std::size_t mib = std::size_t{1} << 20;
  const std::size_t most = ~std::size_t{0} >> 1;
  const std::uint64_t map_most = std::uint64_t{64} << 40;
  const result<void> checks[] = {
      in_range<std::uint64_t>("log_map_bytes", o.log_map_bytes, mib, map_most),
      in_range<std::uint64_t>("derived_map_bytes", o.derived_map_bytes, mib, map_most),
      in_range<std::uint64_t>("front_bytes_min", o.front_bytes_min, mib / 16, 64 * mib),
      in_range<std::size_t>("commands_in_flight_max", o.commands_in_flight_max, 1, 1'048'576),
      in_range<std::size_t>("batch_records_max", o.batch_records_max, 1, 1'048'576),
      in_range<std::size_t>("batch_bytes_max", o.batch_bytes_max, 4096, 24 * mib),
      in_range<std::size_t>("event_bytes_max", o.event_bytes_max, 1, 16 * mib),
      in_range<std::size_t>("command_bytes_max", o.command_bytes_max, o.event_bytes_max, 16 * mib),
      in_range<std::size_t>("command_events_max", o.command_events_max, 1, 10'000),
      in_range<std::size_t>("aggregates_resident_max", o.aggregates_resident_max, 1, most),
      in_range<std::size_t>("aggregate_bytes_max", o.aggregate_bytes_max, mib, most),
      in_range<std::size_t>("index_tail_records_max", o.index_tail_records_max, o.index_flush_records, most),
      in_range<std::size_t>("index_flush_records", o.index_flush_records, 1, most),
      in_range<std::uint64_t>("snapshot_every", o.snapshot_every, 0, most),
      in_range<std::size_t>("snapshots_kept", o.snapshots_kept, 1, 1'000),
      in_range<std::uint64_t>("image_every_records", o.image_every_records, 0, most),
      in_range<std::size_t>("projection_batch_records", o.projection_batch_records, 1, 1'000'000),
      in_range<std::size_t>("shards", o.shards, 0, 64),
      in_range<std::size_t>("threads", o.threads, 0, 1024),
      in_range<std::int64_t>("aggregate_idle_max (ms)", o.aggregate_idle_max.count(), 1, 365LL * 24 * 3600 * 1000),
      in_range<std::int64_t>("close_deadline (ms)", o.close_deadline.count(), 0, 3600LL * 1000),
  };
  for (const auto& c : checks)
    if (!c) return c.error();
  return {};
}

timestamp system_now() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// Is never set; goes on while the machine sleeps, if the system has CLOCK_BOOTTIME.
timestamp steady_now() {
  timespec now{};
  if (clock_gettime(CLOCK_BOOTTIME, &now) != 0) (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return timestamp{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
}

result<receipt> as_receipt(detail::outcome o) {
  if (!o) return std::move(o).error();
  return o->accepted;
}

result<position> as_position(detail::outcome o) {
  if (!o) return std::move(o).error();
  return o->accepted.at;
}

/// Why a runtime cannot be used: it has been moved from, or it belongs to the parent of this process.
std::optional<error> gone(const detail::engine* of) {
  if (!of) return error{errc::closed, "this runtime has been moved from"};
  if (!of->is_ours()) return store::used_after_fork();
  return std::nullopt;
}

}  // namespace

bool health::well() const {
  const auto runs = [](const projection_health& p) { return !p.stopped && p.parked == 0 && p.held == 0; };
  const auto hands_out = [](const subscription_health& s) { return !s.stopped && s.parked == 0; };
  return !storage_full && !journal_stopped && std::all_of(subscriptions.begin(), subscriptions.end(), hands_out) &&
         std::all_of(projections.begin(), projections.end(), runs) &&
         std::all_of(processes.begin(), processes.end(), runs);
}

void detail::end_engine::operator()(engine* one) const { engine::end(one); }

runtime::runtime(std::unique_ptr<detail::engine, detail::end_engine> engine) : engine_(std::move(engine)) {}
runtime::runtime(runtime&&) noexcept = default;
runtime& runtime::operator=(runtime&&) noexcept = default;
runtime::~runtime() = default;

result<runtime> runtime::open(const std::filesystem::path& path, options with) {
  if (auto ok = check(with); !ok) return std::move(ok).error();
  store::open_options how;
  how.create = with.create;
  how.accept_loss = with.accept_loss;
  how.readable_by_group = with.readable_by_group;
  how.log_map_bytes = with.log_map_bytes;
  how.derived_map_bytes = with.derived_map_bytes;
  how.front_bytes_min = with.front_bytes_min;
  if (with.log_sink)
    how.warn = [sink = actors::harmless(with.log_sink)](const std::string& line) { sink(log_level::warning, line); };
  auto opened = store::open_store(path, how);
  if (!opened) return std::move(opened).error();
  std::shared_ptr<store::opened> kept = std::move(*opened);
  detail::engine_parts parts;
  parts.log = kept->log.get();
  parts.derived = kept->derived.get();
  parts.images = kept->images.get();
  parts.history = kept->log->who().history;
  parts.former = kept->log->who().former;
  parts.now = system_now;
  parts.steady = steady_now;
  parts.store = kept;
  std::unique_ptr<detail::engine, detail::end_engine> engine{new detail::engine{std::move(parts), std::move(with)}};
  engine->env().logger->info("opened {}: store {}, history {:016x}, {} records", path.string(), kept->log->who().store_id,
                             kept->log->who().history, kept->log->durable());
  return runtime{std::move(engine)};
}

result<void> runtime::add(detail::aggregate_table table) {
  if (auto why = gone(engine_.get())) return std::move(*why);
  return engine_->add(std::move(table));
}
result<void> runtime::add(detail::projection_table table) {
  if (auto why = gone(engine_.get())) return std::move(*why);
  return engine_->add(std::move(table));
}
result<void> runtime::add(detail::process_table table) {
  if (auto why = gone(engine_.get())) return std::move(*why);
  return engine_->add(std::move(table));
}

result<void> runtime::host(const hosted_types& all) {
  if (auto why = gone(engine_.get())) return std::move(*why);
  result<void> ok;
  for (auto i = all.aggregates_.begin(); ok && i != all.aggregates_.end(); ++i) ok = add(*i);
  for (auto i = all.projections_.begin(); ok && i != all.projections_.end(); ++i) ok = add(*i);
  for (auto i = all.processes_.begin(); ok && i != all.processes_.end(); ++i) ok = add(*i);
  return ok;
}

result<void> runtime::start() {
  if (auto why = gone(engine_.get())) return std::move(*why);
  if (!detail::may_wait()) return detail::must_not_wait("start()");
  if (auto ok = engine_->begin(); !ok) return ok;
  return engine_->wait_until_caught_up();
}

pending<receipt> runtime::send_bytes(std::string_view category, std::string_view key, std::string_view command,
                                     std::string body, send_options with) {
  if (auto why = gone(engine_.get())) return {detail::answered_with(std::move(*why)), as_receipt};
  return {engine_->send(category, key, command, std::move(body), std::move(with)), as_receipt};
}

std::shared_ptr<detail::waiter> runtime::ask_bytes(std::string_view projection, std::string_view query,
                                                   std::string body, std::optional<at_least> when) {
  if (auto why = gone(engine_.get())) return detail::answered_with(std::move(*why));
  return engine_->ask(projection, query, std::move(body), when);
}

pending<position> runtime::rebuild(std::string_view projection) {
  if (auto why = gone(engine_.get())) return {detail::answered_with(std::move(*why)), as_position};
  return {engine_->order(projection, actors::rebuild_model{}), as_position};
}
result<std::vector<parked_event>> runtime::parked(std::string_view projection) const {
  if (auto why = gone(engine_.get())) return std::move(*why);
  return engine_->parked(projection);
}
pending<position> runtime::retry_parked(std::string_view projection, position at) {
  if (auto why = gone(engine_.get())) return {detail::answered_with(std::move(*why)), as_position};
  return {engine_->order(projection, actors::retry_parked{at, {}}), as_position};
}
pending<position> runtime::skip_parked(std::string_view projection, position at) {
  if (auto why = gone(engine_.get())) return {detail::answered_with(std::move(*why)), as_position};
  return {engine_->skip_parked(projection, at), as_position};
}

result<void> runtime::read_model(std::string_view projection,
                                 const std::function<void(const void*, position)>& look) const {
  if (auto why = gone(engine_.get())) return std::move(*why);
  return engine_->read_model(projection, look);
}

result<void> runtime::read_stream(const std::string& stream, version from, std::size_t max,
                                  const std::function<bool(const record_view&)>& visit) const {
  if (auto why = gone(engine_.get())) return std::move(*why);
  return engine_->read_stream(stream, from, max, visit);
}

result<position> runtime::fold_log(std::string_view projection, detail::hosted_model& into, position at,
                                   const stream_choice& of, detail::left_out_events left_out) const {
  if (auto why = gone(engine_.get())) return std::move(*why);
  return engine_->fold_log(projection, into, at, of, std::move(left_out));
}

result<subscription> runtime::subscribe(std::string_view name, subscription_options with) {
  if (auto why = gone(engine_.get())) return std::move(*why);
  if (!detail::may_wait()) return detail::must_not_wait("subscribe()");
  auto joining = engine_->subscribe(name, std::move(with));
  if (!joining) return std::move(joining).error();
  if (auto joined = joining->joined->await(); !joined) return std::move(joined).error();
  return subscription{std::move(joining->member)};
}

result<void> runtime::look_at_state(std::string_view category, std::string_view key, const as_of& when,
                                    const std::function<void(const void*, version, position, timestamp)>& look) const {
  if (auto why = gone(engine_.get())) return std::move(*why);
  auto found = engine_->state_of(category, key, when);
  if (!found) return std::move(found).error();
  look(found->state->state(), found->version, found->at, found->time);
  if (when.is_now()) engine_->keep_state(category, key, std::move(*found));
  return {};
}

result<replayed> runtime::verify_replay() const {
  if (auto why = gone(engine_.get())) return std::move(*why);
  if (auto ok = engine_->let_readers_catch_up(); !ok) return std::move(ok).error();
  return engine_->verify_replay();
}

result<position> runtime::log(position from, std::size_t max, const std::function<bool(const record_view&)>& visit) const {
  if (auto why = gone(engine_.get())) return std::move(*why);
  if (auto ok = engine_->let_readers_catch_up(); !ok) return std::move(ok).error();
  const detail::no_waiting marked;
  store::read_limits limits;
  bool go_on = true;
  std::size_t left = max;
  for (position at = from; ;) {
    limits.records_max = std::min<std::size_t>(left, 1'000);
    if (!go_on || left == 0) return at;
    auto next = engine_->env().log->read(at, limits, [&](const record_view& record) {
      --left;
      return go_on = visit(record);
    });
    if (!next) return std::move(next).error();
    if (*next == at) return at;
    at = *next;
  }
}

token runtime::head() const { return gone(engine_.get()) ? token{} : engine_->head(); }
result<void> runtime::settle(std::chrono::milliseconds time_out) const {
  if (auto why = gone(engine_.get())) return std::move(*why);
  return engine_->settle(time_out);
}
annals::health runtime::health() const {
  if (auto why = gone(engine_.get())) {
    annals::health none;
    none.journal_stopped = std::move(why);
    return none;
  }
  return engine_->health();
}
result<void> runtime::backup(const std::filesystem::path& target) const {
  if (auto why = gone(engine_.get())) return std::move(*why);
  if (auto ok = engine_->let_readers_catch_up(); !ok) return std::move(ok).error();
  auto done = engine_->env().log->backup(target);
  if (done) engine_->env().logger->info("backed up to {}", target.string());
  return done;
}

void runtime::close() {
  if (!gone(engine_.get())) engine_->close();
}

}  // namespace annals
