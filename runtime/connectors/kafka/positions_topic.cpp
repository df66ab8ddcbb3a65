#include "connectors/kafka/positions_topic.hpp"

#include <annals/codec.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace annals::kafka {
namespace {

constexpr int answer_ms_max = 5'000;
constexpr std::chrono::seconds read_max{30};
constexpr std::int64_t first_step = 64;

struct end_topic {
  void operator()(rd_kafka_topic_t* one) const { rd_kafka_topic_destroy(one); }
};

/// What a host set for its producer and a consumer would not take is left out.
result<client> reader(const properties& connection, const std::string& isolation, listener& to) {
  auto with = connection;
  for (const auto* name : {"transactional.id", "enable.idempotence", "acks", "message.timeout.ms"}) with.erase(name);
  return make_client(RD_KAFKA_CONSUMER, {}, with,
                     {{"group.id", "annals-relay-positions"},
                      {"isolation.level", isolation},
                      {"enable.auto.commit", "false"},
                      {"enable.partition.eof", "true"},
                      {"allow.auto.create.topics", "false"}},
                     to);
}

/// Errors: of the topic.
result<bool> exists(rd_kafka_t& by, const std::string& topic) {
  const std::unique_ptr<rd_kafka_topic_t, end_topic> asked{rd_kafka_topic_new(&by, topic.c_str(), nullptr)};
  const rd_kafka_metadata_t* answer = nullptr;
  const auto why = rd_kafka_metadata(&by, 0, asked.get(), &answer, answer_ms_max);
  if (why != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(why, "topic " + topic);
  const auto of_topic = answer->topic_cnt == 1 ? answer->topics[0].err : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
  const auto partitions = answer->topic_cnt == 1 ? answer->topics[0].partition_cnt : 0;
  rd_kafka_metadata_destroy(answer);
  if (of_topic == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return false;
  if (of_topic != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(of_topic, "topic " + topic);
  return partitions > 0;
}

/// Answers whether or not it worked: what counts is whether the topic is there afterwards.
std::string create(rd_kafka_t& by, const std::string& topic) {
  std::array<char, 256> why{};
  auto* wanted = rd_kafka_NewTopic_new(topic.c_str(), 1, -1, why.data(), why.size());
  if (wanted == nullptr) return why.data();
  rd_kafka_NewTopic_set_config(wanted, "cleanup.policy", "compact");
  auto* const queue = rd_kafka_queue_new(&by);
  auto* const options = rd_kafka_AdminOptions_new(&by, RD_KAFKA_ADMIN_OP_CREATETOPICS);
  rd_kafka_AdminOptions_set_request_timeout(options, answer_ms_max, why.data(), why.size());
  rd_kafka_CreateTopics(&by, &wanted, 1, options, queue);
  std::string text = "no answer";
  if (auto* const event = rd_kafka_queue_poll(queue, answer_ms_max + 1'000)) {
    text = rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR ? "" : rd_kafka_event_error_string(event);
    rd_kafka_event_destroy(event);
  }
  rd_kafka_AdminOptions_destroy(options);
  rd_kafka_queue_destroy(queue);
  rd_kafka_NewTopic_destroy(wanted);
  return text;
}

/// Reads [from, to) and keeps the last record of this key in `found`.
result<void> read(rd_kafka_t& by, const std::string& topic, const std::string& name, std::int64_t from, std::int64_t to,
                  std::optional<std::string>& found, const std::function<bool()>& is_over) {
  const partition_list list{rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), 0)->offset = from;
  if (const auto why = rd_kafka_assign(&by, list.get()); why != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(why, "topic " + topic);
  const auto ends = std::chrono::steady_clock::now() + read_max;
  while (std::chrono::steady_clock::now() < ends && !is_over()) {
    const received one{rd_kafka_consumer_poll(&by, 100)};
    if (!one) continue;
    if (one->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      if (one->offset >= to) return {};
      continue;  // what comes next belongs to a transaction that is not decided
    }
    if (one->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (kind_of(one->err) != failing::passing) return error_of(one->err, "topic " + topic);
      continue;
    }
    if (one->offset >= to) return {};
    if (std::string_view{static_cast<const char*>(one->key), one->key_len} == name) found.emplace(static_cast<const char*>(one->payload), one->len);
    if (one->offset + 1 >= to) return {};
  }
  return error{errc::unreachable, "the positions of the relay could not be read", "topic " + topic};
}

}  // namespace

result<std::optional<published>> newest_published(const std::string& topic, const std::string& name, const properties& connection,
                                                  const std::function<bool()>& is_over) {
  listener nobody;
  auto all = reader(connection, "read_uncommitted", nobody);
  if (!all) return std::move(all).error();
  auto& by = **all;
  auto there = exists(by, topic);
  if (!there) return std::move(there).error();
  if (!*there) {
    const auto why = create(by, topic);
    there = exists(by, topic);
    if (!there || !*there)
      return error{errc::unreachable, "topic " + topic + " is missing and could not be created", why + "; create it with one partition, compacted"};
  }
  std::int64_t low = 0;
  std::int64_t high = 0;
  const auto why = rd_kafka_query_watermark_offsets(&by, topic.c_str(), 0, &low, &high, answer_ms_max);
  if (why != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(why, "topic " + topic);

  auto committed = reader(connection, "read_committed", nobody);
  if (!committed) return std::move(committed).error();
  std::optional<std::string> found;
  for (auto step = first_step; !found && high > low; step *= 8) {
    const auto from = std::max(low, high - step);
    if (auto ok = read(**committed, topic, name, from, high, found, is_over); !ok) return std::move(ok).error();
    if (from == low) break;
  }
  if (!found) return std::optional<published>{};
  auto value = decoded<published>(*found);
  if (!value) return error{errc::undecodable, "a position of the relay cannot be read", "topic " + topic + ": " + value.error().message()};
  if (value->positions.size() != value->checksums.size()) return error{errc::undecodable, "a position of the relay cannot be read", "topic " + topic};
  return std::optional<published>{std::move(*value)};
}

}  // namespace annals::kafka
