// Finished spans between those who make them and the one who exports them: a bounded queue for any number of writers. Nobody waits.
#pragma once

#include "telemetry/cells.hpp"

#include <annals/trace.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>

namespace annals::telemetry {

class span_ring final : public span_queue {
public:
  static constexpr std::size_t places_of_a_runtime = 16'384;

  /// `places`: a power of two. They take memory from the first put() on.
  explicit span_ring(std::size_t places = places_of_a_runtime) : mask_(places - 1) {}

  /// Never waits. Drops the span and counts it if all places are taken.
  void put(trace_span&& one) noexcept;

  std::vector<trace_span> take(std::size_t max) override;
  std::size_t size() const override;
  void exported(std::uint64_t spans) override { exported_.add(spans); }
  void failed(std::uint64_t spans) override { failed_.add(spans); }

  const shared_counter& exported() const { return exported_; }
  const shared_counter& failed() const { return failed_; }
  const shared_counter& dropped() const { return dropped_; }

private:
  /// Free for the writer that comes as number `turn`, or filled by the one that came as number `turn` - 1.
  struct place {
    std::atomic<std::size_t> turn{0};
    trace_span span;
  };
  place* places();

  const std::size_t mask_;
  std::once_flag made_;
  std::unique_ptr<place[]> owned_;
  std::atomic<place*> places_{nullptr};
  std::atomic<std::size_t> put_{0};
  std::atomic<std::size_t> taken_{0};
  std::mutex taking_;  // readers only
  shared_counter exported_, failed_, dropped_;
};

}  // namespace annals::telemetry
