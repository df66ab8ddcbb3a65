// The engines of the tests, compiled once: each test file would otherwise compile the tables of the small domain again.
#include "support/memory_engine.hpp"

#include "support/virtual_engine.hpp"

memory_engine::memory_engine(const memory_store& on, annals::options with, const std::function<void(annals::detail::engine&)>& more,
                             annals::timestamp at, bool has_front)
    : now(at) {
  log = std::make_shared<annals::store::memory_log>(on.log, has_front);
  index = std::make_shared<annals::store::memory_derived_store>(on.index);
  images = std::make_shared<annals::store::memory_images>(on.images);
  annals::detail::engine_parts parts;
  parts.store = log;
  parts.log = log.get();
  parts.derived = index.get();
  parts.images = images.get();
  parts.history = log->identity().history;
  parts.former = log->identity().former;
  parts.now = [this] { return now.load(); };
  engine = std::make_unique<annals::detail::engine>(std::move(parts), std::move(with));
  engine->add(annals::detail::table_of_aggregate<world::counter>()).value();
  engine->add(annals::detail::table_of_projection<world::sums>()).value();
  if (more) more(*engine);
  engine->begin().value();
  engine->wait_until_caught_up().value();
}

virtual_engine::virtual_engine(const memory_store& on, bool has_front, const std::function<void(annals::detail::engine&)>& more,
                               annals::options with) {
  log_ = std::make_shared<annals::store::memory_log>(on.log, has_front);
  index_ = std::make_shared<annals::store::memory_derived_store>(on.index);
  images_ = std::make_shared<annals::store::memory_images>(on.images);
  annals::detail::engine_parts parts;
  parts.store = log_;
  parts.log = log_.get();
  parts.derived = index_.get();
  parts.images = images_.get();
  parts.history = log_->identity().history;
  parts.former = log_->identity().former;
  parts.now = [this] { return now; };
  parts.steady = [this] { return steady_; };
  parts.simulated = true;
  parts.trace_seed = 1;
  engine_ = std::make_unique<annals::detail::engine>(std::move(parts), std::move(with));
  engine_->add(annals::detail::table_of_aggregate<world::counter>()).value();
  if (more) more(*engine_);
  engine_->begin().value();
  settle();
}
