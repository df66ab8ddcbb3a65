#include "connectors/kafka/offset_commits.hpp"

#include <utility>

namespace annals::kafka {

void offset_commits::open(rd_kafka_t& by) {
  by_ = &by;
  queue_.reset(rd_kafka_queue_new(by_));
}

void offset_commits::close() {
  offsets_.reset();
  queue_.reset();
}

result<void> offset_commits::begin(partition_list offsets) {
  answer_.reset();
  const auto why = rd_kafka_commit_queue(
      by_, offsets.get(), queue_.get(),
      [](rd_kafka_t*, rd_kafka_resp_err_t how, rd_kafka_topic_partition_list_t* each, void* into) {
        auto& one = *static_cast<offset_commits*>(into);
        one.answer_ = how;
        if (each != nullptr) one.offsets_.reset(rd_kafka_topic_partition_list_copy(each));  // with an error for each of them
      },
      this);
  if (why != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(why, "commit");
  offsets_ = std::move(offsets);
  since_ = std::chrono::steady_clock::now();
  return {};
}

std::optional<offset_commits::outcome> offset_commits::serve(std::chrono::milliseconds at_most) {
  if (!is_under_way()) return {};
  rd_kafka_queue_poll_callback(queue_.get(), static_cast<int>(at_most.count()));
  if (!answer_) return {};
  return outcome{*std::exchange(answer_, std::nullopt), std::move(offsets_)};
}

void offset_commits::give_up() {
  offsets_.reset();
  queue_.reset(rd_kafka_queue_new(by_));  // the answer goes to the old one
}

}  // namespace annals::kafka
