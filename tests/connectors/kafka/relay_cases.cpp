#include "connectors/kafka/bank_node.hpp"
#include "connectors/kafka/mock_cluster.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace kafka_test;

namespace {

using versions_of = std::map<std::string, std::vector<int>>;

/// Stream versions by key, in the order of the topic.
versions_of versions(const std::vector<nlohmann::json>& messages) {
  versions_of found;
  for (const auto& one : messages) found[one.at("key")].push_back(std::stoi(header(one, "ce_streamversion")));
  return found;
}

kafka::relay started(runtime& rt, kafka::relay_options with) { return kafka::relay::start(rt, std::move(with)).value(); }

std::string why_refused(runtime& rt, kafka::relay_options with) {
  auto made = kafka::relay::start(rt, std::move(with));
  return made ? std::string{} : made.error().message();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kafka_relay)

BOOST_AUTO_TEST_CASE(events_arrive_as_cloud_events_in_the_order_of_their_streams) {
  mock_cluster cluster;
  cluster.topic("account", 3);
  bank_node bank;
  const auto opened = bank.open_account(
      "1", "Ada", {.correlation = "order 7", .causation = "click", .trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"});
  const auto out = started(bank.rt, bank.to(cluster.brokers()));
  bank.open_account("2", "Grace");
  for (int i = 0; i < 20; ++i) bank.deposit(i % 2 == 0 ? "1" : "2", 100 + i);
  bank.wait_for_relay();

  const auto all = cluster.messages("account");
  std::vector<int> expected(11);
  for (int i = 0; i < 11; ++i) expected[static_cast<std::size_t>(i)] = i + 1;
  BOOST_TEST((versions(all) == versions_of{{"account-1", expected}, {"account-2", expected}}));

  const auto first = std::find_if(all.begin(), all.end(), [](const auto& one) { return header(one, "ce_position") == "1"; });
  BOOST_REQUIRE(first != all.end());
  BOOST_TEST(header(*first, "ce_specversion") == "1.0");
  BOOST_TEST(header(*first, "ce_id").starts_with(bank.rt.view().store_id().value() + "-" + std::to_string(opened.at) + "-"));
  BOOST_TEST(header(*first, "ce_source") == "https://bank.example");
  BOOST_TEST(header(*first, "ce_type") == "account_opened");
  BOOST_TEST(header(*first, "ce_subject") == "account-1");
  BOOST_TEST(header(*first, "content-type") == "application/json");
  BOOST_TEST(header(*first, "ce_schema") == "1");
  BOOST_TEST(header(*first, "ce_correlationid") == "order 7");
  BOOST_TEST(header(*first, "ce_causationid") == "click");
  BOOST_TEST(header(*first, "traceparent").starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"));
  const auto time = header(*first, "ce_time");
  BOOST_TEST(time.size() == std::string_view{"2026-01-01T00:00:00.000000Z"}.size());
  BOOST_TEST(nlohmann::json::parse(first->at("payload").get<std::string>()).at("owner") == "Ada");
  BOOST_TEST(out.status().published == 22u);
  BOOST_TEST(out.status().is_connected);
}

BOOST_AUTO_TEST_CASE(a_relay_goes_on_where_the_last_one_was) {
  mock_cluster cluster;
  cluster.topic("account");
  bank_node bank;
  bank.open_account("1");
  {
    const auto out = started(bank.rt, bank.to(cluster.brokers()));
    bank.wait_for_relay();
  }
  bank.deposit("1", 5);
  const auto out = started(bank.rt, bank.to(cluster.brokers()));
  bank.wait_for_relay();
  BOOST_TEST((versions(cluster.messages("account")) == versions_of{{"account-1", {1, 2}}}));
}

BOOST_AUTO_TEST_CASE(while_the_brokers_are_gone_the_log_is_the_buffer) {
  mock_cluster cluster;
  cluster.topic("account");
  bank_node bank;
  bank.open_account("1");
  const auto out = started(bank.rt, bank.to(cluster.brokers()));
  bank.wait_for_relay();
  cluster.go_down();
  for (int i = 0; i < 10; ++i) bank.deposit("1", 1);
  wait_until([&] { return !out.status().is_connected; });
  BOOST_TEST(out.status().last_error.has_value());
  cluster.come_up();
  bank.wait_for_relay();
  BOOST_TEST((versions(cluster.messages("account")) == versions_of{{"account-1", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}}}));
  wait_until([&] { return out.status().is_connected; });
  BOOST_TEST(bank.subscription().parked == 0u);
}

BOOST_AUTO_TEST_CASE(errors_that_pass_are_tried_again) {
  mock_cluster cluster;
  cluster.topic("account");
  bank_node bank;
  cluster.fail(produce, {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR__TRANSPORT,
                         RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT});
  bank.open_account("1");
  for (int i = 0; i < 10; ++i) bank.deposit("1", 1);
  const auto out = started(bank.rt, bank.to(cluster.brokers()));
  bank.wait_for_relay();
  BOOST_TEST((versions(cluster.messages("account")) == versions_of{{"account-1", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}}}));
  BOOST_TEST(bank.subscription().parked == 0u);
}

BOOST_AUTO_TEST_CASE(an_event_that_is_too_large_is_parked_and_the_others_go_on) {
  mock_cluster cluster;
  cluster.topic("account");
  bank_node bank;
  bank.open_account("1", std::string(5'000, 'x'));
  bank.open_account("2");
  bank.deposit("1", 5);
  auto with = bank.to(cluster.brokers());
  with.properties["message.max.bytes"] = "3000";
  with.failure.then = on_failure::park_stream;
  const auto out = started(bank.rt, with);
  bank.wait_for_relay();
  BOOST_TEST((versions(cluster.messages("account")) == versions_of{{"account-2", {1}}}));
  const auto parked = bank.wait_for_parked(2);
  BOOST_TEST(parked[0].at == 1u);
  BOOST_TEST(parked[0].attempts == 2u);
  BOOST_TEST(parked[0].error.find("MSG_SIZE_TOO_LARGE") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_batch_that_is_refused_parks_none_of_its_events_that_pass_alone) {
  mock_cluster cluster;
  cluster.topic("account");
  bank_node bank;
  bank.open_account("1");
  bank.open_account("2");
  for (int i = 0; i < 6; ++i) bank.deposit(i % 2 == 0 ? "1" : "2", 1);
  cluster.fail(produce, {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE});
  const auto out = started(bank.rt, bank.to(cluster.brokers()));
  bank.wait_for_relay();
  BOOST_TEST((versions(cluster.messages("account")) == versions_of{{"account-1", {1, 2, 3, 4}}, {"account-2", {1, 2, 3, 4}}}));
  BOOST_TEST(bank.subscription().parked == 0u);
  BOOST_TEST(out.status().refused == 0u);
}

BOOST_AUTO_TEST_CASE(nothing_later_of_a_stream_is_published_before_an_event_that_was_refused) {
  mock_cluster cluster;
  cluster.topic("account");
  bank_node bank;
  bank.open_account("1");
  for (int i = 0; i < 5; ++i) bank.deposit("1", 1);
  cluster.fail(produce, {RD_KAFKA_RESP_ERR_INVALID_RECORD, RD_KAFKA_RESP_ERR_INVALID_RECORD});  // the batch, then its first event
  const auto out = started(bank.rt, bank.to(cluster.brokers()));
  bank.wait_for_relay();
  BOOST_TEST((versions(cluster.messages("account")) == versions_of{{"account-1", {1, 2, 3, 4, 5, 6}}}));
  BOOST_TEST(out.status().refused == 1u);
}

BOOST_AUTO_TEST_CASE(events_for_an_unknown_topic_are_parked_and_those_for_others_are_not) {
  mock_cluster cluster;
  cluster.topic("known");
  cluster.fail_topic("nowhere", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  bank_node bank;
  bank.open_account("1");
  bank.open_account("2");
  auto with = bank.to(cluster.brokers());
  with.properties["topic.metadata.propagation.max.ms"] = "100";
  with.topic = [](const record_view& record) { return record.key() == "1" ? "nowhere" : "known"; };
  const auto out = started(bank.rt, with);
  bank.wait_for_relay();
  BOOST_TEST((versions(cluster.messages("known")) == versions_of{{"account-2", {1}}}));
  const auto parked = bank.wait_for_parked(1);
  BOOST_TEST(parked[0].error.find("nowhere") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_topic_function_that_throws_parks_its_event) {
  mock_cluster cluster;
  bank_node bank;
  bank.open_account("1");
  auto with = bank.to(cluster.brokers());
  with.topic = [](const record_view&) -> std::string { throw std::runtime_error("no topic today"); };
  const auto out = started(bank.rt, with);
  bank.wait_for_relay();
  const auto parked = bank.wait_for_parked(1);
  BOOST_TEST(parked[0].error.find("no topic today") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(stopping_takes_no_longer_than_it_says_when_the_brokers_are_gone) {
  mock_cluster cluster;
  cluster.topic("account");
  bank_node bank;
  bank.open_account("1");
  auto out = started(bank.rt, bank.to(cluster.brokers()));
  bank.wait_for_relay();
  cluster.go_down();
  bank.deposit("1", 1);
  wait_until([&] { return out.status().in_flight > 0; });
  const auto begin = std::chrono::steady_clock::now();
  out.stop();
  BOOST_TEST((std::chrono::steady_clock::now() - begin < std::chrono::milliseconds{2'300}));
  BOOST_TEST(!out.status().is_running);
  cluster.come_up();
  const auto next = started(bank.rt, bank.to(cluster.brokers()));
  bank.wait_for_relay();
  BOOST_TEST(versions(cluster.messages("account"))["account-1"].back() == 2);
}

BOOST_AUTO_TEST_CASE(what_the_promises_rest_on_cannot_be_set) {
  bank_node bank;
  const auto with = [&](const char* name, const char* value) {
    auto made = bank.to("127.0.0.1:1");
    made.properties[name] = value;
    return why_refused(bank.rt, made);
  };
  BOOST_TEST(with("acks", "1").find("property acks") != std::string::npos);
  BOOST_TEST(with("no.such.property", "1").find("no.such.property") != std::string::npos);
  auto none = bank.to("");
  BOOST_TEST(why_refused(bank.rt, none).find("brokers") != std::string::npos);
  none = bank.to("127.0.0.1:1");
  none.source = "";
  BOOST_TEST(why_refused(bank.rt, none).find("source") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
