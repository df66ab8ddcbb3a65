#include "benchmarks/commands.hpp"

#include "benchmarks/histogram.hpp"
#include "benchmarks/limits.hpp"
#include "benchmarks/must.hpp"
#include "projections/balances.hpp"

#include <annals/runtime.hpp>
#include <bank/account.hpp>

#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

namespace bench {
namespace {

using steady = std::chrono::steady_clock;

/// Keeps `in_flight` commands under way: each answer sends the next. Which account is next is the same each time.
class closed_loop {
public:
  closed_loop(annals::runtime& rt, std::size_t aggregates) : rt_(rt), times_(std::make_unique<histogram>()) {
    for (std::size_t i = 0; i < aggregates; ++i) keys_.push_back(std::to_string(i));
  }

  void open_accounts() {
    for (std::size_t begin = 0; begin < keys_.size(); begin += opened_at_once) {
      std::vector<annals::pending<annals::receipt>> sent;
      for (auto i = begin; i < std::min(begin + opened_at_once, keys_.size()); ++i)
        sent.push_back(rt_.send<bank::account>(keys_[i], bank::open_account{"owner"}));
      for (auto& s : sent) must(s.get());
    }
  }

  /// Runs for so long, waits for all that is in flight, and returns how long that took.
  double run(std::size_t in_flight, double seconds) {
    times_ = std::make_unique<histogram>();
    left_ = in_flight;
    const auto begin = steady::now();
    end_ = begin + std::chrono::duration_cast<steady::duration>(std::chrono::duration<double>(seconds));
    for (std::size_t i = 0; i < in_flight; ++i) send_next();
    std::unique_lock lock{mutex_};
    ended_.wait(lock, [&] { return left_ == 0; });
    return std::chrono::duration<double>(steady::now() - begin).count();
  }

  const histogram& times() const { return *times_; }

private:
  static constexpr std::size_t opened_at_once = 10'000;

  void send_next() {
    const auto n = next_.fetch_add(1, std::memory_order_relaxed);
    const auto& key = keys_[((n * 0x9E3779B97F4A7C15ull) >> 20) % keys_.size()];
    const auto began = steady::now();
    rt_.send<bank::account>(key, bank::deposit{1, {}}, {.id = "d-" + std::to_string(n)})
        .then([this, began](const annals::result<annals::receipt>& answer) { take(began, answer); });
  }

  /// Answers come in one thread, the gateway's; but for those that are there before then() is called.
  void take(steady::time_point began, const annals::result<annals::receipt>& answer) {
    must(answer);
    const auto now = steady::now();
    {
      const std::lock_guard lock{mutex_};
      times_->add(static_cast<std::uint64_t>(std::chrono::nanoseconds(now - began).count()));
      if (now >= end_) {
        if (--left_ == 0) ended_.notify_all();
        return;
      }
    }
    send_next();
  }

  annals::runtime& rt_;
  std::vector<std::string> keys_;
  std::unique_ptr<histogram> times_;
  std::atomic<std::uint64_t> next_{0};
  std::mutex mutex_;
  std::condition_variable ended_;
  std::size_t left_ = 0;
  steady::time_point end_;
};

std::uint64_t peak_memory() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace

commands_figures measure_commands(const commands_options& with) {
  const auto store = with.directory / "commands-store";
  std::filesystem::remove_all(store);
  commands_figures figures;
  {
    auto rt = must(annals::runtime::open(store, with.runtime));
    must(rt.host<bank::account>());
    must(rt.project<projections::balances>());
    must(rt.start());
    closed_loop loop{rt, with.aggregates};
    loop.open_accounts();
    if (with.warm_up_seconds > 0) loop.run(with.in_flight, with.warm_up_seconds);
    const auto before = rt.health();
    const auto took = loop.run(with.in_flight, with.seconds);
    const auto after = rt.health();
    figures.commands = loop.times().total();
    figures.commands_per_second = static_cast<double>(figures.commands) / took;
    figures.p50_us = loop.times().percentile_us(50);
    figures.p99_us = loop.times().percentile_us(99);
    figures.max_us = loop.times().max_us();
    const auto commits = after.commits - before.commits;
    figures.commits_per_second = static_cast<double>(commits) / took;
    figures.mean_batch = static_cast<double>(after.durable - before.durable) / static_cast<double>(std::max<std::uint64_t>(commits, 1));
    figures.projection_behind = after.durable - after.projections.front().at;
    figures.peak_memory_bytes = peak_memory();
    // The raw figure below appends records of the same size.
    std::uint64_t bytes = 0, records = 0;
    must(rt.log(before.durable + 1, 100'000, [&](const annals::record_view& r) {
      bytes += r.stored_bytes;
      return ++records > 0;
    }));
    figures.mean_record_bytes = static_cast<double>(bytes) / static_cast<double>(std::max<std::uint64_t>(records, 1));
    rt.close();
  }
  std::filesystem::remove_all(store);
  const auto batch = std::max<std::size_t>(1, static_cast<std::size_t>(figures.mean_batch + 0.5));
  figures.raw_lmdb_per_second = measure_raw_lmdb(with.directory, static_cast<std::size_t>(figures.mean_record_bytes), batch,
                                                 std::min(with.seconds, 2.0));
  return figures;
}

}  // namespace bench
