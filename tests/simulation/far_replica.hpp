// A replica on another node: it copies the log of the served engine, while links are lost, its disk is full or fails, and its process ends
// where it stands. Its log is always a prefix of the source's.
#pragma once

#include "far_nodes.hpp"
#include "net/replica/copier.hpp"
#include "store/log/memory_log.hpp"

#include <memory>
#include <string>
#include <vector>

class far_replica {
public:
  /// An empty copy of the log on this disk.
  far_replica(random_source& random, far_nodes& by, const annals::store::memory_disk& source);

  /// Makes one step, if there is one.
  void step();
  /// Makes its disk fail, or ends its process and starts another.
  void act();
  /// Ends the present faults; no new ones follow.
  void heal() { log_->set_faults({}); }
  /// Whether it has everything that the source has.
  bool has_all(const annals::store::memory_disk& source) const;
  /// Promises that its log is a prefix of the source's, byte for byte.
  void check(const annals::store::memory_disk& source) const;
  /// What a store is that begins a history where the copy ends: as promote() makes it.
  std::shared_ptr<annals::store::memory_disk> promoted() const;

private:
  void start();
  void restart();
  void ask();
  void take(annals::detail::outcome given);
  void write();

  random_source& random_;
  far_nodes& nodes_;
  std::shared_ptr<annals::store::memory_disk> disk_;
  std::shared_ptr<annals::store::memory_log> log_;
  std::unique_ptr<annals::net::copier> copier_;
  std::shared_ptr<annals::detail::waiter> asked_;
  bool has_to_write_ = false;
};
