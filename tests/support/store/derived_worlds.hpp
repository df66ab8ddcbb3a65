// Every implementation of the derived store, for the common contract, and helpers that query them.
#pragma once

#include "store/derived/lmdb_derived_store.hpp"
#include "store/derived/memory_derived_store.hpp"
#include "support/outcomes.hpp"
#include "support/store/disk_faults.hpp"
#include "support/store/kept_run.hpp"
#include "support/temporary_directory.hpp"

#include <boost/mpl/list.hpp>

#include <cerrno>

namespace derived_worlds {

using namespace annals;
using namespace annals::store;

inline const log_identity someone{std::string(32, 'a'), 7, {}, 1};

class store_on_disk {
public:
  store_on_disk() : store_(lmdb_derived_store::create(directory_.path, someone, {map_bytes}).value()) {}
  derived_store& get() { return *store_; }
  void reopen() {
    store_.reset();
    store_ = lmdb_derived_store::open(directory_.path, someone, {map_bytes}).value();
  }
  std::unique_ptr<disk_faults::armed> failing() {
    return std::make_unique<disk_faults::armed>(disk_faults::fault{disk_faults::step::page, 1, ENOSPC});
  }

private:
  static constexpr std::uint64_t map_bytes = std::uint64_t{1} << 30;
  temporary_directory directory_;
  std::unique_ptr<lmdb_derived_store> store_;
};

class store_in_memory {
public:
  derived_store& get() { return *store_; }
  void reopen() { store_ = std::make_unique<memory_derived_store>(disk_); }
  std::unique_ptr<int> failing() {
    store_->failing_flushes = 1;
    return nullptr;
  }

private:
  std::shared_ptr<memory_derived_disk> disk_ = std::make_shared<memory_derived_disk>();
  std::unique_ptr<memory_derived_store> store_ = std::make_unique<memory_derived_store>(disk_);
};

using every_derived_store = boost::mpl::list<store_on_disk, store_in_memory>;

inline positions positions_of(const stream_index& from, std::string_view stream, version first, std::size_t max = 1'000) {
  positions found;
  from.positions(stream, first, max, found).value();
  return found;
}

using listing = std::vector<std::pair<std::string, version>>;
inline listing streams_of(const stream_index& from, std::string_view prefix, std::size_t max = 1'000, std::string_view after = {}) {
  listing found;
  from.streams(prefix, after,
               [&](std::string_view name, version newest) {
                 found.emplace_back(name, newest);
                 return found.size() < max;
               })
      .value();
  return found;
}

inline void write(derived_store& to, std::vector<kept_run> runs, derived_mark mark = {1, 1}, std::vector<named_checkpoint> checkpoints = {}) {
  to.flush(runs_of(runs), checkpoints, mark).value();
}

}  // namespace derived_worlds
