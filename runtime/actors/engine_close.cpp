// Closing: intake first, then what is in flight, then the actors from the hosts' side to the disk's.
#include "actors/engine.hpp"

#include <caf/scheduler/test_coordinator.hpp>
#include <spdlog/logger.h>

namespace annals::detail {
namespace {

/// Waits until the actor has ended.
bool ended(caf::actor_system& system, const caf::actor& actor) {
  caf::scoped_actor self{system};
  self->monitor(actor);
  bool down = false;
  self->receive([&](const caf::down_msg&) { down = true; }, caf::after(engine::watchdog) >> [] {});
  return down;
}

}  // namespace

void engine::stop_actor(const caf::actor& actor, bool by_message) {
  if (by_message)
    caf::anon_send(actor, actors::stop_now::value);
  else
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  if (parts_.simulated)
    run_simulated();
  else if (!ended(*system_, actor))
    env_.logger->error("close: {} does not end", to_string(actor));
}

void engine::run_simulated() { dynamic_cast<caf::scheduler::test_coordinator&>(system_->scheduler()).run(); }

void engine::close() {
  if (begun_ && !parts_.simulated && !may_wait()) {  // what runs here would wait for itself
    gateway_->refuse_from_now(error{errc::closed, "the runtime is closed"});
    return env_.logger->error("close: {}", must_not_wait("close()").message());
  }
  if (closed_.exchange(true)) return;
  env_.alive.closing = true;
  gateway_->refuse_from_now(error{errc::closed, "the runtime is closed"});
  if (!begun_) return;
  for (auto& p : projections_) caf::anon_send(p.actor, actors::closes::value);
  if (!parts_.simulated) {
    // While there is no space nothing in flight can end: the journal answers it `not_written` below.
    if (!env_.alive.storage_full()) (void)env_.news.wait(env_.options.close_deadline, [&] { return gateway_->in_flight() == 0; });
  }
  env_.news.end(error{errc::closed, "the runtime is closed"});
  close_subscriptions();
  for (auto& p : processes_) stop_actor(p.actor, true);
  for (auto& p : projections_) stop_actor(p.actor, true);
  stop_actor(env_.image_maker, true);  // behind what they have handed it
  for (auto& s : env_.shards) {
    stop_actor(s.reader, false);
    s.close();
  }
  stop_actor(env_.journal.reader, true);
  env_.journal.close();
  stop_actor(env_.drainer, true);
  for (auto& s : subscribed_) stop_actor(s, true);  // they ended when the drainer had kept what they had
  stop_actor(env_.loader, true);  // hands its tail to the index writer, which ends behind it
  stop_actor(env_.index_writer, true);
  stop_actor(env_.event_bus, false);
  stop_actor(env_.gateway, false);
  gateway_->fail_all(error{errc::closed, "the runtime was closed before an answer came"});
  env_.log->on_readable([](position) {});
}

/// The handles go before their system does; until here a late caller may still hold on to them.
engine::~engine() {
  close();
  for (auto& p : processes_) p.actor = nullptr;
  for (auto& p : projections_) p.actor = nullptr;
  subscribed_.clear();
  env_.shards.clear();
  env_.recipients.clear();
  for (auto* actor : {&env_.journal.reader, &env_.drainer, &env_.loader, &env_.index_writer, &env_.image_maker, &env_.event_bus,
                      &env_.gateway})
    *actor = nullptr;
  system_.reset();
}

}  // namespace annals::detail
