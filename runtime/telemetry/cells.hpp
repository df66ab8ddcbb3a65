// What the parts of a runtime count and measure: cells that their writers update without a lock, and that anybody may read at any time.
// Nothing here exports anything: runtime::metrics() reads the cells.
#pragma once

#include <atomic>
#include <cstdint>

namespace annals::telemetry {

/// Only grows. One writer at a time: an actor, or whatever holds a certain lock. Adding costs no more than a plain addition.
class counter {
public:
  void add(std::uint64_t more = 1) { count_.store(count_.load(std::memory_order_relaxed) + more, std::memory_order_relaxed); }
  std::uint64_t count() const { return count_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::uint64_t> count_{0};
};

/// A counter for any number of writers. For what is rare.
class shared_counter {
public:
  void add(std::uint64_t more = 1) { count_.fetch_add(more, std::memory_order_relaxed); }
  std::uint64_t count() const { return count_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::uint64_t> count_{0};
};

/// A number as of the last set(). One writer at a time.
class gauge {
public:
  void set(std::uint64_t number) { number_.store(number, std::memory_order_relaxed); }
  std::uint64_t number() const { return number_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::uint64_t> number_{0};
};

}  // namespace annals::telemetry
