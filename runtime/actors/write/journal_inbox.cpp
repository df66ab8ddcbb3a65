#include "actors/write/journal_inbox.hpp"

#include "actors/write/messages.hpp"

#include <algorithm>

namespace annals::actors {
namespace {

constexpr std::size_t spare_max = 16;
constexpr std::size_t spare_bytes_max = std::size_t{1} << 20;

std::size_t answers_to_hosts(const handed_batch& batch) {
  return static_cast<std::size_t>(std::count_if(batch.items.begin(), batch.items.end(), [](const handed_over& item) {
    return item.what == handed_over::kind::append && item.to == gateway_recipient;
  }));
}

}  // namespace

void journal_inbox::put(handed_batch& batch) {
  const auto answers = answers_to_hosts(batch);
  bool sleeps = false, is_awaited = false;
  {
    const std::lock_guard lock{mutex_};
    if (closed_) return batch.clear();
    batches_.push_back(std::move(batch));
    batch = {};
    if (!spare_.empty()) {
      batch = std::move(spare_.back());
      spare_.pop_back();
    }
    waiting_ += answers;
    sleeps = !std::exchange(awake_, true);
    is_awaited = expects_company_ && has_company();
  }
  if (sleeps) caf::anon_send(reader, wake::value);
  if (is_awaited) arrived_.notify_one();
}

void journal_inbox::take(std::vector<handed_batch>& to) {
  const std::lock_guard lock{mutex_};
  std::move(batches_.begin(), batches_.end(), std::back_inserter(to));
  batches_.clear();
  waiting_ = 0;
  awake_ = false;
}

void journal_inbox::give_back(std::vector<handed_batch>& done) {
  for (auto& batch : done) batch.clear();
  const std::lock_guard lock{mutex_};
  for (auto& batch : done)
    if (spare_.size() < spare_max && batch.records.capacity() <= spare_bytes_max) spare_.push_back(std::move(batch));
  done.clear();
}

void journal_inbox::close() {
  const std::lock_guard lock{mutex_};
  closed_ = true;
  batches_.clear();
}

bool journal_inbox::has_company() const { return waiting_ >= std::min(under_way.load(std::memory_order_relaxed), company_max); }

void journal_inbox::wait_for_company(std::chrono::nanoseconds pause, std::chrono::nanoseconds at_most) {
  using steady = std::chrono::steady_clock;
  const auto end = steady::now() + at_most;
  std::unique_lock lock{mutex_};
  expects_company_ = true;
  for (auto before = ~std::size_t{0}; !has_company() && waiting_ != before && steady::now() < end;) {
    before = waiting_;
    arrived_.wait_for(lock, pause, [&] { return has_company(); });
  }
  expects_company_ = false;
}

}  // namespace annals::actors
