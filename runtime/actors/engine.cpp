#include "actors/engine.hpp"

#include "actors/drainer.hpp"
#include "actors/event_bus.hpp"
#include "actors/image_maker.hpp"
#include "actors/index_writer.hpp"
#include "actors/journal.hpp"
#include "actors/loader.hpp"
#include "actors/longest_wait.hpp"
#include "actors/logging.hpp"
#include "actors/process_manager.hpp"
#include "actors/projector.hpp"
#include "actors/shard.hpp"

#include <caf/thread_hook.hpp>

#include <algorithm>
#include <thread>

namespace annals::detail {
namespace {

/// Every thread of the actor system is one that must not wait for the runtime.
class mark_threads final : public caf::thread_hook {
public:
  void init(caf::actor_system&) override {}
  void thread_started() override { thread_local no_waiting marked; }
  void thread_terminates() override {}
};

constexpr std::size_t messages_per_turn_max = 300;  // of one actor, before its worker looks at the others

std::size_t threads_of(const options& with) {
  return with.threads ? with.threads : std::max(1u, std::thread::hardware_concurrency());
}

std::unique_ptr<caf::actor_system_config> config_for(const options& with, bool simulated) {
  auto config = std::make_unique<caf::actor_system_config>();
  config->set("scheduler.max-throughput", messages_per_turn_max);
  if (simulated) {
    config->set("scheduler.policy", caf::atom("testing"));
    return config;
  }
  // Workers of the default policy sleep in steps when idle; those of this one are woken at once.
  config->set("scheduler.policy", caf::atom("sharing"));
  config->set("scheduler.max-threads", threads_of(with));
  config->add_thread_hook<mark_threads>();
  return config;
}

}  // namespace

engine::engine(engine_parts parts, options with) : parts_(std::move(parts)) {
  env_.options = std::move(with);
  env_.now = parts_.now;
  env_.own_threads = !parts_.simulated;
  env_.log = parts_.log;
  env_.index = parts_.index;
  env_.images = parts_.images;
  env_.logger = actors::make_logger(env_.options);
  env_.alive.readable = parts_.log->readable();
  gateway_ = std::make_unique<actors::gateway>(env_.options.commands_in_flight_max, parts_.history, env_.journal.under_way);
}

result<void> engine::may_add(std::string_view name) const {
  if (begun_) return error{errc::misuse, "hosting after start()", std::string{name}};
  if (name.starts_with("subscription/")) return error{errc::bad_type, "«subscription/» is for subscriptions", std::string{name}};
  if (name.starts_with("process ")) return error{errc::bad_type, "«process » is for process managers", std::string{name}};
  return {};
}

result<void> engine::add(aggregate_table table) {
  if (auto ok = may_add(table.category); !ok) return ok;
  if (find(table.category)) return error{errc::bad_type, "a category is hosted twice", std::string{table.category}};
  if (table.category.empty() || table.category.find('-') != std::string_view::npos || table.category.size() > 64)
    return error{errc::bad_type, "a category has 1 to 64 bytes and no «-»", std::string{table.category}};
  aggregates_.push_back(table);
  return {};
}

result<void> engine::add(projection_table table) {
  if (auto ok = may_add(table.name); !ok) return ok;
  if (find_projection(table.name)) return error{errc::bad_type, "a projection is hosted twice", std::string{table.name}};
  constexpr std::size_t name_bytes_max = 64;
  if (table.name.empty() || table.name.size() > name_bytes_max)
    return error{errc::bad_type, "a projection's name has 1 to 64 bytes", std::string{table.name}};
  auto cell = std::make_shared<actors::model_cell>();
  cell->name = table.name;
  cell->model = table.make();
  projections_.push_back({table, std::move(cell), nullptr});
  return {};
}

result<void> engine::add(process_table table) {
  if (auto ok = add(table.instance); !ok) return ok;
  auto cell = std::make_shared<actors::model_cell>();
  cell->name = table.instance.category;
  cell->begun = true;
  processes_.push_back({std::move(table), std::move(cell), nullptr});
  return {};
}

const aggregate_table* engine::find(std::string_view category) const {
  for (const auto& table : aggregates_)
    if (table.category == category) return &table;
  return nullptr;
}

const engine::projecting* engine::find_projection(std::string_view name) const {
  for (const auto& p : projections_)
    if (p.table.name == name) return &p;
  return nullptr;
}

void engine::spawn_all() {
  auto& system = *system_;
  env_.event_bus = system.spawn(actors::event_bus, env_.log->readable());
  env_.log->on_readable([this](position head) {
    {
      const std::lock_guard lock{readable_mutex_};
      env_.alive.readable = head;
    }
    readable_moved_.notify_all();
    caf::anon_send(env_.event_bus, actors::grown{head});
  });
  env_.index_writer = actors::spawn_blocking(system, env_, actors::index_writer, std::cref(env_));
  env_.image_maker = actors::spawn_blocking(system, env_, actors::image_maker, std::cref(env_));
  env_.loader = actors::spawn_blocking(system, env_, actors::loader, std::cref(env_));
  env_.drainer = actors::spawn_blocking(system, env_, actors::drainer, std::cref(env_));
  env_.journal.reader = actors::spawn_blocking(system, env_, actors::journal, std::cref(env_));
  if (!env_.log->takes_commits()) {
    env_.alive.drainer_full = true;
    caf::anon_send(env_.drainer, actors::wake::value);
  }
  const auto shards = env_.options.shards ? env_.options.shards : std::min<std::size_t>(threads_of(env_.options), 64);
  // A stream's shard is its place in this list: it is whole before the first command.
  env_.shards.resize(shards);
  for (auto& inbox : env_.shards) inbox.reader = system.spawn(actors::shard, std::cref(env_), &inbox);
  env_.gateway = system.spawn(actors::gateway_actor, gateway_.get(), std::cref(env_));
  env_.recipients.assign(1 + processes_.size(), nullptr);
  env_.recipients[actors::gateway_recipient] = env_.gateway;
  for (auto& p : projections_) {
    p.cell->ready_at = env_.log->readable();
    p.actor = system.spawn(actors::projector, std::cref(env_), std::cref(p.table), p.cell);
  }
  for (std::size_t i = 0; i < processes_.size(); ++i) {
    auto& p = processes_[i];
    const auto me = static_cast<actors::recipient>(actors::gateway_recipient + 1 + i);
    const actors::find_table find_any = [this](std::string_view category) { return find(category); };
    // It has its place among the recipients before it runs.
    p.actor = env_.recipients[me] = system.spawn<caf::lazy_init>(actors::process_manager, std::cref(env_), std::cref(p.table), find_any, p.cell, me);
    caf::anon_send(p.actor, actors::go_on::value);
  }
}

result<void> engine::begin() {
  if (begun_ || closed_) return error{errc::misuse, begun_ ? "started twice" : "started after close()"};
  begun_ = true;
  config_ = config_for(env_.options, parts_.simulated);
  system_ = std::make_unique<caf::actor_system>(*config_);
  spawn_all();
  return {};
}

result<void> engine::wait_until_caught_up() {
  assert_may_wait("start()");
  const auto head = env_.log->readable();
  // Beside the models: without derived/, or after a crash, there is much that the loader does not know of the log yet.
  actors::catch_up indexed{std::make_shared<std::promise<void>>()};
  const auto is_indexed = indexed.done->get_future();
  caf::anon_send(env_.loader, std::move(indexed));
  const auto wait_for = [&](actors::model_cell& cell) -> result<void> {
    std::shared_lock lock{cell.mutex};
    cell.moved.wait(lock, [&] { return (cell.begun && cell.at >= head) || cell.stopped; });
    if (cell.stopped) return *cell.stopped;
    return {};
  };
  for (auto& p : projections_)
    if (auto ok = wait_for(*p.cell); !ok) return ok;
  for (auto& p : processes_)
    if (auto ok = wait_for(*p.cell); !ok) return ok;
  is_indexed.wait();
  return {};
}

bool engine::is_settled() const {
  const auto head = env_.log->readable();
  if (gateway_->in_flight() > 0 || env_.log->durable() != head) return false;
  for (const auto& p : processes_) {
    const std::shared_lock lock{p.cell->mutex};
    if (p.cell->at != head || p.cell->under_way > 0) return false;
  }
  // What one of them did while the others were looked at has moved the head.
  return env_.log->durable() == head && gateway_->in_flight() == 0;
}

result<void> engine::settle(std::chrono::milliseconds time_out) const {
  assert_may_wait("settle()");
  constexpr std::chrono::milliseconds look_again{5};
  for (const auto end = std::chrono::steady_clock::now() + std::min<std::chrono::milliseconds>(time_out, actors::longest_wait); !is_settled();) {
    for (const auto& p : processes_) {
      const std::shared_lock lock{p.cell->mutex};
      if (p.cell->stopped) return *p.cell->stopped;
    }
    if (std::chrono::steady_clock::now() > end) return error{errc::timed_out, "the runtime has not settled"};
    std::this_thread::sleep_for(look_again);
  }
  return {};
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
    const std::shared_lock lock{cell.mutex};
    return projection_health{cell.name, cell.at, cell.under_way, cell.stopped, cell.parked.size(), cell.rebuilt_to};
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
  if (auto refusal = gateway_->refusal(); refusal && !closed_) now.journal_stopped = std::move(refusal);
  return now;
}

}  // namespace annals::detail
