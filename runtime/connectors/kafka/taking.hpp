// The intake's thread: takes messages, sends commands, commits offsets. Each message is an entry until it is settled:
//
//   take ─▶ map ─▶ waiting for its stream ─▶ sent ─▶ accepted ──────────────────────▶ settled
//            │                                │ ▲ passing error: again after a pause      ▲
//            │ nobody can map it              ▼ │                                         │
//            └──────────────────────────▶ refused ─▶ dead-letter topic, or parked ────────┘
#pragma once

#include "connectors/kafka/dead_letters.hpp"
#include "connectors/kafka/inbox.hpp"
#include "connectors/kafka/offset_commits.hpp"
#include "connectors/kafka/partition_offsets.hpp"
#include "connectors/kafka/slots.hpp"
#include "connectors/kafka/taken_message.hpp"

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
  /// The entries of a stream, in order. Only the first is sent. 0: none.
  struct lane {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
  };
  /// Small, since there may be many: what the first attempt needs is not kept for another one, which maps the message again.
  struct entry {
    std::uint64_t next = 0;  ///< in the lane; 0: none
    std::uint32_t attempts = 0;
    bool is_sent = false;  ///< an answer will come, of the node or of the dead-letter topic
    lane* in = nullptr;    ///< its stream's
    std::pair<const partition, partition_offsets>* of = nullptr;
    std::int64_t offset = 0;
    taken_message what{};
    std::unique_ptr<order> as{};       ///< while it waits for its stream
    std::unique_ptr<error> refusal{};  ///< set: it is being put aside
    std::optional<token> since{};
    std::uint64_t turn = 0;  ///< in which they were taken
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
  void take(received one);
  void on_rebalance(rd_kafka_t* in, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions) override;
  void on_error(const error& why) override { failed(why); }
  std::string id_of(const entry& one) const;
  void release(const std::set<partition>& those, bool may_commit);
  void close();
  void pause_or_resume();
  void show();
  bool find_partition(const rd_kafka_message_t& of);
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
  void make_ready(std::uint64_t number, std::unique_ptr<order> as);
  void send_ready();
  lane& lane_of(const std::string& stream);
  result<std::optional<order>> mapped(const message& from) const;
  /// Null: the message means nothing here.
  result<std::unique_ptr<order>> order_of(const entry& one);
  /// It and those behind it may wait for long.
  void keep_from(entry& one);
  void send(std::uint64_t number, entry& one, order& as, std::string_view also_in_id = {});
  void go_on(std::uint64_t number, entry& one);
  void refuse(std::uint64_t number, entry& one, error why);
  void put_aside(std::uint64_t number, entry& one);
  void again(std::uint64_t number, entry& one, error why);
  void settle(std::uint64_t number, entry& one);
  void drop(std::uint64_t number, entry& one);
  void serve();
  void serve(const inbox::reply& answer, std::unique_ptr<error> why);
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
  std::unordered_map<std::string, lane> lanes_;  // by stream; empty ones stay for a while
  std::size_t busy_lanes_ = 0;
  std::vector<inbox::reply*> answered_;
  std::vector<std::pair<std::uint64_t, std::unique_ptr<order>>> ready_;  // to be sent
  steady::time_point ready_since_{};
  bool is_dropping_ = false;  // nothing is sent meanwhile
  message seen_;              // by the host; its memory is used again
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
