// Closing: first it refuses new calls, then waits for what is in flight, then ends the actors from the hosts' side to the disk's side. It
// takes a bounded time, whatever the host's functions do: what does not end is abandoned, with everything that it may still use.
#include "actors/host/engine.hpp"
#include "actors/subscriptions/messages.hpp"

#include <spdlog/logger.h>
#include <caf/scheduler/test_coordinator.hpp>

#include <algorithm>
#include <future>
#include <thread>

namespace annals::detail {

engine::steady::time_point engine::half_of_what_is_left() const {
  const auto now = steady::now();
  return now + std::max(closing_ends_ - now, steady::duration::zero()) / 2;
}

void engine::stop(const error& why) {
  env_.meters.log.has_stopped.set(1);
  env_.news.end(why);  // first, because the answers would make the runtime look settled
  gateway_->fail_all(why);
  for (const auto& cell : subscriptions()) cell->send(actors::journal_stopped{why});
}

void engine::end_all(const std::vector<running>& all) {
  for (const auto& one : all)
    if (one.by_message)
      caf::anon_send(one.actor, actors::stop_now::value);
    else
      caf::anon_send_exit(one.actor, caf::exit_reason::user_shutdown);
  if (parts_.simulated) return run_simulated();
  const auto until = half_of_what_is_left();
  for (const auto& one : all) {
    const auto ended = std::make_shared<std::promise<void>>();
    one.actor->attach_functor([ended] { ended->set_value(); });
    if (ended->get_future().wait_until(until) == std::future_status::ready) continue;
    not_ended_.push_back(one.name);
    caf::anon_send_exit(one.actor, caf::exit_reason::kill);  // takes effect when its present work ends; at once if it waits for a message
  }
}

void engine::run_simulated() {
  if (parts_.run_jobs) return parts_.run_jobs();
  dynamic_cast<caf::scheduler::test_coordinator&>(system().scheduler()).run();
}

/// Runs in the engine's own thread, because callbacks of hosts may take long.
void engine::answer_all_waiting() {
  auto answered = home_->post([this] { gateway_->fail_all(error{errc::closed, "the runtime was closed before an answer came"}); });
  if (answered.wait_until(std::max(half_of_what_is_left(), steady::now())) != std::future_status::ready) not_ended_.push_back("a callback");
}

result<void> engine::attach(std::shared_ptr<attachment> one) {
  if (!may_wait()) return must_not_wait("listen()");
  if (!begun_) return error{errc::misuse, "listen() was called before start()"};
  const std::lock_guard lock{attachments_mutex_};
  if (closed_) return error{errc::closed, "the runtime is closed"};
  attachments_.push_back(std::move(one));
  return {};
}

void engine::close_attachments() {
  std::vector<std::shared_ptr<attachment>> all;
  {
    const std::lock_guard lock{attachments_mutex_};
    all = attachments_;
  }
  for (const auto& one : all) one->close(env_.options.close_deadline);
}

void engine::close() {
  if (begun_ && !parts_.simulated && !may_wait()) {  // an actor's thread would wait for itself
    gateway_->refuse_from_now(error{errc::closed, "the runtime is closed"});
    return env_.logger->error("close: {}", must_not_wait("close()").message());
  }
  if (closed_.exchange(true)) return;
  close_attachments();
  env_.alive.closing = true;
  gateway_->refuse_from_now(error{errc::closed, "the runtime is closed"});
  if (!begun_) return;
  for (auto& p : projections_) caf::anon_send(p.actor, actors::closes::value);
  // Without space nothing in flight can end: the journal answers it with `not_written` when it stops, below.
  if (!parts_.simulated && !env_.alive.storage_full()) (void)env_.news.wait(env_.options.close_deadline, [&] { return gateway_->in_flight() == 0; });
  closing_ends_ = steady::now() + std::max<std::chrono::milliseconds>(env_.options.close_deadline, least_to_end);
  env_.news.end(error{errc::closed, "the runtime is closed"});
  close_subscriptions();
  const auto end_each = [this](const auto& all, const auto& described) {
    std::vector<running> list;
    for (const auto& one : all) list.push_back(described(one));
    end_all(list);
  };
  end_each(processes_, [](const auto& p) { return running{p.cell->owner.described(), p.actor}; });
  end_each(projections_, [](const auto& p) { return running{p.cell->owner.described(), p.actor}; });
  end_all({{"the image maker", follow_.image_maker}});  // after the followers, which hand it their last images
  end_each(write_.shards, [](const auto& s) { return running{"a shard", s.reader, false}; });
  for (auto& s : write_.shards) s.close();
  end_all({{"the journal", write_.journal.reader}});
  write_.journal.close();
  end_all({{"the drainer", write_.drainer}});
  end_each(subscribed_, [](const auto& s) { return running{"a subscription", s}; });  // when the drainer has answered its last `write_control`
  end_all({{"the loader", write_.loader}});                                           // hands its tail to the index writer, which ends after it
  end_all({{"the index writer", write_.index_writer}});
  end_all({{"the event bus", write_.event_bus, false}});
  if (write_.commit_bus) end_all({{"the commit bus", write_.commit_bus, false}});
  end_all({{"the gateway", write_.gateway, false}});
  answer_all_waiting();
  if (not_ended_.empty()) env_.log->on_readable([](position) {});
  // Not in this thread, because the host's log sink may be what does not end.
  (void)home_->post([this] {
    if (not_ended_.empty()) env_.logger->info("closed at position {}", env_.log->durable());
    for (const auto& name : not_ended_) env_.logger->error("close: {} has not ended in time; the store stays open until it ends", name);
  });
}

std::vector<caf::actor*> engine::handles() {
  std::vector<caf::actor*> all{&write_.event_bus, &write_.commit_bus, &write_.index_writer, &follow_.image_maker,
                               &write_.loader,    &write_.drainer,    &write_.gateway,      &write_.journal.reader};
  for (auto& s : write_.shards) all.push_back(&s.reader);
  for (auto& p : projections_) all.push_back(&p.actor);
  for (auto& p : processes_) all.push_back(&p.actor);
  return all;
}

void engine::drop_actors() {
  constexpr std::chrono::milliseconds look_again{1};
  while (!parts_.simulated && home_->system().registry().running() > 0) std::this_thread::sleep_for(look_again);
  env_.log->on_readable([](position) {});
  for (auto* one : handles()) *one = nullptr;
  subscribed_.clear();
  write_.shards.clear();
  recipients_.clear();
  follow_ = {};
  upkeep_ = {};
  home_.reset();
  attachments_.clear();
}

void engine::unspawn() {
  env_.alive.closing = true;
  for (auto* one : handles())
    if (*one) caf::anon_send_exit(*one, caf::exit_reason::kill);
  drop_actors();
  env_.alive.closing = false;
  // Some may have followed the log already, so the cells are made again.
  for (auto& p : projections_) p.cell = new_cell(p.cell->owner, p.table.make());
  for (auto& p : processes_) {
    p.cell = new_cell(p.cell->owner, nullptr);
    seen_processes_->add(std::string{p.table.instance.category}, p.cell);
  }
}

engine::~engine() {
  close();
  if (home_) drop_actors();
}

void end_engine::operator()(engine* one) const {
  if (!one->is_ours()) return;
  if (!one->home_ || one->parts_.simulated) return delete one;
  const bool waits = may_wait(), was_closed = one->closed_;
  if (waits) one->close();
  // Closing and destroying share one deadline; destroying gets at least `least_to_end`, and only that if something was abandoned.
  const auto now = engine::steady::now();
  auto until = now + engine::least_to_end;
  if (one->not_ended_.empty()) until = std::max(until, was_closed ? now + one->env_.options.close_deadline : one->closing_ends_);
  const auto ended = std::make_shared<std::promise<void>>();
  auto thread = one->home_->finish([one, ended] {
    delete one;
    ended->set_value();
  });
  if (waits && ended->get_future().wait_until(until) == std::future_status::ready)
    thread.join();
  else
    thread.detach();
}

}  // namespace annals::detail
