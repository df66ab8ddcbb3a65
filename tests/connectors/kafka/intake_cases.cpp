#include "connectors/kafka/bank_node.hpp"
#include "connectors/kafka/mock_cluster.hpp"

#include <annals/kafka_intake.hpp>

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace kafka_test;

namespace {

/// Key: the account; value: cents, "open", or "nothing".
result<std::optional<kafka::order>> deposit_of(const kafka::message& from) {
  const std::string account{from.key.value_or("")};
  const std::string what{from.value.value_or("")};
  if (what == "nothing") return std::optional<kafka::order>{};
  if (what == "open") return std::optional{kafka::order::to<bank::account>(account, bank::open_account{"Ada"})};
  if (what.find_first_not_of("-0123456789") != std::string::npos) return error{errc::undecodable, "no number", what};
  return std::optional{kafka::order::to<bank::account>(account, bank::deposit{std::stoll(what), {}})};
}

kafka::intake_options from(const mock_cluster& cluster) {
  kafka::intake_options with;
  with.group = "bank";
  with.brokers = cluster.brokers();
  with.topics = {"deposits"};
  with.map = deposit_of;
  with.dead_letter_topic = "dead";
  with.commit_every = std::chrono::milliseconds{50};
  with.stop_max = std::chrono::milliseconds{500};
  with.properties = {{"topic.metadata.refresh.fast.interval.ms", "20"}, {"session.timeout.ms", "3000"}, {"heartbeat.interval.ms", "200"}};
  with.warn = [](std::string_view) {};
  return with;
}

kafka::intake taking_from(bank_node& bank, kafka::intake_options with) { return kafka::intake::start(bank.rt, std::move(with)).value(); }

std::int64_t cents(bank_node& bank, const std::string& key) { return bank.rt.state_of<bank::account>(key).value().state.cents; }

void wait_for(const kafka::intake& in, std::uint64_t taken) {
  wait_until([&] {
    const auto now = in.status();
    return now.taken >= taken && now.accepted + now.refused + now.passed_over + now.lost >= taken;
  });
}

std::string why_not(bank_node& bank, const kafka::intake_options& with) {
  auto made = kafka::intake::start(bank.rt, with);
  return made ? std::string{} : made.error().message();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kafka_intake)

BOOST_AUTO_TEST_CASE(messages_become_commands_and_their_offsets_are_committed) {
  mock_cluster cluster;
  cluster.topic("deposits", 2).topic("dead");
  bank_node bank;
  cluster.put("deposits", {{"1", "open"}, {"1", "5"}, {"1", "nothing"}, {"1", "7"}}, 0);
  cluster.put("deposits", {{"2", "open"}, {"2", "11"}}, 1);
  {
    const auto in = taking_from(bank, from(cluster));
    wait_for(in, 6);
    BOOST_TEST(in.status().passed_over == 1u);
  }
  BOOST_TEST(cents(bank, "1") == 12);
  BOOST_TEST(cents(bank, "2") == 11);
  cluster.put("deposits", {{"2", "1"}}, 1);
  const auto in = taking_from(bank, from(cluster));
  wait_for(in, 1);
  BOOST_TEST(in.status().taken == 1u);
  BOOST_TEST(cents(bank, "2") == 12);
}

BOOST_AUTO_TEST_CASE(a_message_that_is_taken_again_has_no_second_effect) {
  mock_cluster cluster;
  cluster.topic("deposits").topic("dead");
  bank_node bank;
  std::vector<std::pair<std::string, std::string>> all{{"1", "open"}};
  for (int i = 0; i < 300; ++i) all.emplace_back("1", "1");
  cluster.put("deposits", all);
  {
    const auto in = taking_from(bank, from(cluster));
    wait_for(in, all.size());
  }
  auto with = from(cluster);
  with.group = "another";  // which has no offsets, as after the loss of all that were committed
  const auto in = taking_from(bank, with);
  wait_for(in, all.size());
  BOOST_TEST(in.status().accepted == all.size());
  BOOST_TEST(cents(bank, "1") == 300);
}

BOOST_AUTO_TEST_CASE(what_is_refused_goes_to_the_dead_letter_topic_with_the_reason) {
  mock_cluster cluster;
  cluster.topic("deposits").topic("dead");
  bank_node bank;
  cluster.put("deposits", {{"1", "open"}, {"1", "-5"}, {"1", "five"}, {"1", "5"}});
  const auto in = taking_from(bank, from(cluster));
  wait_for(in, 4);
  BOOST_TEST(in.status().refused == 2u);
  BOOST_TEST(cents(bank, "1") == 5);
  const auto dead = cluster.messages("dead");
  BOOST_REQUIRE(dead.size() == 2u);
  const auto& rejected = header(dead[0], "annals_error") == "rejected" ? dead[0] : dead[1];
  const auto& unmapped = header(dead[0], "annals_error") == "rejected" ? dead[1] : dead[0];
  BOOST_TEST(header(rejected, "annals_reason") == "bad_amount");
  BOOST_TEST(header(rejected, "annals_topic") == "deposits");
  BOOST_TEST(header(rejected, "annals_offset") == "1");
  BOOST_TEST(header(rejected, "from") == "test");
  BOOST_TEST(rejected.at("payload") == "-5");
  BOOST_TEST(header(unmapped, "annals_reason") == "no number");
}

BOOST_AUTO_TEST_CASE(a_host_may_park_what_is_refused_by_a_command) {
  mock_cluster cluster;
  cluster.topic("deposits");
  bank_node bank;
  cluster.put("deposits", {{"1", "5"}});
  auto with = from(cluster);
  with.dead_letter_topic.clear();
  with.park = [](const kafka::message& what, const error& why) {
    return kafka::order::to<bank::account>("parked", bank::open_account{std::string{*what.value} + " " + why.reason});
  };
  const auto in = taking_from(bank, with);
  wait_for(in, 1);
  BOOST_TEST(in.status().refused == 1u);
  const auto past = bank.rt.history<bank::account>("parked").value();
  BOOST_REQUIRE(past.size() == 1u);
  BOOST_TEST(std::get<bank::account_opened>(past[0].event).owner == "5 not_open");
}

BOOST_AUTO_TEST_CASE(commands_are_of_the_trace_of_their_message_parked_ones_too) {
  const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  mock_cluster cluster;
  cluster.topic("deposits");
  bank_node bank;
  cluster.put("deposits", {{"1", "5"}}, 0, {"traceparent", trace.c_str()});
  std::mutex mutex;
  std::vector<std::string> traces;
  const auto seen = [&](kafka::order as) {
    as.send = [&, send = as.send](node& by, send_options with) {
      const std::lock_guard lock{mutex};
      traces.push_back(with.trace);
      return send(by, std::move(with));
    };
    return as;
  };
  auto with = from(cluster);
  with.dead_letter_topic.clear();
  with.map = [&](const kafka::message&) { return std::optional{seen(kafka::order::to<bank::account>("1", bank::deposit{5, {}}))}; };
  with.park = [&](const kafka::message&, const error&) { return seen(kafka::order::to<bank::account>("parked", bank::open_account{"Ada"})); };
  const auto in = taking_from(bank, with);
  wait_for(in, 1);
  const std::lock_guard lock{mutex};
  BOOST_TEST((traces == std::vector{trace, trace}));
}

BOOST_AUTO_TEST_CASE(dead_letters_that_cannot_be_delivered_hold_back_the_offset) {
  mock_cluster cluster;
  cluster.topic("deposits").topic("dead");
  bank_node bank;
  cluster.put("deposits", {{"1", "five"}});
  cluster.fail(produce, {RD_KAFKA_RESP_ERR_INVALID_RECORD, RD_KAFKA_RESP_ERR_INVALID_RECORD});
  const auto in = taking_from(bank, from(cluster));
  wait_for(in, 1);
  BOOST_TEST(in.status().sent_again == 2u);
  BOOST_TEST(cluster.messages("dead").size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_rebalance_loses_nothing_and_repeats_nothing) {
  mock_cluster cluster;
  cluster.topic("deposits", 4).topic("dead");
  bank_node bank;
  constexpr int each = 200;
  std::vector<std::pair<std::string, std::string>> some(each, {"", "1"});
  const auto put_round = [&] {
    for (int partition = 0; partition < 4; ++partition) {
      for (auto& one : some) one.first = std::to_string(partition);
      cluster.put("deposits", some, partition);
    }
  };
  for (int partition = 0; partition < 4; ++partition) bank.open_account(std::to_string(partition));
  put_round();
  std::optional<kafka::intake> first = taking_from(bank, from(cluster));
  wait_until([&] { return first->status().taken > 0; });
  auto second = taking_from(bank, from(cluster));
  put_round();
  wait_until([&] { return first->status().partitions == 2u && second.status().partitions == 2u; });
  put_round();
  first.reset();
  put_round();
  wait_until([&] {
    for (int partition = 0; partition < 4; ++partition)
      if (cents(bank, std::to_string(partition)) < 4 * each) return false;
    return second.status().partitions == 4u;
  });
  second.stop();
  for (int partition = 0; partition < 4; ++partition) BOOST_TEST(cents(bank, std::to_string(partition)) == 4 * each);
}

BOOST_AUTO_TEST_CASE(when_the_node_is_closed_the_intake_ends) {
  mock_cluster cluster;
  cluster.topic("deposits").topic("dead");
  bank_node bank;
  const auto in = taking_from(bank, from(cluster));
  wait_until([&] { return in.status().partitions == 1u; });
  bank.rt.close();
  cluster.put("deposits", {{"1", "open"}});
  wait_until([&] { return !in.status().is_running; });
  BOOST_REQUIRE(in.status().last_error.has_value());
  BOOST_TEST((in.status().last_error->code == errc::closed));
}

BOOST_AUTO_TEST_CASE(stopping_takes_no_longer_than_it_says) {
  mock_cluster cluster;
  cluster.topic("deposits").topic("dead");
  bank_node bank;
  auto in = taking_from(bank, from(cluster));
  wait_until([&] { return in.status().partitions == 1u; });
  cluster.go_down();
  const auto begin = std::chrono::steady_clock::now();
  in.stop();
  BOOST_TEST((std::chrono::steady_clock::now() - begin < std::chrono::milliseconds{3'500}));
}

BOOST_AUTO_TEST_CASE(options_that_make_no_sense_are_refused) {
  bank_node bank;
  mock_cluster cluster;
  auto with = from(cluster);
  with.park = [](const kafka::message&, const error&) { return std::optional<kafka::order>{}; };
  BOOST_TEST(why_not(bank, with).find("set one of the two") != std::string::npos);
  with = from(cluster);
  with.properties["enable.auto.commit"] = "true";
  BOOST_TEST(why_not(bank, with).find("enable.auto.commit") != std::string::npos);
  with = from(cluster);
  with.topics.clear();
  BOOST_TEST(why_not(bank, with).find("topics") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
