// The logs that pass one contract, each with the means to make its disk fail, lose records and damage them.
#pragma once

#include "store/log/front_log.hpp"
#include "store/log/lmdb_log.hpp"
#include "store/log/memory_log.hpp"
#include "support/store/disk_faults.hpp"
#include "support/store/sealed.hpp"
#include "support/temporary_directory.hpp"

#include <cerrno>
#include <filesystem>
#include <memory>
#include <optional>

namespace worlds {

/// Changes or removes a record of an LMDB log that nobody has open, without checks.
inline void change_event(const std::filesystem::path& directory, annals::position at, bool remove) {
  MDB_env* env = nullptr;
  MDB_txn* txn = nullptr;
  MDB_dbi events = 0;
  mdb_env_create(&env);
  mdb_env_set_maxdbs(env, 8);
  mdb_env_open(env, directory.c_str(), 0, 0644);
  mdb_txn_begin(env, nullptr, 0, &txn);
  mdb_dbi_open(txn, "events", MDB_INTEGERKEY, &events);
  MDB_val key{sizeof at, &at}, val{};
  if (mdb_get(txn, events, &key, &val) != 0) annals::detail::broken("no such event to change");
  std::string bytes{static_cast<const char*>(val.mv_data), val.mv_size};
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  val = {bytes.size(), bytes.data()};
  if ((remove ? mdb_del(txn, events, &key, nullptr) : mdb_put(txn, events, &key, &val, 0)) != 0 || mdb_txn_commit(txn) != 0)
    annals::detail::broken("the event cannot be changed");
  mdb_env_close(env);
}

/// A log in a directory of its own.
template <class Log>
class in_directory {
public:
  annals::store::log& log() { return *log_; }
  void reopen() {
    close();
    open();
  }
  void close() { log_.reset(); }
  void damage(annals::position at) { change(at, false); }
  void lose(annals::position at) { change(at, true); }
  std::filesystem::path directory() const { return directory_ / "log"; }

protected:
  in_directory() { std::filesystem::create_directory(directory()); }
  void open() { log_ = Log::open(directory(), {std::uint64_t{1} << 30}).value(); }

private:
  void change(annals::position at, bool remove) {
    log_.reset();
    change_event(directory(), at, remove);
    open();
  }
  temporary_directory directory_;
  std::unique_ptr<Log> log_;
};

class on_disk : public in_directory<annals::store::lmdb_log> {
public:
  static constexpr bool may_run_out_of_space = true;
  on_disk() {
    annals::store::lmdb_log::create(directory()).value();
    open();
  }
  /// While the returned object lives, this many commits find no space.
  std::unique_ptr<disk_faults::armed> full_for(std::size_t commits) {
    return std::make_unique<disk_faults::armed>(disk_faults::fault{disk_faults::step::page, commits, ENOSPC});
  }
  /// While the returned object lives, the next commit fails; its effect is there, or not.
  std::unique_ptr<disk_faults::armed> failing(bool durable_all_the_same) {
    return std::make_unique<disk_faults::armed>(disk_faults::fault{disk_faults::step::synced, 1, EIO, durable_all_the_same});
  }
  /// The same for drains.
  auto full_for_drains(std::size_t drains) { return full_for(drains); }
  auto failing_drain(bool durable_all_the_same) { return failing(durable_all_the_same); }
};

/// A front (the write-ahead log) with LMDB. The front has its space from the beginning: a commit never runs out of space.
class with_a_front : public in_directory<annals::store::front_log> {
public:
  static constexpr bool may_run_out_of_space = false;
  static constexpr std::uint64_t ring_bytes = std::uint64_t{1} << 20;
  with_a_front() {
    annals::store::front_log::create(directory(), ring_bytes).value();
    open();
  }
  std::unique_ptr<int> full_for(std::size_t) { return nullptr; }
  std::unique_ptr<disk_faults::armed> failing(bool durable_all_the_same) {
    return std::make_unique<disk_faults::armed>(disk_faults::fault{disk_faults::step::synced, 1, EIO, durable_all_the_same});
  }
  /// LMDB still depends on the disk.
  std::unique_ptr<disk_faults::armed> full_for_drains(std::size_t drains) {
    return std::make_unique<disk_faults::armed>(disk_faults::fault{disk_faults::step::page, drains, ENOSPC});
  }
  std::unique_ptr<disk_faults::armed> failing_drain(bool durable_all_the_same) {
    return std::make_unique<disk_faults::armed>(disk_faults::fault{disk_faults::step::synced, 1, EIO, durable_all_the_same});
  }
};

class in_memory {
public:
  static constexpr bool may_run_out_of_space = true;
  in_memory() { reopen(); }
  annals::store::log& log() { return *log_; }
  /// As after a crash: only what is durable is left.
  void reopen() { log_ = std::make_unique<annals::store::memory_log>(disk_); }
  std::unique_ptr<int> full_for(std::size_t commits) {
    log_->set_faults({.no_space = commits});
    return nullptr;
  }
  std::unique_ptr<int> failing(bool durable_all_the_same) {
    log_->set_faults({.fail = true, .failed_is_durable = durable_all_the_same});
    return nullptr;
  }
  std::unique_ptr<int> full_for_drains(std::size_t drains) {
    log_->set_faults({.drain_no_space = drains});
    return nullptr;
  }
  std::unique_ptr<int> failing_drain(bool durable_all_the_same) {
    log_->set_faults({.failed_is_durable = durable_all_the_same, .drain_fails = true});
    return nullptr;
  }
  void damage(annals::position at) {
    auto& bytes = disk_->records[at - 1];
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
  }
  annals::store::memory_log& memory() { return *log_; }

private:
  std::shared_ptr<annals::store::memory_disk> disk_ = std::make_shared<annals::store::memory_disk>(1);
  std::unique_ptr<annals::store::memory_log> log_;
};

}  // namespace worlds
