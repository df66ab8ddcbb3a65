#include "benchmarks/connectors/bare_kafka.hpp"

#include "benchmarks/must.hpp"

#include <array>

namespace bench {
namespace {

struct reports {
  std::size_t count = 0;
  rate_of rate;
};

void on_report(rd_kafka_t*, const rd_kafka_message_t* of, void* into) {
  if (of->err != RD_KAFKA_RESP_ERR_NO_ERROR) fail(std::string{"bare producer: "} + rd_kafka_err2str(of->err));
  auto& all = *static_cast<reports*>(into);
  all.rate.seen(++all.count);
}

void put(rd_kafka_t& by, const char* topic, const bare_message& one) {
  auto* const headers = rd_kafka_headers_new(one.headers.size());
  for (const auto& [name, value] : one.headers)
    rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(), static_cast<ssize_t>(value.size()));
  std::array<rd_kafka_vu_t, 6> parts{};
  parts[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  parts[0].u.cstr = topic;
  parts[1].vtype = RD_KAFKA_VTYPE_KEY;
  parts[1].u.mem = {const_cast<char*>(one.key.data()), one.key.size()};
  parts[2].vtype = RD_KAFKA_VTYPE_VALUE;
  parts[2].u.mem = {const_cast<char*>(one.value.data()), one.value.size()};
  parts[3].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
  parts[3].u.i64 = one.time_ms;
  parts[4].vtype = RD_KAFKA_VTYPE_HEADERS;
  parts[4].u.headers = headers;
  parts[5].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  parts[5].u.i = RD_KAFKA_MSG_F_COPY;
  while (auto* const wrong = rd_kafka_produceva(&by, parts.data(), parts.size())) {
    const auto why = rd_kafka_error_code(wrong);
    rd_kafka_error_destroy(wrong);
    if (why != RD_KAFKA_RESP_ERR__QUEUE_FULL) fail(std::string{"bare producer: "} + rd_kafka_err2str(why));
    rd_kafka_poll(&by, 10);
  }
}

void expect(rd_kafka_error_t* wrong) {
  if (wrong != nullptr) fail(std::string{"bare producer: "} + rd_kafka_error_string(wrong));
}

}  // namespace

double produce_bare(const kafka_cluster& to, const std::string& topic, const std::vector<bare_message>& all, std::size_t transaction) {
  reports got;
  std::map<std::string, std::string> with{
      {"bootstrap.servers", to.brokers()}, {"enable.idempotence", "true"}, {"acks", "all"}, {"linger.ms", "1"}, {"partitioner", "murmur2_random"}};
  if (transaction > 0)
    with["transactional.id"] = "bare";
  else
    with.insert({{"message.timeout.ms", "0"}, {"enable.gapless.guarantee", "true"}});
  const auto by = kafka_client_of(RD_KAFKA_PRODUCER, with, on_report, &got);
  if (transaction > 0) expect(rd_kafka_init_transactions(by.get(), 30'000));
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (transaction > 0 && i % transaction == 0) expect(rd_kafka_begin_transaction(by.get()));
    put(*by, topic.c_str(), all[i]);
    if (i % 64 == 0) rd_kafka_poll(by.get(), 0);
    if (transaction > 0 && (i % transaction == transaction - 1 || i + 1 == all.size())) expect(rd_kafka_commit_transaction(by.get(), 60'000));
  }
  while (got.count < all.size()) rd_kafka_flush(by.get(), 100);
  return got.rate.per_second();
}

kafka_client consumer_of(const kafka_cluster& from, const std::string& topic, const std::string& group) {
  auto by = kafka_client_of(RD_KAFKA_CONSUMER, {{"bootstrap.servers", from.brokers()},
                                                {"group.id", group},
                                                {"enable.auto.commit", "false"},
                                                {"auto.offset.reset", "earliest"},
                                                {"queued.min.messages", "1000000"}});
  rd_kafka_poll_set_consumer(by.get());
  auto* const topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, topic.c_str(), RD_KAFKA_PARTITION_UA);
  rd_kafka_subscribe(by.get(), topics);
  rd_kafka_topic_partition_list_destroy(topics);
  return by;
}

double consume_bare(const kafka_cluster& from, const std::string& topic, std::size_t count) {
  const auto by = consumer_of(from, topic, "bare");
  rate_of rate;
  std::size_t bytes = 0;
  for (std::size_t seen = 0; seen < count;) {
    auto* const one = rd_kafka_consumer_poll(by.get(), 1'000);
    if (one == nullptr) continue;
    if (one->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      bytes += one->len;
      rate.seen(++seen);
    }
    rd_kafka_message_destroy(one);
  }
  if (bytes == 0) fail("bare consumer: messages without bytes");
  rd_kafka_consumer_close(by.get());
  return rate.per_second();
}

}  // namespace bench
