// Parked events of a relay, and what is decided about them while it runs.
#include "connectors/kafka/bank_node.hpp"
#include "connectors/kafka/mock_cluster.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <utility>

using namespace annals;
using namespace kafka_test;

namespace {

/// A topic whose limit every message exceeds, until it is raised.
struct limited : mock_cluster {
  limited() {
    topic("account");
    fail(produce, std::vector(1'000, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE));
  }
  void raise() { fail_no_more(produce); }

  /// Streams and their versions, in the order of the topic.
  std::string published() const {
    std::string text;
    for (const auto& one : messages("account")) text += one.at("key").get<std::string>() + ":" + header(one, "ce_streamversion") + " ";
    return text;
  }
};

kafka::relay started(bank_node& bank, const mock_cluster& to, on_failure then = on_failure::park_event) {
  auto with = bank.to(to.brokers());
  with.failure.then = then;
  return kafka::relay::start(bank.rt, with).value();
}

void wait_until_nothing_is_parked(const kafka::relay& in) {
  wait_until([&] { return in.parked().value().empty(); });
}

void is_refused(pending<void> asked, errc code, const std::string& says) {
  const auto done = asked.get();
  BOOST_TEST_REQUIRE(!done.has_value());
  BOOST_TEST((done.error().code == code), done.error().message());
  BOOST_TEST(done.error().message().find(says) != std::string::npos, done.error().message());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kafka_relay_parked)

BOOST_AUTO_TEST_CASE(what_was_too_large_is_published_once_after_the_limit_was_raised) {
  limited cluster;
  bank_node bank;
  bank.open_account("1");
  auto out = started(bank, cluster);
  const auto parked = bank.wait_for_parked(1);
  BOOST_TEST((out.parked().value() == parked));
  BOOST_TEST(parked[0].error.find("MSG_SIZE_TOO_LARGE") != std::string::npos);
  cluster.raise();
  bank.open_account("2");
  bank.wait_for_relay();
  BOOST_TEST(cluster.published() == "account-2:1 ");
  is_refused(out.retry(2), errc::not_found, "no event is parked at this position");

  out.retry(1).get().value();
  wait_until_nothing_is_parked(out);
  BOOST_TEST(cluster.published() == "account-2:1 account-1:1 ");
  BOOST_TEST(out.status().published == 2u);
  BOOST_TEST(bank.subscription().parked == 0u);
  is_refused(out.retry(1), errc::not_found, "no event is parked at this position");
}

BOOST_AUTO_TEST_CASE(what_is_refused_again_stays_parked) {
  limited cluster;
  bank_node bank;
  bank.open_account("1");
  auto out = started(bank, cluster);
  const auto first = bank.wait_for_parked(1)[0];
  out.retry(1).get().value();
  wait_until([&] { return out.parked().value().at(0).time != first.time; });
  BOOST_TEST(out.parked().value().size() == 1u);
  BOOST_TEST(out.status().refused == 4u);  // two attempts, twice
  cluster.raise();
  out.retry(1).get().value();
  wait_until_nothing_is_parked(out);
  BOOST_TEST(cluster.published() == "account-1:1 ");
}

BOOST_AUTO_TEST_CASE(a_stream_is_retried_from_its_first_parked_event_on) {
  limited cluster;
  bank_node bank;
  bank.open_account("1");
  bank.deposit("1", 1);
  bank.deposit("1", 2);
  auto out = started(bank, cluster, on_failure::park_stream);
  bank.wait_for_parked(3);
  cluster.raise();
  is_refused(out.retry(2), errc::misuse, "an earlier parked event must be retried or skipped first");
  out.retry(1).get().value();
  wait_until_nothing_is_parked(out);
  BOOST_TEST(cluster.published() == "account-1:1 account-1:2 account-1:3 ");
}

BOOST_AUTO_TEST_CASE(what_is_skipped_is_never_published) {
  limited cluster;
  bank_node bank;
  bank.open_account("1");
  {
    auto out = started(bank, cluster);
    bank.wait_for_parked(1);
    cluster.raise();
    out.skip(1).get().value();
    BOOST_TEST(out.parked().value().empty());
    is_refused(out.skip(1), errc::not_found, "no event is parked at this position");
    is_refused(out.retry(1), errc::not_found, "no event is parked at this position");
  }
  const auto next = started(bank, cluster);
  bank.deposit("1", 1);
  bank.wait_for_relay();
  BOOST_TEST(cluster.published() == "account-1:2 ");
}

BOOST_AUTO_TEST_CASE(where_it_stopped_a_relay_goes_on_after_a_decision) {
  limited cluster;
  bank_node bank;
  bank.open_account("1");
  auto out = started(bank, cluster, on_failure::stop);
  const auto stopped_at = [&](position at) {
    const auto why = out.status().last_error;
    return why && why->code == errc::subscription_stopped && why->place == at;
  };
  wait_until([&] { return stopped_at(1); });
  BOOST_TEST(out.parked().value().empty());
  bank.open_account("2");
  out.skip(1).get().value();
  wait_until([&] { return stopped_at(2); });
  cluster.raise();
  out.retry(2).get().value();
  bank.wait_for_relay();
  BOOST_TEST(cluster.published() == "account-2:1 ");
}

BOOST_AUTO_TEST_CASE(a_retry_in_transactions_publishes_once) {
  mock_cluster cluster;
  cluster.topic("account").topic("annals-relay-out");
  bank_node bank;
  bank.open_account("1");
  bank.open_account("2");
  std::atomic<bool> is_raised = false;
  auto with = bank.to(cluster.brokers());
  with.exactly_once = true;
  with.topic = [&](const record_view& record) { return record.key() == "1" && !is_raised ? "" : "account"; };
  {
    auto out = kafka::relay::start(bank.rt, with).value();
    bank.wait_for_relay();
    bank.wait_for_parked(1);
    is_raised = true;
    out.retry(1).get().value();
    wait_until_nothing_is_parked(out);
  }
  const auto next = kafka::relay::start(bank.rt, with).value();
  bank.open_account("3");
  bank.wait_for_relay();
  std::vector<std::string> keys;
  for (const auto& one : cluster.messages("account")) keys.push_back(one.at("key"));
  BOOST_TEST((keys == std::vector<std::string>{"account-2", "account-1", "account-3"}));
}

BOOST_AUTO_TEST_CASE(an_event_that_is_retried_after_the_end_comes_to_the_next_relay) {
  limited cluster;
  bank_node bank;
  bank.open_account("1");
  auto out = started(bank, cluster);
  bank.wait_for_parked(1);
  auto moved = std::move(out);
  is_refused(out.retry(1), errc::closed, "moved from");
  is_refused(out.skip(1), errc::closed, "moved from");
  BOOST_TEST((out.parked().error().code == errc::closed));
  moved.stop();
  cluster.raise();
  BOOST_TEST(moved.parked().value().size() == 1u);
  moved.retry(1).get().value();
  const auto next = started(bank, cluster);
  wait_until_nothing_is_parked(next);
  BOOST_TEST(cluster.published() == "account-1:1 ");
}

BOOST_AUTO_TEST_SUITE_END()
