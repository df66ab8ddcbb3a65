// Before the start: the store on disk and the system's clocks become the parts of an engine, and types are hosted.
#include "actors/base/logging.hpp"
#include "actors/host/engine.hpp"
#include "store/look/store_source.hpp"
#include "store/measure.hpp"
#include "store/open_store.hpp"
#include "store/statistics.hpp"

#include <spdlog/logger.h>

#include <chrono>
#include <ctime>

namespace annals {
namespace {

std::int64_t system_now_in_nanoseconds() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

timestamp system_now() { return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count(); }

void show(const store::environment_usage& seen, std::uint64_t disk_free, actors::store_meters::environment& into) {
  into.map_bytes.set(seen.map_bytes);
  into.pages_used.set(seen.pages_used);
  into.pages_free.set(seen.pages_free);
  into.readers.set(seen.readers);
  into.readers_limit.set(seen.readers_limit);
  into.oldest_reader.set(seen.oldest_reader);
  into.disk_free.set(disk_free);
}

void show(const store::measured& seen, actors::store_meters& into) {
  show(seen.log, seen.log_disk_free, into.log);
  show(seen.derived, seen.derived_disk_free, into.derived);
  into.log_bytes.set(seen.log_bytes);
  into.front_bytes.set(seen.front_bytes);
  into.derived_bytes.set(seen.derived_bytes);
  into.image_bytes.set(seen.image_bytes);
  into.looks.set(into.looks.number() + 1);
}

/// Is never set; goes on while the machine sleeps, if the system has CLOCK_BOOTTIME.
timestamp steady_now() {
  timespec now{};
  if (clock_gettime(CLOCK_BOOTTIME, &now) != 0) (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return timestamp{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
}

}  // namespace

store::open_options detail::how_to_open(const options& with) {
  store::open_options how;
  how.create = with.create;
  how.accept_loss = with.accept_loss;
  how.readable_by_group = with.readable_by_group;
  how.log_map_bytes = with.log_map_bytes;
  how.derived_map_bytes = with.derived_map_bytes;
  how.front_bytes_min = with.front_bytes_min;
  if (with.log_sink) how.warn = [sink = actors::harmless(with.log_sink)](const std::string& line) { sink(log_level::warning, line); };
  return how;
}

detail::engine_parts detail::parts_of(std::shared_ptr<store::opened> store) {
  detail::engine_parts parts;
  parts.log = store->log.get();
  parts.derived = store->derived.get();
  parts.images = store->images.get();
  parts.history = store->log->identity().history;
  parts.former = store->log->identity().former;
  parts.statistics = [of = store.get()](figures which) { return store::statistics_of(*of, which); };
  parts.measure = [of = store.get()](actors::store_meters& into) { show(store::measure(*of), into); };
  parts.now = system_now;
  parts.steady = steady_now;
  parts.now_in_nanoseconds = system_now_in_nanoseconds;
  parts.is_copy = store->copy != nullptr;
  parts.store = std::move(store);
  return parts;
}

result<runtime> runtime::open(const std::filesystem::path& path, options with) {
  if (auto ok = detail::engine::check(with); !ok) return std::move(ok).error();
  const telemetry::stopwatch watch;
  auto opened = store::open_store(path, detail::how_to_open(with));
  if (!opened) return std::move(opened).error();
  const auto recovered = (*opened)->recovered;
  auto parts = detail::parts_of(std::move(*opened));
  parts.opened_in = watch.elapsed();
  std::unique_ptr<detail::engine, detail::end_engine> engine{new detail::engine{std::move(parts), std::move(with)}};
  const auto& env = engine->env();
  env.logger->info("opened {}: store {}, history {:016x}, {} records", path.string(), env.log->identity().store_id, env.log->identity().history,
                   env.log->durable());
  if (recovered > 0)
    env.logger->info("recovered {} records from the front of the log; opening took {:.3f} s", recovered,
                     std::chrono::duration<double>{watch.elapsed()}.count());
  return runtime{std::move(engine)};
}

namespace detail {

engine::engine(engine_parts parts, options with) : parts_(std::move(parts)) {
  env_.options = std::move(with);
  env_.now = parts_.now;
  env_.steady = parts_.steady ? parts_.steady : parts_.now;
  env_.own_threads = !parts_.simulated;
  env_.log = parts_.log;
  env_.derived = parts_.derived;
  env_.images = parts_.images;
  env_.logger = actors::make_logger(env_.options);
  env_.host = std::make_shared<actors::host_calls>(env_.logger, env_.options);
  env_.stop = [this](const error& why) { stop(why); };
  const auto in_nanoseconds = [now = env_.now] { return std::int64_t{now()} * 1'000; };
  env_.tracing.set_up(env_.options, parts_.now_in_nanoseconds ? parts_.now_in_nanoseconds : in_nanoseconds, parts_.trace_seed);
  env_.alive.readable = parts_.log->readable();
  env_.measure_store = parts_.measure;
  env_.meters.log.started.set(static_cast<std::uint64_t>(env_.now()));
  env_.meters.log.opened_for.set(static_cast<std::uint64_t>(parts_.opened_in.count()));
  env_.meters.log.last_time.set(static_cast<std::uint64_t>(parts_.log->last_time()));
  const store::looked_at looked{parts_.log, parts_.derived, parts_.images,
                                [of = seen_processes_](std::string_view category) { return of->held_by(category); }};
  seen_ = std::make_shared<store::store_source>(parts_.store, looked, types_, parts_.statistics);
  gateway_ = std::make_unique<actors::gateway>(env_.options.commands_in_flight_max, parts_.history, env_, write_.journal);
}

std::shared_ptr<actors::follower_cell> engine::new_cell(store::owner_name owner, std::unique_ptr<hosted_model> model) {
  auto cell = std::make_shared<actors::follower_cell>(std::move(owner));
  cell->begun = !model;
  cell->model = std::move(model);
  cell->publish();
  return cell;
}

std::size_t engine::add_category(const aggregate_table& table) {
  aggregates_.push_back(table);
  env_.meters.categories.emplace_back(table.category);
  return aggregates_.back().number = aggregates_.size() - 1;
}

result<void> engine::add(const aggregate_table& table) {
  auto ok = check(table);
  if (!ok) return ok;
  add_category(table);
  types_->aggregates_.push_back(table);
  return ok;
}
result<void> engine::add(const projection_table& table) {
  auto ok = check(table);
  if (!ok) return ok;
  types_->projections_.push_back(table);
  projections_.push_back({{new_cell(store::owner_name::of_projection(table.name), table.make()), nullptr}, table});
  if (parts_.is_copy) projections_.back().table.has_effects = false;
  return ok;
}
result<void> engine::add(const process_table& table) {
  auto ok = check(table);
  if (!ok) return ok;
  const auto number = add_category(table.instance);
  types_->processes_.push_back(table);
  if (parts_.is_copy) return ok;  // its states can be read; it runs at the owner
  processes_.push_back({{new_cell(store::owner_name::of_process(table.instance.category), nullptr), nullptr}, table});
  processes_.back().table.instance.number = number;
  seen_processes_->add(std::string{table.instance.category}, processes_.back().cell);
  return ok;
}

result<void> engine::host(const hosted_types& all) {
  result<void> ok;
  for (auto i = all.aggregates_.begin(); ok && i != all.aggregates_.end(); ++i) ok = add(*i);
  for (auto i = all.projections_.begin(); ok && i != all.projections_.end(); ++i) ok = add(*i);
  for (auto i = all.processes_.begin(); ok && i != all.processes_.end(); ++i) ok = add(*i);
  return ok;
}

const aggregate_table* engine::find(std::string_view category) const {
  for (const auto& table : aggregates_)
    if (table.category == category) return &table;
  return nullptr;
}

const engine::follower* engine::find_follower(std::string_view name) const {
  const auto* p = find_in(projections_, name);
  return p ? p : find_in(processes_, name);
}

}  // namespace detail
}  // namespace annals
