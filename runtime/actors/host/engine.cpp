#include "actors/host/engine.hpp"

#include "actors/base/logging.hpp"
#include "actors/base/longest_wait.hpp"
#include "actors/base/watched.hpp"
#include "actors/follow/event_bus.hpp"
#include "actors/processes/process_manager.hpp"
#include "actors/projections/image_maker.hpp"
#include "actors/projections/projector.hpp"
#include "actors/subscriptions/messages.hpp"
#include "actors/upkeep/drainer.hpp"
#include "actors/upkeep/index_writer.hpp"
#include "actors/write/journal.hpp"
#include "actors/write/loader.hpp"
#include "actors/write/shard.hpp"
#include "store/log/owner_names.hpp"

#include <caf/thread_hook.hpp>
#include <spdlog/logger.h>

#include <algorithm>
#include <system_error>
#include <thread>

namespace annals::detail {
namespace {

/// Marks every thread of the actor system as one that must not wait for the runtime.
class mark_threads final : public caf::thread_hook {
public:
  void init(caf::actor_system&) override {}
  void thread_started() override { thread_local no_waiting marked; }
  void thread_terminates() override {}
};

constexpr std::size_t messages_per_turn_max = 300;  // of one actor, before its worker turns to other actors

std::size_t threads_of(const options& with) {
  return with.threads ? with.threads : std::max(1u, std::thread::hardware_concurrency());
}

void configure(caf::actor_system_config& config, const options& with, bool simulated) {
  config.set("scheduler.max-throughput", messages_per_turn_max);
  if (simulated) {
    config.set("scheduler.policy", caf::atom("testing"));
    return;
  }
  config.set("scheduler.max-threads", threads_of(with));
  config.add_thread_hook<mark_threads>();
}

}  // namespace

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
  env_.alive.readable = parts_.log->readable();
  gateway_ = std::make_unique<actors::gateway>(env_.options.commands_in_flight_max, parts_.history, env_, write_.journal);
}

/// parked(), retry_parked() and skip_parked() could not tell the two apart.
error engine::one_name_of_two(std::string_view name) {
  return {errc::bad_type, "a projection and a process manager have one name", std::string{name}};
}

result<void> engine::may_add(std::string_view name) const {
  if (begun_) return error{errc::misuse, "hosting after start()", std::string{name}};
  if (const auto reserved = store::owner_name::reserved_prefix_of(name); !reserved.empty())
    return error{errc::bad_type, "no projection or category begins with \"" + std::string{reserved} + "\"", std::string{name}};
  return {};
}

std::shared_ptr<actors::model_cell> engine::cell_of(const projection_table& table) {
  auto cell = std::make_shared<actors::model_cell>(store::owner_name::of_projection(table.name));
  cell->model = table.make();
  return cell;
}

std::shared_ptr<actors::model_cell> engine::cell_of(const process_table& table) {
  auto cell = std::make_shared<actors::model_cell>(store::owner_name::of_process(table.instance.category));
  cell->begun = true;
  return cell;
}

result<void> engine::add(aggregate_table table) {
  if (auto ok = may_add(table.category); !ok) return ok;
  if (find(table.category)) return error{errc::bad_type, "a category is hosted twice", std::string{table.category}};
  if (table.category.empty() || table.category.find('-') != std::string_view::npos || table.category.size() > 64)
    return error{errc::bad_type, "a category has 1 to 64 bytes and no '-'", std::string{table.category}};
  aggregates_.push_back(table);
  return {};
}

result<void> engine::add(projection_table table) {
  if (auto ok = may_add(table.name); !ok) return ok;
  if (find_projection(table.name)) return error{errc::bad_type, "a projection is hosted twice", std::string{table.name}};
  if (find_process(table.name)) return one_name_of_two(table.name);
  constexpr std::size_t name_bytes_max = 64;
  if (table.name.empty() || table.name.size() > name_bytes_max)
    return error{errc::bad_type, "a projection's name has 1 to 64 bytes", std::string{table.name}};
  projections_.push_back({table, cell_of(table), nullptr});
  return {};
}

result<void> engine::add(process_table table) {
  if (find_projection(table.instance.category)) return one_name_of_two(table.instance.category);
  if (auto ok = add(table.instance); !ok) return ok;
  auto cell = cell_of(table);
  processes_.push_back({std::move(table), std::move(cell), nullptr});
  return {};
}

const aggregate_table* engine::find(std::string_view category) const {
  for (const auto& table : aggregates_)
    if (table.category == category) return &table;
  return nullptr;
}

