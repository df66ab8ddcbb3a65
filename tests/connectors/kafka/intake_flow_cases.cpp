// An intake whose node or brokers are slow.
#include "connectors/kafka/bank_node.hpp"
#include "connectors/kafka/metrics.hpp"
#include "connectors/kafka/mock_cluster.hpp"

#include "actors/base/waiter.hpp"

#include <annals/kafka_intake.hpp>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <map>
#include <mutex>

using namespace annals;
using namespace kafka_test;

namespace {

/// The answers of a node that answers when it is told to: then each command is sent again, and the node itself answers.
class held_answers {
public:
  ~held_answers() { release(); }  // maybe after the intake has ended

  pending<receipt> hold() {
    const std::lock_guard lock{mutex_};
    auto one = detail::make_waiter();
    if (is_open_)
      one->complete(busy());
    else
      all_.push_back(one);
    return {one, detail::receipt_of};
  }
  void release() {
    const std::lock_guard lock{mutex_};
    is_open_ = true;
    for (const auto& one : all_) one->complete(busy());
    all_.clear();
  }
  bool is_open() const {
    const std::lock_guard lock{mutex_};
    return is_open_;
  }

private:
  static error busy() { return {errc::overloaded, "too much is under way"}; }

  mutable std::mutex mutex_;
  bool is_open_ = false;
  std::vector<std::shared_ptr<detail::waiter>> all_;
};

result<std::optional<kafka::order>> deposit_in(const kafka::message& from) {
  return std::optional{kafka::order::to<bank::account>(std::string{*from.key}, bank::deposit{std::stoll(std::string{*from.value}), {}})};
}

kafka::intake_options taking(const mock_cluster& cluster) {
  kafka::intake_options with;
  with.group = "bank";
  with.brokers = cluster.brokers();
  with.topics = {"deposits"};
  with.map = deposit_in;
  with.dead_letter_topic = "dead";
  with.commit_every = std::chrono::milliseconds{10};
  with.stop_max = std::chrono::milliseconds{500};
  with.properties = {{"topic.metadata.refresh.fast.interval.ms", "20"}, {"session.timeout.ms", "3000"}, {"heartbeat.interval.ms", "200"}};
  with.warn = [](std::string_view) {};
  return with;
}

std::vector<std::pair<std::string, std::string>> cents_for(const std::string& account, std::size_t count) {
  return std::vector(count, std::pair{account, std::string{"1"}});
}

std::int64_t cents_of(bank_node& bank, const std::string& key) { return bank.rt.state_of<bank::account>(key).value().state.cents; }

}  // namespace

BOOST_AUTO_TEST_SUITE(kafka_intake_flow)

BOOST_AUTO_TEST_CASE(a_full_intake_pauses_and_goes_on) {
  mock_cluster cluster;
  cluster.topic("deposits").topic("dead");
  bank_node bank;
  std::vector<std::pair<std::string, std::string>> all;
  for (int i = 0; i < 40; ++i) {
    bank.open_account(std::to_string(i));
    all.emplace_back(std::to_string(i), "1");
  }
  cluster.put("deposits", all);
  held_answers held;
  auto with = taking(cluster);
  with.in_flight_max = 4;
  with.map = [&](const kafka::message& from) {
    auto made = deposit_in(from);
    (*made)->send = [&held, send = (*made)->send](node& by, send_options as) { return held.is_open() ? send(by, std::move(as)) : held.hold(); };
    return made;
  };
  const auto in = kafka::intake::start(bank.rt, with).value();
  wait_until([&] { return in.status().is_paused; });
  const auto full = in.metrics();
  BOOST_TEST(value_of(full, "annals_intake_paused", {"bank"}) == 1);
  BOOST_TEST(value_of(full, "annals_intake_in_flight_messages", {"bank"}) == 4);
  BOOST_TEST(value_of(full, "annals_intake_messages_total", {"bank", "accepted"}) == 0);
  BOOST_TEST(value_of(full, "annals_intake_commits_total", {"bank", "done"}) == 0);
  wait_until([&] { return in.status().lag == 40u; });
  held.release();
  wait_until([&] { return in.status().accepted == 40u; });
  wait_until([&] { return in.status().lag == 0u && !in.status().is_paused; });
  BOOST_TEST(in.status().sent_again == 4u);
  for (int i = 0; i < 40; ++i) BOOST_TEST(cents_of(bank, std::to_string(i)) == 1);
}

