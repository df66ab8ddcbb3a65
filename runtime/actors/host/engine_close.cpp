// Closing: first it refuses new calls, then waits for what is in flight, then ends the actors from the hosts' side to the disk's side. It
// takes a bounded time, whatever the host's functions do: what does not end is left behind, with everything that it may still use.
#include "actors/host/engine.hpp"

#include <caf/scheduler/test_coordinator.hpp>
#include <spdlog/logger.h>

#include <algorithm>
#include <thread>

namespace annals::detail {
namespace {

using steady = std::chrono::steady_clock;
constexpr std::chrono::milliseconds least_to_end{1'000};  // for what runs, however short the host's deadline is

/// A countdown that a thread can wait for.
class countdown {
public:
  explicit countdown(std::size_t from) : left_(from) {}
  void one_less() {
    const std::lock_guard lock{mutex_};
    if (--left_ == 0) zero_.notify_all();
  }
  bool wait_until(steady::time_point end) {
    std::unique_lock lock{mutex_};
    return zero_.wait_until(lock, end, [&] { return left_ == 0; });
  }

private:
  std::mutex mutex_;
  std::condition_variable zero_;
  std::size_t left_;
};

}  // namespace

engine::steady::time_point engine::half_of_what_is_left() const {
  const auto now = steady::now();
  return now + std::max(closing_ends_ - now, steady::duration::zero()) / 2;
}

void engine::stop(const std::vector<running>& all) {
  for (const auto& one : all)
    if (one.by_message)
      caf::anon_send(one.actor, actors::stop_now::value);
    else
      caf::anon_send_exit(one.actor, caf::exit_reason::user_shutdown);
  if (parts_.simulated) return run_simulated();
  const auto until = half_of_what_is_left();
  for (const auto& one : all) {
    const auto ended = std::make_shared<countdown>(1);
    one.actor->attach_functor([ended] { ended->one_less(); });
    if (ended->wait_until(until)) continue;
    left_behind_.push_back(one.name);
    caf::anon_send_exit(one.actor, caf::exit_reason::kill);  // takes effect when its present work ends; at once if it waits for a message
  }
}

void engine::run_simulated() { dynamic_cast<caf::scheduler::test_coordinator&>(system().scheduler()).run(); }

/// Runs in the engine's own thread, because callbacks of hosts may take long.
void engine::answer_all_who_wait() {
  auto answered = home_->post([this] { gateway_->fail_all(error{errc::closed, "the runtime was closed before an answer came"}); });
  if (answered.wait_until(std::max(half_of_what_is_left(), steady::now())) != std::future_status::ready)
    left_behind_.push_back("a callback");
}

void engine::close() {
  if (begun_ && !parts_.simulated && !may_wait()) {  // an actor's thread would wait for itself
    gateway_->refuse_from_now(error{errc::closed, "the runtime is closed"});
    return env_.logger->error("close: {}", must_not_wait("close()").message());
  }
  if (closed_.exchange(true)) return;
  env_.alive.closing = true;
  gateway_->refuse_from_now(error{errc::closed, "the runtime is closed"});
  if (!begun_) return;
  for (auto& p : projections_) caf::anon_send(p.actor, actors::closes::value);
  if (!parts_.simulated) {
    // Without space nothing in flight can end: the journal answers it with `not_written` when it stops, below.
    if (!env_.alive.storage_full()) (void)env_.news.wait(env_.options.close_deadline, [&] { return gateway_->in_flight() == 0; });
  }
  closing_ends_ = steady::now() + std::max<std::chrono::milliseconds>(env_.options.close_deadline, least_to_end);
  env_.news.end(error{errc::closed, "the runtime is closed"});
  close_subscriptions();
  std::vector<running> followers;
  for (auto& p : processes_) followers.push_back({p.cell->owner.described(), p.actor});
  stop(followers);
  followers.clear();
  for (auto& p : projections_) followers.push_back({p.cell->owner.described(), p.actor});
  stop(followers);
  stop({{"the image maker", follow_.image_maker}});  // after the followers, which hand it their last images
  std::vector<running> shards;
  for (auto& s : write_.shards) shards.push_back({"a shard", s.reader, false});
  stop(shards);
  for (auto& s : write_.shards) s.close();
  stop({{"the journal", write_.journal.reader}});
  write_.journal.close();
  stop({{"the drainer", write_.drainer}});
  // Each ends when the drainer has answered its last `keep`.
  std::vector<running> subscriptions;
  for (auto& s : subscribed_) subscriptions.push_back({"a subscription", s});
  stop(subscriptions);
  stop({{"the loader", write_.loader}});  // hands its tail to the index writer, which ends after it
  stop({{"the index writer", write_.index_writer}});
  stop({{"the event bus", write_.event_bus, false}});
  if (write_.commit_bus) stop({{"the commit bus", write_.commit_bus, false}});
  stop({{"the gateway", write_.gateway, false}});
  answer_all_who_wait();
  if (left_behind_.empty()) env_.log->on_readable([](position) {});
  // Not in this thread, because the host's log sink may be what does not end.
  (void)home_->post([this] {
    if (left_behind_.empty()) env_.logger->info("closed at position {}", env_.log->durable());
    for (const auto& name : left_behind_)
      env_.logger->error("close: {} does not end, and is left behind: the store stays open until it does", name);
  });
}

void engine::drop_handles() {
  for (auto& p : processes_) p.actor = nullptr;
  for (auto& p : projections_) p.actor = nullptr;
  subscribed_.clear();
  write_.shards.clear();
  recipients_.clear();
  for (auto* actor : {&write_.journal.reader, &write_.drainer, &write_.loader, &write_.index_writer, &write_.event_bus, &write_.commit_bus,
                      &write_.gateway})
    *actor = nullptr;
  follow_ = {};
  upkeep_ = {};
}

void engine::wait_until_no_actor_runs() const {
  constexpr std::chrono::milliseconds look_again{1};
  while (home_->system().registry().running() > 0) std::this_thread::sleep_for(look_again);
}

void engine::unspawn() {
  std::vector<caf::actor> spawned{write_.event_bus, write_.commit_bus, write_.index_writer,   follow_.image_maker, write_.loader,
                                  write_.drainer,   write_.journal.reader, write_.gateway};
  for (const auto& s : write_.shards) spawned.push_back(s.reader);
  for (const auto& p : projections_) spawned.push_back(p.actor);
  for (const auto& p : processes_) spawned.push_back(p.actor);
  env_.alive.closing = true;
  for (const auto& actor : spawned)
    if (actor) caf::anon_send_exit(actor, caf::exit_reason::kill);
  spawned.clear();
  wait_until_no_actor_runs();  // they use the environment
  env_.log->on_readable([](position) {});
  drop_handles();
  home_.reset();
  env_.alive.closing = false;
  // Some may have followed the log already, so the cells are made again.
  for (auto& p : projections_) p.cell = cell_of(p.table);
  for (auto& p : processes_) p.cell = cell_of(p.table);
}

/// Drops the handles before their actor system, and after everything that may use them: a late caller, or what was left behind.
engine::~engine() {
  close();
  if (!home_) return;
  if (!parts_.simulated) wait_until_no_actor_runs();
  env_.log->on_readable([](position) {});
  drop_handles();
  home_.reset();
}

void engine::end(engine* one) {
  if (!one->is_ours()) return;
  if (!one->home_ || one->parts_.simulated) return delete one;
  const bool waits = may_wait(), was_closed = one->closed_;
  if (waits) one->close();
  // Closing and destroying share one deadline; destroying gets at least `least_to_end`, and only that if something was left behind.
  const auto now = steady::now();
  auto until = now + least_to_end;
  if (one->left_behind_.empty()) until = std::max(until, was_closed ? now + one->env_.options.close_deadline : one->closing_ends_);
  const auto ended = std::make_shared<countdown>(1);
  auto thread = one->home_->finish([one, ended] {
    delete one;
    ended->one_less();
  });
  if (waits && ended->wait_until(until))
    thread.join();
  else
    thread.detach();
}

}  // namespace annals::detail
