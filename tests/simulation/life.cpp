#include "life.hpp"

#include "actors/processes/process_manager.hpp"
#include "config/hosted.hpp"
#include "doubtful.hpp"

#include <annals/runtime.hpp>
#include <bank/transfer.hpp>
#include <projections/balances.hpp>
#include <projections/order_board.hpp>
#include <projections/stock_levels.hpp>
#include <shop/fulfilment.hpp>
#include <shop/restocking.hpp>

#include <algorithm>
#include <limits>
#include <string_view>

namespace {

using namespace annals::detail;

void host_all(engine& e) {
  e.host(annals::config::hosted()
             .only({"account", "transfer", "transferring", "order", "inventory", "payment", "delivery", "fulfilment", "restocking", "balances",
                    "order_board", "stock_levels"})
             .value())
      .value();
  e.add(table_of_projection<doubts_events>()).value();
  e.add(table_of_projection<doubts_streams>()).value();
  e.add(table_of_process<cautious>()).value();
}

/// The answers to commands in the message that this job handles next, if that is a process manager's.
std::size_t answers_in(caf::resumable* job) {
  using annals::actors::requests;
  auto* actor = dynamic_cast<caf::scheduled_actor*>(job);
  if (!actor || std::string_view{actor->name()} != annals::actors::process_manager_state::name) return 0;
  const auto* next = actor->peek_at_next_mailbox_element();
  if (!next || !next->content().match_elements<annals::actors::answers>()) return 0;
  const auto& all = next->content().get_as<annals::actors::answers>(0).list;
  return static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), [](const auto& one) { return requests::kind_of(one.number) == requests::kind::attempt; }));
}

}  // namespace

life::life(disk& on, random_source& random, annals::options with)
    : disk_(on),
      random_(random),
      log_(std::make_shared<annals::store::memory_log>(on.log, random.one_in(2))),
      index_(std::make_shared<annals::store::memory_derived_store>(on.index)),
      images_(std::make_shared<annals::store::memory_images>(on.images)) {
  begun_after_ = log_->durable();
  engine_parts parts;
  parts.store = log_;
  parts.log = log_.get();
  parts.derived = index_.get();
  parts.images = images_.get();
  parts.history = log_->identity().history;
  parts.former = log_->identity().former;
  parts.now = [this] { return disk_.now; };
  parts.simulated = true;
  parts.run_jobs = [this] {
    while (!scheduler().jobs.empty()) run_next();
  };
  parts.trace_seed = random_.number();
  engine_ = std::make_unique<annals::detail::engine>(std::move(parts), std::move(with));
  host_all(*engine_);
  engine_->begin().value();
}

life::~life() { close(); }

caf::scheduler::test_coordinator& life::scheduler() { return dynamic_cast<caf::scheduler::test_coordinator&>(engine_->system().scheduler()); }

bool life::run_one() {
  auto& jobs = scheduler().jobs;
  if (jobs.empty()) return false;
  const auto picked = jobs.begin() + static_cast<std::ptrdiff_t>(random_.below(jobs.size()));
  std::rotate(jobs.begin(), picked, picked + 1);
  run_next();
  return true;
}

/// One job is one message.
void life::run_next() {
  auto& jobs = scheduler().jobs;
  answers_to_processes_ += answers_in(jobs.front());
  scheduler().run_once();
}

void life::pass_time(std::chrono::microseconds time) {
  disk_.now += time.count();
  scheduler().advance_time(time);
}

bool life::settle() {
  constexpr std::chrono::seconds step{1};
  constexpr std::chrono::hours enough{2};  // every timer of the domains has gone off
  for (std::chrono::microseconds passed{0}; passed < enough; passed += step) {
    while (run_one()) {
    }
    if (engine_->is_settled() || has_stopped()) return true;
    pass_time(step);
  }
  return false;
}

void life::crash() {
  log_->crash();
  index_->failing_flushes = std::numeric_limits<std::size_t>::max();
  images_->failing = true;
}
