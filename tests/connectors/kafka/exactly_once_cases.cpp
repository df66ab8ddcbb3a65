#include "connectors/kafka/bank_node.hpp"
#include "connectors/kafka/mock_cluster.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace annals;
using namespace kafka_test;

namespace {

kafka::relay_options once(const bank_node& bank, const mock_cluster& cluster) {
  auto with = bank.to(cluster.brokers());
  with.exactly_once = true;
  return with;
}

kafka::relay started_once(bank_node& bank, const mock_cluster& cluster) { return kafka::relay::start(bank.rt, once(bank, cluster)).value(); }

/// ce_position of each message, in the order of the topic.
std::vector<int> positions(const mock_cluster& cluster) {
  std::vector<int> all;
  for (const auto& one : cluster.messages("account")) all.push_back(std::stoi(header(one, "ce_position")));
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kafka_exactly_once)

BOOST_AUTO_TEST_CASE(a_batch_and_its_positions_are_one_transaction) {
  mock_cluster cluster;
  cluster.topic("account").topic("annals-relay-out");
  bank_node bank;
  bank.open_account("1");
  bank.deposit("1", 1);
  bank.deposit("1", 2);
  const auto out = started_once(bank, cluster);
  bank.wait_for_relay();
  BOOST_TEST((positions(cluster) == std::vector{1, 2, 3}));
  const auto records = cluster.keys("annals-relay-out");
  BOOST_TEST(records.size() >= 2u);  // the claim, and one for each batch
  for (const auto& key : records) BOOST_TEST(key == "out");
}

BOOST_AUTO_TEST_CASE(what_was_committed_and_not_acknowledged_is_not_published_again) {
  mock_cluster cluster;
  cluster.topic("account").topic("annals-relay-out");
  bank_node bank;
  bank.open_account("1");
  bank.deposit("1", 1);
  bank.deposit("1", 2);
  {
    const auto out = started_once(bank, cluster);
    bank.wait_for_relay();
  }
  // As after a crash before the acknowledgement: the subscription hands out everything again.
  bank.rt.subscribe("out", {.reset = true}).value().leave();
  bank.deposit("1", 3);
  const auto out = started_once(bank, cluster);
  bank.wait_for_relay();
  BOOST_TEST((positions(cluster) == std::vector{1, 2, 3, 4}));
  BOOST_TEST(out.status().dropped == 3u);
}

BOOST_AUTO_TEST_CASE(what_is_acknowledged_leaves_the_record_of_positions_at_the_next_start) {
  mock_cluster cluster;
  cluster.topic("account").topic("annals-relay-out");
  bank_node bank;
  bank.open_account("1");
  for (int i = 0; i < 60; ++i) bank.deposit("1", 1);
  {
    const auto out = started_once(bank, cluster);
    bank.wait_for_relay();
  }
  const auto first = cluster.sizes("annals-relay-out");
  const auto out = started_once(bank, cluster);
  // Otherwise it would grow with each life. The relay asks the node about them while it publishes.
  wait_until([&] {
    bank.deposit("1", 1);
    bank.wait_for_relay();
    return cluster.sizes("annals-relay-out").back() < *std::max_element(first.begin(), first.end()) / 2;
  });
}

BOOST_AUTO_TEST_CASE(a_relay_that_another_one_has_fenced_stops_and_says_so) {
  mock_cluster cluster;
  cluster.topic("account").topic("annals-relay-out");
  bank_node bank;
  bank.open_account("1");
  const auto out = started_once(bank, cluster);
  bank.wait_for_relay();
  bank_node other;
  other.open_account("2");
  const auto second = started_once(other, cluster);
  other.wait_for_relay();
  // The mock finds out nothing by itself, and would show what an older producer has written: so it is refused before it writes.
  cluster.fail(add_partitions, {RD_KAFKA_RESP_ERR_PRODUCER_FENCED});
  bank.deposit("1", 1);
  wait_until([&] { return !out.status().is_running; });
  BOOST_REQUIRE(out.status().last_error.has_value());
  BOOST_TEST((out.status().last_error->code == errc::not_owner));
  BOOST_TEST(second.status().is_running);
}

BOOST_AUTO_TEST_CASE(a_relay_whose_transaction_took_too_long_goes_on) {
  mock_cluster cluster;
  cluster.topic("account").topic("annals-relay-out");
  bank_node bank;
  bank.open_account("1");
  const auto out = started_once(bank, cluster);
  bank.wait_for_relay();
  cluster.fail(add_partitions, {RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH});
  bank.deposit("1", 1);
  bank.wait_for_relay();
  bank.deposit("1", 2);
  bank.wait_for_relay();
  BOOST_TEST((positions(cluster) == std::vector{1, 2, 3}));
  BOOST_TEST(out.status().is_running);
}

BOOST_AUTO_TEST_CASE(a_transaction_that_is_refused_is_aborted_and_its_events_are_tried_apart) {
  mock_cluster cluster;
  cluster.topic("account").topic("annals-relay-out");
  bank_node bank;
  bank.open_account("1");
  for (int i = 0; i < 7; ++i) bank.open_account(std::to_string(2 + i));
  auto with = once(bank, cluster);
  with.topic = [](const record_view& record) { return record.key() == "5" ? "nowhere" : "account"; };
  with.properties["topic.metadata.propagation.max.ms"] = "100";
  cluster.fail_topic("nowhere", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  const auto out = kafka::relay::start(bank.rt, with).value();
  bank.wait_for_relay();
  const auto parked = bank.wait_for_parked(1);
  BOOST_TEST(parked[0].at == 5u);
  auto all = positions(cluster);  // those of aborted transactions, too: the mock has no isolation
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  BOOST_TEST((all == std::vector{1, 2, 3, 4, 6, 7, 8}));
}

BOOST_AUTO_TEST_CASE(brokers_that_come_back_get_everything_once) {
  mock_cluster cluster;
  cluster.topic("account").topic("annals-relay-out");
  bank_node bank;
  bank.open_account("1");
  const auto out = started_once(bank, cluster);
  bank.wait_for_relay();
  cluster.go_down();
  bank.deposit("1", 1);
  bank.deposit("1", 2);
  wait_until([&] { return !out.status().is_connected; });
  cluster.come_up();
  bank.wait_for_relay();
  BOOST_TEST((positions(cluster) == std::vector{1, 2, 3}));
}

BOOST_AUTO_TEST_SUITE_END()