const engine::orchestrating* engine::find_process(std::string_view category) const {
  for (const auto& p : processes_)
    if (p.table.instance.category == category) return &p;
  return nullptr;
}

const engine::projecting* engine::find_projection(std::string_view name) const {
  for (const auto& p : projections_)
    if (p.table.name == name) return &p;
  return nullptr;
}

void engine::spawn_all() {
  auto& system = home_->system();
  write_.event_bus = actors::spawn_watched(system, env_, actors::event_bus, env_.log->readable());
  env_.log->on_readable([this](position head) {
    env_.alive.readable = head;
    env_.news.changed();
    caf::anon_send(write_.event_bus, actors::grown{head});
  });
  if (!processes_.empty())
    write_.commit_bus = follow_.commit_bus = actors::spawn_watched(system, env_, actors::event_bus, env_.log->durable());
  tail_ = std::make_unique<store::stream_reader>(*env_.log, *env_.derived);
  write_.tail = tail_.get();
  write_.index_writer = actors::spawn_blocking(system, env_, actors::index_writer, std::cref(env_));
  follow_.image_maker = actors::spawn_blocking(system, env_, actors::image_maker, std::cref(env_));
  write_.loader = actors::spawn_blocking(system, env_, actors::loader, std::cref(env_), std::cref(write_));
  write_.drainer = actors::spawn_blocking(system, env_, actors::drainer, std::cref(env_), std::cref(upkeep_));
  write_.journal.reader = actors::spawn_blocking(system, env_, actors::journal, std::cref(env_), std::cref(write_));
  write_.recipients = follow_.recipients = &recipients_;
  upkeep_.journal = write_.journal.reader;
  follow_.event_bus = write_.event_bus;
  follow_.drainer = write_.drainer;
  follow_.index_writer = write_.index_writer;
  follow_.commands = &write_;
  if (!env_.log->takes_commits()) {
    env_.alive.drainer_full = true;
    caf::anon_send(write_.drainer, actors::wake::value);
  }
  const auto shards = env_.options.shards ? env_.options.shards : std::min<std::size_t>(threads_of(env_.options), 64);
  // A stream's shard is chosen by the size of this list, so the list is complete before the first command.
  write_.shards.resize(shards);
  for (auto& inbox : write_.shards) inbox.reader = actors::spawn_watched(system, env_, actors::shard, std::cref(env_), std::cref(write_), &inbox);
  write_.gateway = upkeep_.gateway = actors::spawn_watched(system, env_, actors::gateway_actor, gateway_.get(), std::cref(env_));
  recipients_.assign(1 + processes_.size(), nullptr);
  recipients_[actors::gateway_recipient] = write_.gateway;
  for (auto& p : projections_) {
    p.cell->ready_at = env_.log->readable();
    const auto spawn = [&](auto&&... with) {  // effects run the host's code, which may block
      return p.table.has_effects ? actors::spawn_blocking(system, env_, with...) : actors::spawn_watched(system, env_, with...);
    };
    p.actor = spawn(actors::projector, std::cref(env_), std::cref(follow_), std::cref(p.table), p.cell);
  }
  for (std::size_t i = 0; i < processes_.size(); ++i) {
    auto& p = processes_[i];
    const auto me = static_cast<actors::recipient>(actors::gateway_recipient + 1 + i);
    const actors::find_table find_any = [this](std::string_view category) { return find(category); };
    // Started lazily, so that it is among the recipients before it runs.
    p.actor = actors::spawn_watched<caf::lazy_init>(system, env_, actors::process_manager, std::cref(env_), std::cref(follow_),
                                                    std::cref(p.table), find_any, p.cell, me);
    recipients_[me] = p.actor;
    caf::anon_send(p.actor, actors::go_on::value);
  }
}

/// Checks that every aggregate that a process manager observes is hosted.
result<void> engine::all_observed_are_hosted() const {
  for (const auto& p : processes_)
    for (const auto category : p.table.observed_categories)
      if (!find(category))
        return error{errc::not_hosted, "a process manager observes an aggregate that is not hosted",
                     std::string{p.table.instance.category} + " observes " + std::string{category}};
  return {};
}

