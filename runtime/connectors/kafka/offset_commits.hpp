// Commits of offsets that are under way. One at a time, so that an older one never ends after a newer one.
#pragma once

#include "connectors/kafka/client.hpp"

#include <chrono>
#include <memory>
#include <optional>

namespace annals::kafka {

class offset_commits {
public:
  struct outcome {
    rd_kafka_resp_err_t why = RD_KAFKA_RESP_ERR_NO_ERROR;
    partition_list offsets;  ///< each with an error of its own
  };

  void open(rd_kafka_t& by);
  /// Before the consumer ends.
  void close();

  bool is_under_way() const { return offsets_ != nullptr; }
  std::chrono::steady_clock::time_point since() const { return since_; }
  /// Only while none is under way. Errors: it was not sent.
  result<void> begin(partition_list offsets);
  /// How the one under way has ended, if it has.
  std::optional<outcome> serve(std::chrono::milliseconds at_most);
  /// Its answer, if one comes, counts for nothing.
  void give_up();

private:
  struct end_queue {
    void operator()(rd_kafka_queue_t* one) const { rd_kafka_queue_destroy(one); }
  };

  rd_kafka_t* by_ = nullptr;
  std::unique_ptr<rd_kafka_queue_t, end_queue> queue_;
  partition_list offsets_;
  std::optional<rd_kafka_resp_err_t> answer_;
  std::chrono::steady_clock::time_point since_{};
};

}  // namespace annals::kafka
