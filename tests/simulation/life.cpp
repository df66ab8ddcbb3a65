#include "life.hpp"

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

}  // namespace

life::life(disk& on, random_source& random, annals::options with)
    : disk_(on),
      random_(random),
      log_(std::make_shared<annals::store::memory_log>(on.log, random.one_in(2))),
      index_(std::make_shared<annals::store::memory_derived_store>(on.index)),
      images_(std::make_shared<annals::store::memory_images>(on.images)) {
  engine_parts parts;
  parts.store = log_;
  parts.log = log_.get();
  parts.derived = index_.get();
  parts.images = images_.get();
  parts.history = log_->identity().history;
  parts.former = log_->identity().former;
  parts.now = [this] { return disk_.now; };
  parts.simulated = true;
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
  scheduler().run_once();
  return true;
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
