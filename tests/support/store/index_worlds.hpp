// Every index implementation, for the common contract, and helpers that query them.
#pragma once

#include "store/derived/lmdb_index.hpp"
#include "store/derived/memory_index.hpp"
#include "support/store/disk_faults.hpp"
#include "support/store/kept_run.hpp"
#include "support/temporary_directory.hpp"

#include <boost/mpl/list.hpp>

#include <cerrno>

namespace index_worlds {

using namespace annals;
using namespace annals::store;

inline const identity someone{std::string(32, 'a'), 7, {}, 1};

class index_on_disk {
public:
  index_on_disk() : index_(lmdb_index::create(directory_.path, someone, {map_bytes}).value()) {}
  annals::store::index& get() { return *index_; }
  void reopen() {
    index_.reset();
    index_ = lmdb_index::open(directory_.path, someone, {map_bytes}).value();
  }
  std::unique_ptr<disk_faults::armed> failing() {
    return std::make_unique<disk_faults::armed>(disk_faults::fault{disk_faults::step::page, 1, ENOSPC});
  }

private:
  static constexpr std::uint64_t map_bytes = std::uint64_t{1} << 30;
  temporary_directory directory_;
  std::unique_ptr<lmdb_index> index_;
};

class index_in_memory {
public:
  annals::store::index& get() { return *index_; }
  void reopen() { index_ = std::make_unique<memory_index>(disk_); }
  std::unique_ptr<int> failing() {
    index_->failing_flushes = 1;
    return nullptr;
  }

private:
  std::shared_ptr<memory_index_disk> disk_ = std::make_shared<memory_index_disk>();
  std::unique_ptr<memory_index> index_ = std::make_unique<memory_index>(disk_);
};

using every_index = boost::mpl::list<index_on_disk, index_in_memory>;
using positions = std::vector<position>;

inline positions positions_of(const annals::store::index& from, std::string_view stream, version first, std::size_t max = 1'000) {
  positions found;
  from.positions(stream, first, max, found).value();
  return found;
}

using listing = std::vector<std::pair<std::string, version>>;
inline listing streams_of(const annals::store::index& from, std::string_view prefix, std::size_t max = 1'000, std::string_view after = {}) {
  listing found;
  from.streams(prefix, after, [&](std::string_view name, version newest) {
        found.emplace_back(name, newest);
        return found.size() < max;
      }).value();
  return found;
}

inline void write(annals::store::index& to, std::vector<kept_run> runs, derived_mark mark = {1, 1},
                  std::vector<named_checkpoint> checkpoints = {}) {
  to.flush(runs_of(runs), checkpoints, mark).value();
}

}  // namespace index_worlds
