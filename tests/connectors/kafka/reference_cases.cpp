// What relays and intakes tell a scrape is what the reference lists.
#include "connectors/kafka/bank_node.hpp"
#include "connectors/kafka/mock_cluster.hpp"
#include "connectors/support/reference.hpp"

#include <annals/kafka_intake.hpp>

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace kafka_test;
using connectors::families_in;
using connectors::listed_families;

BOOST_AUTO_TEST_SUITE(kafka_reference)

BOOST_AUTO_TEST_CASE(a_relay_has_the_families_that_the_reference_lists) {
  mock_cluster cluster;
  cluster.topic("account");
  bank_node bank;
  const auto out = kafka::relay::start(bank.rt, bank.to(cluster.brokers())).value();
  BOOST_TEST(families_in(out.metrics()) == listed_families("Kafka", "annals_relay_"), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_intake_has_the_families_that_the_reference_lists) {
  mock_cluster cluster;
  cluster.topic("deposits").topic("dead");
  bank_node bank;
  kafka::intake_options with;
  with.group = "bank";
  with.brokers = cluster.brokers();
  with.topics = {"deposits"};
  with.map = [](const kafka::message&) { return result<std::optional<kafka::order>>{std::optional<kafka::order>{}}; };
  with.dead_letter_topic = "dead";
  const auto in = kafka::intake::start(bank.rt, with).value();
  BOOST_TEST(families_in(in.metrics()) == listed_families("Kafka", "annals_intake_"), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
