// The way to the journal: what the shards hand over, a turn at a time.
#pragma once

#include "actors/base/messages.hpp"
#include "actors/write/messages.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace annals::actors {

/// Appends and fences in order; the records stand one behind the other, unsealed.
struct handed_batch {
  std::string records;
  std::vector<handed_over> items;

  void append(std::string_view bytes, std::uint32_t count, recipient to, answer reply) {
    // Without memory for one of the two there is neither.
    items.push_back({handed_over::kind::append, false, count, bytes.size(), to, {}, std::move(reply)});
    try {
      records.append(bytes);
    } catch (...) {
      items.pop_back();
      throw;
    }
  }
  /// Comes back as fence_passed{tag}. A patient one does not make readers catch up for its sake.
  void fence(return_address to, std::uint64_t tag, bool is_patient = false) {
    auto& barrier = items.emplace_back();
    barrier.what = handed_over::kind::fence;
    barrier.is_patient = is_patient;
    barrier.fence_to = std::move(to);
    barrier.reply.number = tag;
  }
  void clear() {
    records.clear();
    items.clear();
  }
};

class journal_inbox {
public:
  /// Takes all of the batch and leaves an empty one. Batches of one thread keep their order.
  void put(handed_batch& batch);
  /// Appends all that waits to `to`. The next put() wakes.
  void take(std::vector<handed_batch>& to);
  /// Takes batches that are done with: their memory is used again.
  void give_back(std::vector<handed_batch>& done);
  void close();

  /// Waits while commands are on their way here and keep coming: until all that hosts have under way wait here, or
  /// `company_max` of them, or none has come for `pause`, or all of it took `at_most`. For the journal's own thread.
  void wait_for_company(std::chrono::nanoseconds pause, std::chrono::nanoseconds at_most);

  caf::actor reader;  // the journal; set before the first batch
  std::atomic<std::size_t> under_way{0};  // commands of hosts, until their callback has returned

private:
  static constexpr std::size_t company_max = 128;
  bool has_company() const;

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<handed_batch> batches_;
  std::vector<handed_batch> spare_;
  std::size_t waiting_ = 0;  // answers to hosts in `batches_`
  bool expects_company_ = false;
  bool awake_ = false;
  bool closed_ = false;
};

}  // namespace annals::actors
