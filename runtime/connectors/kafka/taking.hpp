// The intake's thread: takes messages, sends commands, commits offsets. Each message is an entry until it is settled:
//
//   take ─▶ map ─▶ waiting for its stream ─▶ sent ─▶ accepted ──────────────────────▶ settled
//            │                                │ ▲ passing error: again after a pause      ▲
//            │ nobody can map it              ▼ │                                         │
//            └──────────────────────────▶ refused ─▶ dead-letter topic, or parked ────────┘
#pragma once

#include "connectors/kafka/dead_letters.hpp"
#include "connectors/kafka/offset_commits.hpp"
#include "connectors/kafka/partition_offsets.hpp"
#include "connectors/kafka/slots.hpp"

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace annals::kafka {

using steady = std::chrono::steady_clock;

/// Answers on their way from the node's threads to the intake's, and word that there are messages. The callbacks own it, so they may come when
/// the intake is gone.
class inbox {
public:
  struct answer {
    std::uint64_t entry;
    std::uint32_t attempt;
    result<receipt> what;
  };
  void put(answer one);
  void put_messages();
  /// Puts the answers into `into`, which is empty, and takes over its memory.
  void take(std::vector<answer>& into);
  /// Waits until so many answers are there or, with `for_messages`, messages.
  void wait(std::chrono::milliseconds at_most, std::size_t enough = 1, bool for_messages = false);

private:
  static constexpr auto nobody_waits = static_cast<std::size_t>(-1);
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<answer> all_;
  std::size_t wanted_ = nobody_waits;
  bool has_messages_ = false;
};

class taking final : public listener {
public:
  taking(node& to, intake_options with) : with_(std::move(with)), to_(&to) {}

  void run() noexcept;
  intake_status status() const;
  annals::metrics metrics() const;
  /// Whether the thread has ended by itself in time. Nothing is sent afterwards.
  bool stop();

private:
  using partition = std::pair<std::string, std::int32_t>;
  struct entry {
    kept_message what{};
    partition_offsets* of = nullptr;  ///< its partition's
    std::optional<order> as{};
    std::optional<token> since{};
    std::optional<error> refusal{};  ///< set: it is being put aside
    std::uint32_t attempts = 0;
    bool is_sent = false;    ///< an answer will come, of the node or of the dead-letter topic
    std::uint64_t next = 0;  ///< of its stream; 0: none
    std::uint64_t turn = 0;  ///< in which they were taken

    void clear() {
      what.clear();
      as.reset();
      since.reset();
      refusal.reset();
      attempts = 0;
      is_sent = false;
      next = 0;
    }
  };
  /// The entries of a stream, in order. Only the first is sent.
  struct lane {
    std::uint64_t first, last;
  };
  /// Ends a queue of librdkafka that is used with a client.
  struct end_queue {
    void operator()(rd_kafka_queue_t* one) const {
      rd_kafka_queue_cb_event_enable(one, nullptr, nullptr);
      rd_kafka_queue_destroy(one);
    }
  };

  // taking.cpp: messages, partitions, the end
  void work();
  result<void> open();
  /// Whether there may be more.
  bool take_some();
  void take(const rd_kafka_message_t& one);
  void on_rebalance(rd_kafka_t* in, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions) override;
  void on_error(const error& why) override { failed(why); }
  void end_entry(std::uint64_t number, entry& one);
  std::string id_of(const entry& one) const;
  void release(const std::set<partition>& those, bool may_commit);
  void close();
  void pause_or_resume();
  void show();
  partition_offsets* find_partition(const rd_kafka_message_t& of);
  std::set<partition> all_partitions() const;

  // taking_commits.cpp: offsets
  void commit_if_due();
  void commit_and_wait(const std::set<partition>& those);
  /// Whether there was something to commit.
  bool begin_commit(const std::set<partition>& those);
  void serve_commits();
  void measure_lag_if_due();

  // taking_answers.cpp: entries
  void begin(std::uint64_t number, entry& one);
  void send(std::uint64_t number, entry& one, const order& as, std::string_view also_in_id = {});
  void go_on(std::uint64_t number, entry& one);
  void refuse(std::uint64_t number, entry& one, error why);
  void put_aside(std::uint64_t number, entry& one);
  void again(std::uint64_t number, entry& one, error why);
  void settle(std::uint64_t number, entry& one);
  void drop(std::uint64_t number, entry& one);
  void serve();
  void serve(inbox::answer answer);
  /// Whether the node that answers `closed` will not come back.
  bool is_over_there();

  void count(std::uint64_t intake_status::* what);
  void failed(const error& why);
  void end(error why);
  bool is_stopping() const;

  const intake_options with_;
  node* const to_;
  const std::shared_ptr<inbox> answers_ = std::make_shared<inbox>();
  dead_letters dead_letters_;
  std::map<partition, partition_offsets> partitions_;
  decltype(partitions_)::iterator last_ = partitions_.end();  // that of the last message
  slots<entry> entries_;
  std::unordered_map<std::string, lane> lanes_;  // by stream
  std::vector<inbox::answer> answered_;
  std::multimap<steady::time_point, std::uint64_t> pauses_;
  std::uint64_t turn_ = 0;
  offset_commits commits_;
  steady::time_point commit_at_{};
  steady::time_point lag_at_{};
  steady::time_point full_since_{};
  bool is_paused_ = false;
  intake_status counted_;  // status_ gets its counters from here

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  intake_status status_;
  bool is_stopping_ = false;
  bool has_warned_ = false;  // and so there may be a last_error
  std::mutex sending_;       // held while the node is used
  bool may_send_ = true;

  client consumer_;  // its end may still call back
  std::unique_ptr<rd_kafka_queue_t, end_queue> messages_;
};

}  // namespace annals::kafka