// The second attempt maps it from bytes of its own. What waits behind it owns its bytes by then, and goes to the dead-letter topic from those.
BOOST_AUTO_TEST_CASE(a_message_is_the_same_when_its_command_is_sent_again) {
  mock_cluster cluster;
  cluster.topic("deposits").topic("dead");
  bank_node bank;
  bank.open_account("1");
  cluster.put("deposits", {{"1", "20"}, {"1", "-3"}});  // the second one waits for the first
  held_answers held;
  auto with = taking(cluster);
  std::mutex mutex;
  std::map<std::int64_t, std::vector<std::string>> seen;  // by offset
  with.map = [&](const kafka::message& from) {
    {
      const std::lock_guard lock{mutex};
      seen[from.offset].push_back(std::string{from.topic} + " " + std::string{*from.key} + " " + std::string{*from.value} + " " +
                                  std::string{from.header("from").value_or("none")} + " " + std::to_string(from.time));
    }
    auto made = deposit_in(from);
    (*made)->send = [&held, send = (*made)->send](node& by, send_options as) { return held.is_open() ? send(by, std::move(as)) : held.hold(); };
    return made;
  };
  const auto in = kafka::intake::start(bank.rt, with).value();
  wait_until([&] { return in.status().in_flight == 2u; });
  held.release();
  wait_until([&] { return in.status().accepted == 1u && in.status().refused == 1u; });
  BOOST_TEST(cents_of(bank, "1") == 20);
  const auto dead = cluster.messages("dead");
  BOOST_REQUIRE(dead.size() == 1u);
  BOOST_TEST(dead[0].at("key") == "1");
  BOOST_TEST(dead[0].at("payload") == "-3");
  BOOST_TEST(header(dead[0], "from") == "test");
  BOOST_TEST(header(dead[0], "annals_offset") == "1");
  const std::lock_guard lock{mutex};
  BOOST_REQUIRE(seen[0].size() == 2u);
  BOOST_TEST(seen[0][0] == seen[0][1]);
  BOOST_TEST(seen[0][0].starts_with("deposits 1 20 test 1"));
  BOOST_TEST(seen[1].size() == 1u);
}

// Though some commands are sent again: what follows in their streams waits.
BOOST_AUTO_TEST_CASE(each_of_many_streams_keeps_its_order) {
  mock_cluster cluster;
  cluster.topic("deposits", 4).topic("dead");
  bank_node bank;
  constexpr int accounts = 1'500;  // more than it remembers with nothing in flight
  std::vector<pending<receipt>> opened;
  for (int i = 0; i < accounts; ++i) opened.push_back(bank.rt.send<bank::account>(std::to_string(i), bank::open_account{"Ada"}));
  for (auto& one : opened) one.get().value();
  constexpr int rounds = 3;
  for (int partition = 0; partition < 4; ++partition) {
    std::vector<std::pair<std::string, std::string>> all;
    for (int i = partition; i < accounts; i += 4)
      for (int round = 1; round <= rounds; ++round) all.emplace_back(std::to_string(i), std::to_string(round));
    cluster.put("deposits", all, partition);
  }
  auto with = taking(cluster);
  with.in_flight_max = 8;
  int sent = 0;
  with.map = [&](const kafka::message& from) {
    auto made = deposit_in(from);
    (*made)->send = [&sent, send = (*made)->send](node& by, send_options as) {
      if (++sent % 50 != 0) return send(by, std::move(as));
      held_answers busy;
      busy.release();
      return busy.hold();
    };
    return made;
  };
  const auto in = kafka::intake::start(bank.rt, with).value();
  wait_until([&] { return in.status().accepted == std::uint64_t{accounts * rounds}; });
  BOOST_TEST(in.status().sent_again > 0u);
  for (int i = 0; i < accounts; ++i) {
    const auto past = bank.rt.history<bank::account>(std::to_string(i)).value();
    BOOST_REQUIRE(past.size() == 1u + rounds);
    for (int round = 1; round <= rounds; ++round)
      BOOST_TEST(std::get<bank::money_deposited>(past[static_cast<std::size_t>(round)].event).cents == round);
  }
}

