// One life of a runtime with the bank and the shop, from its opening to its end, under CAF's testing scheduler: one
// thread, virtual time, and the next job is picked by chance. What it stands on survives it.
#pragma once

#include "actors/host/engine.hpp"
#include "random.hpp"
#include "store/derived/memory_derived_store.hpp"
#include "store/derived/memory_images.hpp"
#include "store/log/memory_log.hpp"

#include <caf/scheduler/test_coordinator.hpp>

#include <chrono>
#include <memory>

struct disk {
  std::shared_ptr<annals::store::memory_disk> log;
  std::shared_ptr<annals::store::memory_derived_disk> index = std::make_shared<annals::store::memory_derived_disk>();
  std::shared_ptr<annals::store::memory_image_disk> images = std::make_shared<annals::store::memory_image_disk>();
  annals::timestamp now = 1'700'000'000'000'000;

  explicit disk(std::uint64_t seed) : log(std::make_shared<annals::store::memory_disk>(seed)) {}
};

class life {
public:
  life(disk& on, random_source& random, annals::options with);
  ~life();

  annals::detail::engine& engine() { return *engine_; }
  const annals::store::memory_log& log() const { return *log_; }
  annals::store::memory_log& log() { return *log_; }
  annals::store::memory_derived_store& index() { return *index_; }
  annals::store::memory_images& images() { return *images_; }

  /// The head of the log when the life began.
  annals::position begun_after() const { return begun_after_; }
  annals::timestamp time() const { return disk_.now; }

  /// Runs one job, picked by chance; false when there is none.
  bool run_one();
  /// How many answers to their commands have reached process managers.
  std::size_t answers_to_processes() const { return answers_to_processes_; }
  void pass_time(std::chrono::microseconds time);
  /// Until every job has run and nothing is under way, time passing as it must. False when that does not come about.
  bool settle();
  /// The machine loses power: nothing written from now on is there in the next life.
  void crash();
  /// Answers nobody waits for any more are given all the same.
  void close() { engine_->close(); }
  bool has_stopped() const { return engine_->health().journal_stopped.has_value(); }

private:
  caf::scheduler::test_coordinator& scheduler();
  /// Runs the first job.
  void run_next();

  disk& disk_;
  random_source& random_;
  std::shared_ptr<annals::store::memory_log> log_;
  std::shared_ptr<annals::store::memory_derived_store> index_;
  std::shared_ptr<annals::store::memory_images> images_;
  annals::position begun_after_ = 0;
  std::size_t answers_to_processes_ = 0;
  std::unique_ptr<annals::detail::engine> engine_;
};