result<void> engine::begin() {
  if (begun_ || closed_) return error{errc::misuse, begun_ ? "started twice" : "started after close()"};
  if (auto ok = all_observed_are_hosted(); !ok) return ok;
  auto home = actors::system_thread::start([&](auto& config) { configure(config, env_.options, parts_.simulated); }, !parts_.simulated);
  if (!home) return std::move(home).error();
  home_ = std::move(*home);
  try {
    home_->run([this] { spawn_all(); });
  } catch (const std::system_error& why) {
    unspawn();
    return actors::no_threads(why);
  }
  begun_ = true;
  env_.logger->info("started: {} aggregates, {} projections, {} process managers, {} shards", aggregates_.size() - processes_.size(),
                    projections_.size(), processes_.size(), write_.shards.size());
  return {};
}

result<void> engine::wait_until_caught_up() {
  if (!may_wait()) return must_not_wait("start()");
  const auto head = env_.log->readable();
  // Besides the models, the loader has to catch up: without derived/, or after a crash, it does not know much of the log yet.
  const auto is_indexed = std::make_shared<std::atomic<bool>>(false);
  caf::anon_send(write_.loader, actors::catch_up{is_indexed});
  const auto wait_for = [&](actors::model_cell& cell) {
    result<void> stopped;
    const auto waited = env_.news.wait(actors::longest_wait, [&] {
      const std::shared_lock lock{cell.mutex};
      if (cell.stopped) stopped = *cell.stopped;
      return (cell.begun && cell.at >= head) || cell.stopped;
    });
    return waited ? stopped : waited;
  };
  for (auto& p : projections_)
    if (auto ok = wait_for(*p.cell); !ok) return ok;
  for (auto& p : processes_)
    if (auto ok = wait_for(*p.cell); !ok) return ok;
  if (auto ok = env_.news.wait(actors::longest_wait, [&] { return is_indexed->load(); }); !ok) return ok;
  env_.logger->info("everything has followed the log to position {}", head);
  return {};
}

bool engine::is_settled() const {
  const auto head = env_.log->readable();
  if (gateway_->in_flight() > 0 || env_.log->durable() != head) return false;
  for (const auto& p : processes_) {
    const std::shared_lock lock{p.cell->mutex};
    if (p.cell->at != head || p.cell->under_way > 0) return false;
  }
  // If one of them did something while the others were checked, the head has moved or a command is in flight.
  return env_.log->durable() == head && gateway_->in_flight() == 0;
}

result<void> engine::settle(std::chrono::milliseconds time_out) const {
  if (!may_wait()) return must_not_wait("settle()");
  if (!begun_) return error{errc::misuse, "settle before start()"};
  result<void> stopped;
  const auto waited = env_.news.wait(time_out, [&] {
    if (is_settled()) return true;
    for (const auto& p : processes_) {
      const std::shared_lock lock{p.cell->mutex};
      if (p.cell->stopped) stopped = *p.cell->stopped;
    }
    return !stopped;
  });
  if (!waited && waited.error().code == errc::timed_out) return error{errc::timed_out, "the runtime has not settled"};
  if (auto ended = env_.news.ended()) return std::move(*ended);
  return waited ? stopped : waited;
}

void engine::stop(const error& why) {
  env_.news.end(why);  // first, because the answers would make the runtime look settled
  gateway_->fail_all(why);
  const std::lock_guard lock{subscriptions_mutex_};
  for (const auto& [name, cell] : subscriptions_) cell->send(actors::journal_stopped{why});
}

annals::health engine::health() const {
  annals::health now;
  now.durable = env_.log->durable();
  now.readable = env_.log->readable();
  now.in_flight = gateway_->in_flight();
  now.aggregates_resident = env_.alive.resident;
  now.commits = env_.alive.commits;
  now.storage_full = env_.alive.storage_full();
  const auto of = [](const actors::model_cell& cell) {
    std::shared_lock lock{cell.mutex, std::defer_lock};
    if (!actors::model_lock::is_writer())
      lock.lock();
    else if (!cell.mutex.is_mine() && !lock.try_lock())
      return projection_health{cell.name, 0, 0, {}, 0, {}, 0};
    return projection_health{cell.name, cell.at, cell.under_way, cell.stopped, cell.parked.size(), cell.rebuilt_to, cell.held};
  };
  for (const auto& p : projections_) now.projections.push_back(of(*p.cell));
  for (const auto& p : processes_) now.processes.push_back(of(*p.cell));
  {
    const std::lock_guard lock{subscriptions_mutex_};
    for (const auto& [name, cell] : subscriptions_) {
      const std::lock_guard of_cell{cell->mutex};
      now.subscriptions.push_back(cell->shown);
    }
  }
  if (!closed_) now.journal_stopped = env_.news.ended();
  return now;
}

}  // namespace annals::detail
