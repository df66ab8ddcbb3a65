// The way to the journal: appends and fences, from any thread.
#pragma once

#include "actors/inbox.hpp"
#include "actors/messages.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace annals::actors {

/// What was handed over since the journal last looked, in order; the records stand one behind the other, unsealed.
struct handed_batch {
  std::string records;
  std::vector<handed_over> items;
};

class journal_inbox {
public:
  void append(std::string_view records, std::uint32_t count, caf::actor reply_to, answer reply) {
    put(records, {handed_over::kind::append, count, records.size(), std::move(reply_to), std::move(reply)});
  }
  /// Comes back as fence_passed{tag}.
  void fence(caf::actor reply_to, std::uint64_t tag) {
    handed_over barrier{handed_over::kind::fence, 0, 0, std::move(reply_to), {}};
    barrier.reply.number = tag;
    put({}, std::move(barrier));
  }
  void take(handed_batch& empty) { inbox_.take(empty); }
  void close() { inbox_.close(); }

  caf::actor reader;  // the journal; set before the first append

private:
  void put(std::string_view records, handed_over item) {
    const bool sleeps = inbox_.put([&](handed_batch& batch) {
      batch.records.append(records);
      batch.items.push_back(std::move(item));
    });
    if (sleeps) caf::anon_send(reader, wake::value);
  }

  inbox<handed_batch> inbox_;
};

}  // namespace annals::actors
