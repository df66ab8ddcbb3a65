// A relay with several batches under way.
#include "connectors/kafka/bank_node.hpp"
#include "connectors/kafka/metrics.hpp"
#include "connectors/kafka/mock_cluster.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>

using namespace annals;
using namespace kafka_test;

namespace {

/// Whether each version of each stream is there, and none before the one that precedes it. A message may be there twice.
bool are_complete_and_in_order(const std::vector<nlohmann::json>& messages, const std::map<std::string, int>& versions) {
  std::map<std::string, int> seen;
  for (const auto& one : messages) {
    auto& newest = seen[one.at("key")];
    const auto version = std::stoi(header(one, "ce_streamversion"));
    if (version > newest + 1) return false;
    newest = std::max(newest, version);
  }
  return seen == versions;
}

kafka::relay_options in_small_batches(const bank_node& bank, const mock_cluster& cluster) {
  auto with = bank.to(cluster.brokers());
  with.batch_events_max = 2;
  with.in_flight_max = 16;
  return with;
}

/// Stream 1 with so many events, and a few others between them.
void fill(bank_node& bank, int count) {
  bank.open_account("1");
  bank.open_account("2");
  for (int i = 1; i < count; ++i) {
    bank.deposit("1", 1);
    if (i % 8 == 0) bank.deposit("2", 1);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kafka_relay_flow)

BOOST_AUTO_TEST_CASE(what_a_relay_holds_is_bounded_while_the_brokers_are_gone) {
  mock_cluster cluster;
  cluster.topic("account", 3);
  bank_node bank;
  bank.open_account("0");
  const auto out = kafka::relay::start(bank.rt, in_small_batches(bank, cluster)).value();
  bank.wait_for_relay();
  cluster.go_down();
  fill(bank, 60);
  wait_until([&] { return out.status().in_flight >= 15u && !out.status().is_connected; });  // batches of one or two
  const auto gone = out.metrics();
  BOOST_TEST(value_of(gone, "annals_relay_in_flight_events", {"out"}) <= 16);
  BOOST_TEST(value_of(gone, "annals_relay_in_flight_bytes", {"out"}) > 0);
  BOOST_TEST(value_of(gone, "annals_relay_connected", {"out"}) == 0);
  BOOST_TEST(value_of(gone, "annals_relay_events_total", {"out", "published"}) == 1);
  BOOST_TEST(value_of(gone, "annals_relay_failures_total", {"out"}) > 0);
  cluster.come_up();
  bank.wait_for_relay();
  BOOST_TEST(are_complete_and_in_order(cluster.messages("account"), {{"account-0", 1}, {"account-1", 60}, {"account-2", 8}}));
  wait_until([&] { return value_of(out.metrics(), "annals_relay_in_flight_events", {"out"}) == 0; });
  const auto back = out.metrics();
  BOOST_TEST(value_of(back, "annals_relay_connected", {"out"}) == 1);
  BOOST_TEST(value_of(back, "annals_relay_events_total", {"out", "published"}) == 69);
  BOOST_TEST(value_of(back, "annals_relay_events_total", {"out", "refused"}) == 0);
  BOOST_TEST(value_of(back, "annals_relay_position", {"out"}) == static_cast<double>(bank.rt.head().at));
}

BOOST_AUTO_TEST_CASE(the_bytes_that_a_relay_holds_are_bounded) {
  mock_cluster cluster;
  cluster.topic("account");
  bank_node bank;
  for (int i = 0; i < 40; ++i) bank.open_account(std::to_string(i), std::string(100'000, 'x'));
  auto with = in_small_batches(bank, cluster);
  with.in_flight_max = 64;
  with.in_flight_bytes_max = std::size_t{1} << 20;
  cluster.go_down();
  const auto out = kafka::relay::start(bank.rt, with).value();
  wait_until([&] { return value_of(out.metrics(), "annals_relay_in_flight_bytes", {"out"}) > 1 << 20; });
  BOOST_TEST(out.status().in_flight <= 8u);  // each as stored and as JSON; the batch of two that reaches the bound is the last
  cluster.come_up();
  bank.wait_for_relay();
  BOOST_TEST(out.status().published == 40u);
}

BOOST_AUTO_TEST_CASE(what_was_taken_after_a_refused_event_of_its_stream_waits_for_it) {
  mock_cluster cluster;
  cluster.topic("account");
  bank_node bank;
  fill(bank, 40);
  auto with = in_small_batches(bank, cluster);
  std::atomic<int> refused = 0;
  with.topic = [&](const record_view& record) -> std::string {
    return record.key() == "1" && record.version == 5 && refused++ == 0 ? "" : "account";
  };
  {
    const auto out = kafka::relay::start(bank.rt, with).value();
    bank.wait_for_relay();
    BOOST_TEST(out.status().refused == 1u);
  }
  BOOST_TEST(are_complete_and_in_order(cluster.messages("account"), {{"account-1", 40}, {"account-2", 5}}));
  BOOST_TEST(bank.subscription().parked == 0u);
}

BOOST_AUTO_TEST_CASE(an_event_is_acknowledged_after_its_delivery_report) {
  mock_cluster cluster;
  cluster.topic("account");
  bank_node bank;
  bank.open_account("1");
  {
    const auto out = kafka::relay::start(bank.rt, in_small_batches(bank, cluster)).value();
    bank.wait_for_relay();
    cluster.go_down();
    for (int i = 0; i < 7; ++i) bank.deposit("1", 1);
    wait_until([&] { return out.status().in_flight == 7u; });
  }
  BOOST_TEST(bank.subscription().at == 1u);
  cluster.come_up();
  const auto out = kafka::relay::start(bank.rt, in_small_batches(bank, cluster)).value();
  bank.wait_for_relay();
  BOOST_TEST(are_complete_and_in_order(cluster.messages("account"), {{"account-1", 8}}));
}

BOOST_AUTO_TEST_CASE(slow_brokers_get_everything_in_order) {
  mock_cluster cluster;
  cluster.topic("account", 2);
  cluster.be_slow(100);
  bank_node bank;
  fill(bank, 80);
  const auto out = kafka::relay::start(bank.rt, in_small_batches(bank, cluster)).value();
  bank.wait_for_relay();
  BOOST_TEST(are_complete_and_in_order(cluster.messages("account"), {{"account-1", 80}, {"account-2", 10}}));
  BOOST_TEST(out.status().published == 90u);
}

BOOST_AUTO_TEST_CASE(a_relay_that_is_stopped_before_kafka_has_all_reports_no_failure) {
  using clock = std::chrono::steady_clock;
  mock_cluster cluster;
  cluster.topic("account");
  bank_node bank;
  bank.open_account("1");
  auto with = in_small_batches(bank, cluster);
  std::string warned;
  with.warn = [&](std::string_view line) { warned += line; };
  bool was_under_way = false;  // a stop takes stop_max only if it waits for messages
  for (int lives = 0; lives < 100 && !was_under_way; ++lives) {
    cluster.be_slow(0);
    auto out = kafka::relay::start(bank.rt, with).value();
    bank.wait_for_relay();
    cluster.be_slow(60'000);
    bank.deposit("1", 1);
    wait_until([&] { return out.status().in_flight == 1u; });
    const auto stopped = clock::now();
    out.stop();
    was_under_way = clock::now() - stopped >= with.stop_max;
    BOOST_TEST(warned == "");
  }
  BOOST_TEST(was_under_way);
}

BOOST_AUTO_TEST_CASE(many_transactions_publish_each_event_once_and_in_order) {
  mock_cluster cluster;
  cluster.topic("account").topic("annals-relay-out");
  bank_node bank;
  fill(bank, 40);
  auto with = in_small_batches(bank, cluster);
  with.exactly_once = true;
  const auto out = kafka::relay::start(bank.rt, with).value();
  bank.wait_for_relay();
  std::vector<std::uint64_t> seen;
  for (const auto& one : cluster.messages("account")) seen.push_back(std::stoull(header(one, "ce_position")));
  BOOST_TEST(seen.size() == bank.rt.head().at);
  BOOST_TEST(std::is_sorted(seen.begin(), seen.end()));
  BOOST_TEST(out.status().published == seen.size());
}

BOOST_AUTO_TEST_SUITE_END()
