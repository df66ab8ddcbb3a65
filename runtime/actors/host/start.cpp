// Starting: spawns the actors and waits until the followers of the log have caught up.
#include "actors/base/logging.hpp"
#include "actors/base/longest_wait.hpp"
#include "actors/base/watched.hpp"
#include "actors/follow/event_bus.hpp"
#include "actors/host/engine.hpp"
#include "actors/processes/process_manager.hpp"
#include "actors/projections/image_maker.hpp"
#include "actors/projections/projector.hpp"
#include "actors/upkeep/drainer.hpp"
#include "actors/upkeep/index_writer.hpp"
#include "actors/write/journal.hpp"
#include "actors/write/loader.hpp"
#include "actors/write/shard.hpp"

#include <spdlog/logger.h>
#include <caf/thread_hook.hpp>

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

std::size_t threads_of(const options& with) { return with.threads ? with.threads : std::max(1u, std::thread::hardware_concurrency()); }

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

result<void> engine::start() {
  if (!may_wait()) return must_not_wait("start()");
  if (auto ok = begin(); !ok) return ok;
  return wait_until_caught_up();
}

result<void> engine::begin() {
  if (begun_ || closed_) return error{errc::misuse, begun_ ? "start() was called twice" : "start() was called after close()"};
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

void engine::spawn_all() {
  auto& system = home_->system();
  write_.event_bus = actors::spawn_watched(system, env_, actors::event_bus, env_.log->readable());
  env_.log->on_readable([this](position head) {
    env_.alive.readable = head;
    env_.news.changed();
    caf::anon_send(write_.event_bus, actors::grown{head});
  });
  if (!processes_.empty()) write_.commit_bus = follow_.commit_bus = actors::spawn_watched(system, env_, actors::event_bus, env_.log->durable());
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
  for (auto& inbox : write_.shards) inbox.meters.passivated = decltype(inbox.meters.passivated)(aggregates_.size());
  for (auto& inbox : write_.shards) inbox.reader = actors::spawn_watched(system, env_, actors::shard, std::cref(env_), std::cref(write_), &inbox);
  write_.gateway = upkeep_.gateway = actors::spawn_watched(system, env_, actors::gateway_actor, gateway_.get(), std::cref(env_));
  recipients_.assign(1 + processes_.size(), nullptr);
  recipients_[actors::gateway_recipient] = write_.gateway;
  spawn_followers(system);
}

void engine::spawn_followers(caf::actor_system& system) {
  for (auto& p : projections_) {
    p.cell->ready_at = env_.log->readable();
    const auto spawn = [&](auto&&... with) {  // effects run the host's code, which may block
      return p.table.has_effects ? actors::spawn_blocking(system, env_, with...) : actors::spawn_watched(system, env_, with...);
    };
    p.actor = spawn(actors::projector, std::cref(env_), std::cref(follow_), std::cref(p.table), p.cell);
  }
  for (std::size_t i = 0; i < processes_.size(); ++i) {
    auto& p = processes_[i];
    for (auto count = p.cell->of_process.answers.size(); count < aggregates_.size(); ++count) p.cell->of_process.answers.emplace_back();
    const auto me = static_cast<actors::recipient>(actors::gateway_recipient + 1 + i);
    const actors::find_table find_any = [this](std::string_view category) { return find(category); };
    // Started lazily, so that it is among the recipients before it runs.
    p.actor = actors::spawn_watched<caf::lazy_init>(system, env_, actors::process_manager, std::cref(env_), std::cref(follow_), std::cref(p.table),
                                                    find_any, p.cell, me);
    recipients_[me] = p.actor;
    caf::anon_send(p.actor, actors::go_on::value);
  }
}

result<void> engine::wait_until_caught_up() {
  const auto head = env_.log->readable();
  // Besides the models, the loader has to catch up: without derived/, or after a crash, it does not know much of the log yet.
  const auto is_indexed = std::make_shared<std::atomic<bool>>(false);
  caf::anon_send(write_.loader, actors::catch_up{is_indexed});
  const auto wait_for = [&](actors::follower_cell& cell) {
    result<void> stopped;
    const auto waited = env_.news.wait(actors::longest_wait, [&] {
      const auto now = cell.condition();
      if (now.stopped) stopped = *now.stopped;
      return (now.begun && now.at >= head) || now.stopped;
    });
    return waited ? stopped : waited;
  };
  const telemetry::stopwatch watch;
  const auto show = [&](telemetry::gauge& phase) { phase.set(static_cast<std::uint64_t>(watch.elapsed().count())); };
  for (auto& p : projections_)
    if (auto ok = wait_for(*p.cell); !ok) return ok;
  show(env_.meters.start.projections);
  for (auto& p : processes_)
    if (auto ok = wait_for(*p.cell); !ok) return ok;
  show(env_.meters.start.processes);
  if (auto ok = env_.news.wait(actors::longest_wait, [&] { return is_indexed->load(); }); !ok) return ok;
  show(env_.meters.start.index);
  env_.logger->info("all followers have reached position {}", head);
  return {};
}

}  // namespace annals::detail