// A commit that has no answer holds up nothing: if each one were waited for, this would take minutes.
BOOST_AUTO_TEST_CASE(slow_brokers_do_not_hold_up_what_was_fetched) {
  mock_cluster cluster;
  cluster.topic("deposits").topic("dead");
  bank_node bank;
  bank.open_account("1");
  constexpr int count = 1'000;
  cluster.put("deposits", cents_for("1", count));
  auto with = taking(cluster);
  with.in_flight_max = 1;
  with.properties["session.timeout.ms"] = "60000";  // it is to keep its partitions
  std::atomic<bool> is_slow = false;
  with.map = [&](const kafka::message& from) {
    if (!is_slow.exchange(true)) cluster.be_slow(10'000);
    return deposit_in(from);
  };
  auto in = kafka::intake::start(bank.rt, with).value();
  wait_until([&] { return in.status().accepted == count; });
  BOOST_TEST(cents_of(bank, "1") == count);
  const auto begin = std::chrono::steady_clock::now();
  in.stop();
  BOOST_TEST((std::chrono::steady_clock::now() - begin < std::chrono::milliseconds{3'500}));
}

BOOST_AUTO_TEST_CASE(a_commit_that_fails_is_made_good_by_a_later_one) {
  mock_cluster cluster;
  cluster.topic("deposits").topic("dead");
  bank_node bank;
  bank.open_account("1");
  cluster.fail(offset_commit, {RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED});
  cluster.put("deposits", cents_for("1", 10));
  {
    const auto in = kafka::intake::start(bank.rt, taking(cluster)).value();
    wait_until([&] { return in.status().commits_failed == 1u && in.status().commits >= 1u && in.status().accepted == 10u; });
    BOOST_TEST(value_of(in.metrics(), "annals_intake_commits_total", {"bank", "failed"}) == 1);
  }
  cluster.put("deposits", cents_for("1", 1));
  const auto in = kafka::intake::start(bank.rt, taking(cluster)).value();
  wait_until([&] { return in.status().accepted > 0u; });
  BOOST_TEST(in.status().taken == 1u);
  BOOST_TEST(cents_of(bank, "1") == 11);
}

BOOST_AUTO_TEST_CASE(nothing_is_committed_before_its_durable_answer) {
  mock_cluster cluster;
  cluster.topic("deposits").topic("dead");
  bank_node bank;
  bank.open_account("1");
  bank.open_account("2");
  cluster.put("deposits", {{"1", "1"}, {"2", "1"}, {"1", "1"}});
  held_answers held;
  auto with = taking(cluster);
  with.map = [&](const kafka::message& from) {
    auto made = deposit_in(from);
    if (*from.key == "2") (*made)->send = [&held](node&, const send_options&) { return held.hold(); };
    return made;
  };
  {
    const auto in = kafka::intake::start(bank.rt, with).value();
    wait_until([&] { return in.status().accepted == 2u && in.status().commits >= 1u; });
  }
  const auto in = kafka::intake::start(bank.rt, taking(cluster)).value();
  wait_until([&] { return in.status().accepted == 2u; });  // the second and the third again
  BOOST_TEST(in.status().taken == 2u);
  BOOST_TEST(cents_of(bank, "1") == 2);
  BOOST_TEST(cents_of(bank, "2") == 1);
}

BOOST_AUTO_TEST_SUITE_END()
