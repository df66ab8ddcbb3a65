#include "telemetry/span_ring.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace annals {

span_queue::~span_queue() = default;

namespace telemetry {

span_ring::place* span_ring::places() {
  if (auto* all = places_.load(std::memory_order_acquire)) return all;
  std::call_once(made_, [this] {
    owned_ = std::make_unique<place[]>(mask_ + 1);
    for (std::size_t i = 0; i <= mask_; ++i) owned_[i].turn.store(i, std::memory_order_relaxed);
    places_.store(owned_.get(), std::memory_order_release);
  });
  return places_.load(std::memory_order_acquire);
}

void span_ring::put(trace_span&& one) noexcept {
  place* all = nullptr;
  try {
    all = places();
  } catch (const std::bad_alloc&) {
    return dropped_.add();
  }
  for (auto number = put_.load(std::memory_order_relaxed);;) {
    auto& p = all[number & mask_];
    const auto turn = p.turn.load(std::memory_order_acquire);
    if (turn == number) {
      if (!put_.compare_exchange_weak(number, number + 1, std::memory_order_relaxed)) continue;
      p.span = std::move(one);
      return p.turn.store(number + 1, std::memory_order_release);
    }
    if (turn + mask_ + 1 == number + 1) return dropped_.add();  // filled a round ago, and not taken
    number = put_.load(std::memory_order_relaxed);
  }
}

std::vector<trace_span> span_ring::take(std::size_t max) {
  std::vector<trace_span> some;
  auto* all = places_.load(std::memory_order_acquire);
  if (!all) return some;
  const std::lock_guard lock{taking_};
  some.reserve(std::min(max, size()));
  for (auto number = taken_.load(std::memory_order_relaxed); some.size() < some.capacity(); ++number) {
    auto& p = all[number & mask_];
    if (p.turn.load(std::memory_order_acquire) != number + 1) break;
    some.push_back(std::exchange(p.span, {}));
    p.turn.store(number + mask_ + 1, std::memory_order_release);
    taken_.store(number + 1, std::memory_order_relaxed);
  }
  return some;
}

std::size_t span_ring::size() const {
  const auto taken = taken_.load(std::memory_order_relaxed);
  const auto put = put_.load(std::memory_order_relaxed);
  return put > taken ? put - taken : 0;
}

}  // namespace telemetry
}  // namespace annals
