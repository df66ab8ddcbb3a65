// Offsets: how far the group is. The loop never waits for the brokers: a commit is begun, and its answer is taken when it comes.
#include "connectors/kafka/taking.hpp"

#include <algorithm>

namespace annals::kafka {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds release_commit_max{2'000};  // while a partition is given back
constexpr milliseconds answer_max{30'000};         // then a commit counts as failed, and the next one is begun
constexpr milliseconds lag_every{1'000};

}  // namespace

void taking::commit_if_due() {
  serve_commits();
  if (steady::now() < commit_at_) return;
  if (commits_.is_under_way()) {
    if (steady::now() - commits_.since() < answer_max) return;
    commits_.give_up();
    count(&intake_status::commits_failed);
    failed(error_of(RD_KAFKA_RESP_ERR__TIMED_OUT, "commit"));
  }
  commit_at_ = steady::now() + with_.commit_every;
  (void)begin_commit(all_partitions());
}

bool taking::begin_commit(const std::set<partition>& those) {
  partition_list offsets{rd_kafka_topic_partition_list_new(static_cast<int>(those.size()))};
  for (const auto& one : those)
    if (const auto found = partitions_.find(one); found != partitions_.end())
      if (const auto offset = found->second.to_commit())
        rd_kafka_topic_partition_list_add(offsets.get(), one.first.c_str(), one.second)->offset = *offset;
  if (offsets->cnt == 0) return false;
  auto ok = commits_.begin(std::move(offsets));
  if (ok) return true;
  count(&intake_status::commits_failed);
  failed(ok.error());
  return false;
}

void taking::serve_commits() {
  const auto ended = commits_.serve(milliseconds{0});
  if (!ended) return;
  if (ended->why != RD_KAFKA_RESP_ERR_NO_ERROR) {
    count(&intake_status::commits_failed);
    return failed(error_of(ended->why, "commit"));
  }
  count(&intake_status::commits);
  for (int i = 0; i < ended->offsets->cnt; ++i) {
    const auto& one = ended->offsets->elems[i];
    if (one.err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    if (const auto found = partitions_.find({one.topic, one.partition}); found != partitions_.end()) found->second.committed(one.offset);
  }
}

/// Before these are given back. What has no answer in time is taken again by the next member, and has no second effect.
void taking::commit_and_wait(const std::set<partition>& those) {
  const auto ends = steady::now() + release_commit_max;
  const auto wait = [&] {
    while (commits_.is_under_way() && steady::now() < ends) {
      serve();
      send_ready();
      serve_commits();
      if (commits_.is_under_way()) answers_->wait(milliseconds{2});
    }
  };
  wait();
  if (commits_.is_under_way()) commits_.give_up();
  if (begin_commit(those)) wait();
  if (!commits_.is_under_way()) return;
  commits_.give_up();
  count(&intake_status::commits_failed);
  failed(error_of(RD_KAFKA_RESP_ERR__TIMED_OUT, "commit"));
}

/// What the brokers told with the last messages; nothing is asked for it.
void taking::measure_lag_if_due() {
  if (steady::now() < lag_at_) return;
  lag_at_ = steady::now() + lag_every;
  std::int64_t lag = 0;
  for (const auto& [one, offsets] : partitions_) {
    std::int64_t low = 0;
    std::int64_t high = 0;
    const auto why = rd_kafka_get_watermark_offsets(consumer_.get(), one.first.c_str(), one.second, &low, &high);
    if (why == RD_KAFKA_RESP_ERR_NO_ERROR) lag += std::max<std::int64_t>(0, high - std::max(low, offsets.answered_to().value_or(high)));
  }
  const std::lock_guard lock{mutex_};
  status_.lag = static_cast<std::uint64_t>(lag);
}

}  // namespace annals::kafka
