// How a run ends well: nothing goes wrong any more, so all that was begun comes to its end.
#include "figures.hpp"
#include "simulation.hpp"

using namespace annals;

/// Every call from another node is answered, and every answer confirmed.
void simulation::end_of_calls() {
  for (std::size_t steps = 0; !far_.is_settled(); ++steps) {
    promise(steps < steps_max, "calls from other nodes are not answered when nothing is wrong any more");
    far_.pass(std::chrono::milliseconds{1});
    go_on(std::chrono::milliseconds{20});
  }
  senders_.listen(far_);
}

void simulation::end_of_copying() {
  replica_.heal();
  for (std::size_t steps = 0; !replica_.has_all(*disk_.log); ++steps) {
    promise(steps < steps_max, "a replica does not catch up when nothing is wrong any more");
    replica_.step();
    far_.pass(std::chrono::milliseconds{1});
    go_on(std::chrono::milliseconds{1});
  }
  replica_.check(*disk_.log);
}

/// The owner is gone for good: its replica goes on, and does nothing again.
void simulation::promote_the_replica() {
  disk_.log = replica_.promoted();
  disk_.index = std::make_shared<store::memory_derived_disk>();
  disk_.images = std::make_shared<store::memory_image_disk>();
  const auto before = disk_.log->records.size();
  deciders_.begin_life(*disk_.log);
  life_.emplace(disk_, random_, options_for(random_));
  promise(life_->settle(), "a promoted replica does not settle");
  promise(disk_.log->records.size() == before, "a promoted replica does again what was done");
  check_models();
  check_followers_at_head(life_->engine(), before);
  life_->close();
  check_commands(life_->engine(), life_->answers_to_processes());
  life_.reset();
  ++far_.counts().promotions;
}

/// Nothing goes wrong any more: all callers come to know, and all that was begun ends.
void simulation::end_well() {
  life_->log().set_faults({});
  life_->log().release();
  life_->index().failing_flushes = 0;
  life_->images().failing = false;
  far_.heal();
  for (std::size_t steps = 0; !callers_.all_know(); ++steps) {
    promise(steps < steps_max, "callers still wait when nothing is wrong any more");
    callers_.act(*life_, far_, truth_);
    far_.pass(std::chrono::microseconds{100});
    go_on(std::chrono::milliseconds{100});
    if (life_->has_stopped()) live_again();
  }
  promise(life_->settle(), "the runtime does not settle");
  if (life_->has_stopped()) {  // a commit had failed before, and the news of it was still on its way
    live_again();
    promise(life_->settle(), "the runtime does not settle in its next life");
  }
  life_->pass_time(std::chrono::seconds{2});  // who still waits for space tries again, and finds it
  while (life_->run_one()) {
  }
  end_of_calls();
  promise(life_->settle(), "the runtime does not settle when nobody calls any more");
  callers_.listen(*life_);
  for (std::size_t steps = 0; !deciders_.finish(*life_); ++steps) {
    promise(steps < steps_max, "what is parked does not come to an end");
    go_on(std::chrono::milliseconds{20});
  }
  promise(life_->settle(), "the runtime does not settle when nothing is parked any more");
  for (std::size_t steps = 0; !subscribers_.finish(*life_); ++steps) {
    promise(steps < steps_max, "subscribers do not come to an end");
    go_on(std::chrono::milliseconds{20});
  }
  follow_log();
  check_models();
  check_figures();
  check_followers_at_head(life_->engine(), disk_.log->records.size());
  const auto health = life_->engine().health();
  for (const auto& list : {health.projections, health.processes})
    for (const auto& one : list) promise(!one.stopped, one.name + " has stopped: " + (one.stopped ? one.stopped->message() : ""));
  // Events that subscribers have parked stay parked, so health().well() is false here, as it should be.
  promise(!health.storage_full && !health.journal_stopped, "the runtime is not well: " + std::string{health.storage_full ? "storage_full" : ""} +
                                                               (health.journal_stopped ? health.journal_stopped->message() : ""));
  end_of_copying();
  end_life();
  if (random_.one_in(4)) promote_the_replica();
  truth_.order.check_end();
  truth_.bank.check_end();
  truth_.shop.check_end();
  callers_.check_end(truth_);
  senders_.check_end(disk_.log->records);
  subscribers_.check_end(disk_.log->records);
  deciders_.check_end(disk_.log->records);
}
