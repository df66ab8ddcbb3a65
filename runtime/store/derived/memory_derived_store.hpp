// The derived store in memory, for simulation and for tests of failures. Thread-safe, as every derived store.
#pragma once

#include "store/derived/derived_store.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>

namespace annals::store {

/// What survives a crash. Outlives the stores opened on it.
struct memory_derived_disk {
  std::map<std::string, std::vector<position>, std::less<>> streams;  // position of version i + 1 is at index i
  std::map<std::string, position, std::less<>> checkpoints;
  std::map<std::pair<std::string, version>, snapshot> snapshots;
  std::map<std::string, std::vector<parked_event>, std::less<>> parked;
  derived_mark mark;
};

class memory_derived_store final : public derived_store {
public:
  explicit memory_derived_store(std::shared_ptr<memory_derived_disk> disk) : disk_(std::move(disk)) {}

  derived_mark mark() const override;
  result<void> flush(std::span<const stream_run> runs, std::span<const named_checkpoint> checkpoints, derived_mark mark) override;
  result<void> positions(std::string_view stream, version from, std::size_t max, std::vector<position>& out) const override;
  result<void> streams(std::string_view prefix, std::string_view after, const std::function<bool(std::string_view, version)>& visit) const override;
  result<void> runs(std::string_view stream, version from, const std::function<bool(const stream_run&)>& visit) const override;
  result<void> write_snapshots(std::span<const snapshot> taken, std::size_t kept) override;
  result<std::optional<snapshot>> snapshot_of(std::string_view stream, version newest) const override;
  result<void> snapshots(const std::function<bool(const snapshot&)>& visit) const override;
  result<void> write_parked(std::string_view name, std::span<const parked_event> all) override;
  result<void> parked(const std::function<bool(std::string_view, const parked_event&)>& visit) const override;
  position checkpoint(std::string_view name) const override;
  result<std::vector<named_checkpoint>> checkpoints() const override;

  std::atomic<std::size_t> failing_flushes{0};  ///< this many of the next flush(), write_snapshots() and write_parked() calls fail
  std::atomic<std::size_t> runs_at_once{0};     ///< the most runs in one flush
  std::atomic<std::size_t> contradictions{0};   ///< flushes that contradicted what was there

private:
  mutable std::mutex mutex_;
  std::shared_ptr<memory_derived_disk> disk_;
};

}  // namespace annals::store
