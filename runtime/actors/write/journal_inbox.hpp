// The journal's inbox: shards put their appends and fences here, one batch for each turn.
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

/// An append whose command is sampled.
struct traced_append {
  std::size_t item = 0;
  trace_context of;
  std::string stream;
};

/// Appends and fences in order. The records follow each other, unsealed: without position, time and checksum.
struct handed_batch {
  std::string records;
  std::vector<handed_over> items;
  std::vector<traced_append> traced;  // in the order of the items

  void append(std::string_view bytes, std::uint32_t count, recipient to, answer reply) {
    // If memory runs out, neither the item nor its records are added.
    items.push_back({handed_over::kind::append, false, count, bytes.size(), to, {}, std::move(reply)});
    try {
      records.append(bytes);
    } catch (...) {
      items.pop_back();
      throw;
    }
  }
  /// The last append is of a sampled command.
  void trace_last(const trace_context& of, const std::string& stream) { traced.push_back({items.size() - 1, of, stream}); }
  /// Answered by fence_passed{tag}. A patient fence does not make the drainer hurry.
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
    traced.clear();
  }
};

class journal_inbox {
public:
  /// Takes all of the batch and leaves an empty one. Batches of one thread keep their order.
  void put(handed_batch& batch);
  /// Appends all waiting batches to `to`. The next put() wakes the journal.
  void take(std::vector<handed_batch>& to);
  /// Takes back finished batches, to reuse their memory.
  void give_back(std::vector<handed_batch>& done);
  /// Drops what waits and everything that is put later.
  void close();

  /// Waits for more commands: until all commands that hosts have under way are waiting here, or `company_max` of them, or none has
  /// arrived for `pause`, or `at_most` has passed. Only for the journal's own thread.
  void wait_for_company(std::chrono::nanoseconds pause, std::chrono::nanoseconds at_most);

  caf::actor reader;                      // the journal; set before the first batch
  std::atomic<std::size_t> under_way{0};  // commands of hosts, each until its callback has returned

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
