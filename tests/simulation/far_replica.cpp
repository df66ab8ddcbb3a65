#include "far_replica.hpp"

#include "support/truth.hpp"

using namespace annals;
using namespace std::chrono_literals;

far_replica::far_replica(random_source& random, far_nodes& by, const store::memory_disk& source)
    : random_(random), nodes_(by), disk_(std::make_shared<store::memory_disk>(1)) {
  disk_->identity = source.identity;
  start();
}

void far_replica::start() {
  log_ = std::make_shared<store::memory_log>(disk_);
  // With few records at a time, decisions have to wait for theirs.
  copier_ =
      std::make_unique<net::copier>(*log_, random_.one_in(2) ? static_cast<std::uint64_t>(random_.between(1, 2'000)) : net::copier::usual_bytes);
  asked_.reset();
  has_to_write_ = false;
}

void far_replica::restart() {
  nodes_.crash_the_replicas_process();
  start();
  ++nodes_.counts().replica_crashes;
}

/// It does not let the source wait: that takes a thread.
void far_replica::ask() { asked_ = nodes_.replicas_client()->ask(net::call::pull, copier_->next(0ms), 2s); }

void far_replica::step() {
  if (!asked_ && !has_to_write_) return ask();
  if (has_to_write_ && random_.one_in(2)) return write();
  if (!asked_ || has_to_write_ || !asked_->is_answered()) return;
  take(std::exchange(asked_, nullptr)->await());
}

void far_replica::take(detail::outcome given) {
  if (!given) {
    const auto code = given.error().code;
    promise(code != errc::history_differs && code != errc::corrupt_record && code != errc::forbidden && code != errc::misuse,
            "a replica is refused: " + given.error().message());
    return;
  }
  const auto ok = copier_->take(std::move(given->bytes));
  promise(ok.has_value(), "a replica cannot take an answer: " + (ok ? "" : ok.error().message()));
  has_to_write_ = true;
  if (random_.one_in(2)) ask();  // its answer waits until this one is written
}

void far_replica::write() {
  const auto ok = copier_->write();
  has_to_write_ = !ok && ok.error().code == errc::storage_full;
  if (ok) nodes_.counts().copied = std::max(nodes_.counts().copied, disk_->records.size());
  if (!ok && !has_to_write_) restart();
}

void far_replica::act() {
  if (random_.one_in(3)) {
    log_->crash();
    return restart();
  }
  store::memory_faults faults;
  faults.no_space = static_cast<std::size_t>(random_.below(3));
  faults.drain_no_space = static_cast<std::size_t>(random_.below(3));
  faults.fail = random_.one_in(3);
  faults.drain_fails = random_.one_in(3);
  faults.failed_is_durable = random_.one_in(2);
  log_->set_faults(faults);
}

void far_replica::check(const store::memory_disk& source) const {
  promise(disk_->records.size() <= source.records.size() && std::equal(disk_->records.begin(), disk_->records.end(), source.records.begin()),
          "a replica has other records than its source");
}

bool far_replica::has_all(const store::memory_disk& source) const {
  return !has_to_write_ && log_->durable() == source.records.size() && disk_->control == source.control;
}

std::shared_ptr<store::memory_disk> far_replica::promoted() const {
  auto made = std::make_shared<store::memory_disk>(*disk_);
  made->identity.former.push_back({made->identity.history, made->records.size()});
  ++made->identity.history;
  return made;
}
