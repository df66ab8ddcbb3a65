#include "connectors/kafka/taken_message.hpp"

#include "connectors/kafka/mock_cluster.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <string>
#include <vector>

using namespace annals;
using namespace kafka_test;

namespace {

/// All that a message says, in one line.
std::string said_by(const kafka::message& one) {
  const auto text = [](const std::optional<std::string_view>& of) { return of && of->data() ? "'" + std::string{*of} + "'" : std::string{"none"}; };
  auto all = std::string{one.topic} + " " + std::to_string(one.partition) + " " + std::to_string(one.offset) + " key " + text(one.key) + " value " +
             text(one.value);
  for (const auto& [name, value] : one.headers) all += " " + std::string{name} + "=" + text(value);
  return all;
}

/// Three messages: with everything, with nothing, and a tombstone with a header that has no value.
void fill(const mock_cluster& cluster) {
  std::array<char, 256> why{};
  auto* const conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", cluster.brokers().c_str(), why.data(), why.size());
  auto* const by = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why.data(), why.size());
  rd_kafka_producev(by, RD_KAFKA_V_TOPIC("some"), RD_KAFKA_V_PARTITION(0), RD_KAFKA_V_KEY("a", 1), RD_KAFKA_V_VALUE(const_cast<char*>("one"), 3),
                    RD_KAFKA_V_HEADER("first", "1", -1), RD_KAFKA_V_HEADER("second", "", 0), RD_KAFKA_V_END);
  rd_kafka_producev(by, RD_KAFKA_V_TOPIC("some"), RD_KAFKA_V_PARTITION(0), RD_KAFKA_V_VALUE(const_cast<char*>(""), 0), RD_KAFKA_V_END);
  rd_kafka_producev(by, RD_KAFKA_V_TOPIC("some"), RD_KAFKA_V_PARTITION(0), RD_KAFKA_V_KEY("b", 1), RD_KAFKA_V_HEADER("empty", nullptr, 0),
                    RD_KAFKA_V_END);
  const auto flushed = rd_kafka_flush(by, 30'000);
  rd_kafka_destroy(by);
  BOOST_REQUIRE(flushed == RD_KAFKA_RESP_ERR_NO_ERROR);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kafka_taken_message)

BOOST_AUTO_TEST_CASE(says_the_same_when_it_owns_its_bytes_and_outlives_its_consumer) {
  mock_cluster cluster;
  cluster.topic("some");
  fill(cluster);
  kafka::listener nobody;
  auto by = kafka::make_client(RD_KAFKA_CONSUMER, {}, {{"bootstrap.servers", cluster.brokers()}, {"group.id", "readers"}}, {}, nobody).value();
  const kafka::partition_list from{rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_list_add(from.get(), "some", 0)->offset = 0;
  rd_kafka_assign(by.get(), from.get());
  std::vector<kafka::taken_message> all;
  while (all.size() < 3) {
    kafka::received one{rd_kafka_consumer_poll(by.get(), 60'000)};
    BOOST_REQUIRE(one != nullptr);
    if (one->err == RD_KAFKA_RESP_ERR_NO_ERROR) all.emplace_back(std::move(one));
  }
  const std::vector<std::string> wanted{"some 0 0 key 'a' value 'one' first='1' second=''", "some 0 1 key none value ''",
                                        "some 0 2 key 'b' value none empty=none"};
  kafka::message place;
  for (std::size_t i = 0; i < 3; ++i) BOOST_TEST(said_by(all[i].view(place)) == wanted[i]);
  const auto time = all[0].view(place).time;
  for (auto& one : all) one.own();
  by.reset();
  for (std::size_t i = 0; i < 3; ++i) BOOST_TEST(said_by(all[i].view(place)) == wanted[i]);
  BOOST_TEST(all[0].view(place).time == time);
  BOOST_TEST(time > 0);
}

BOOST_AUTO_TEST_SUITE_END()
