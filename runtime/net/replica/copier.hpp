// Copies a log: says what to ask the source for, checks what comes, and writes it. Passive: its owner asks, waits, and tries again.
//
//   next() ──▶ the source ──▶ take() ──▶ write()
//   After take(), the next question may be on its way while this answer is written.
#pragma once

#include "net/wire/copy_calls.hpp"
#include "store/log/log.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annals::net {

class copier {
public:
  static constexpr std::uint64_t usual_bytes = std::uint64_t{2} << 20;
  /// `copy` must outlive the copier, and nothing else writes to it. It asks for about `bytes_max` of records at a time.
  explicit copier(store::log& copy, std::uint64_t bytes_max = usual_bytes);

  /// The call that asks the source for what follows everything taken. The source waits until there is something, at most this long.
  pull_call next(std::chrono::milliseconds longest) const;
  /// Takes the encoded answer to next(). What was taken before must be written. Errors: undecodable, corrupt_record; copying has to end then.
  result<void> take(std::string answer);
  /// Writes the records that were taken, and the decisions whose records are there. Errors: storage_full (to be called again; nothing is
  /// written twice), store_failed.
  result<void> write();

  /// Of the source, when it answered last: its durable head, and the time of its newest record.
  position source_head() const { return source_head_; }
  timestamp source_time() const { return source_time_; }

private:
  result<void> take_records(std::string_view batch);
  void take_control(pull_answer& answer);
  result<void> write_records();
  result<void> write_control();

  store::log& copy_;
  const std::uint64_t bytes_max_;
  position next_ = 1;  // the next record that it asks for
  std::uint64_t previous_checksum_ = 0;
  position source_head_ = 0;
  timestamp source_time_ = 0;

  // What is taken and not written yet.
  std::string answer_;                     // owns the records
  position first_ = 1;                     // of `records_`
  std::vector<std::string_view> records_;  // views into `answer_`

  // What is known of the source's control table, and its entries that wait for their records.
  struct undecided {
    std::vector<control_text> entries;
    bool is_all = false;  // entries that are not here do not exist
    position head = 0;    // they refer to records up to here
  };
  std::uint64_t control_generation_ = 0, control_count_ = 0;
  std::optional<undecided> undecided_;
};

}  // namespace annals::net
