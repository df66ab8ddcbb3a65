// A relay with exactly_once whose node elsewhere is started again while it lives: the node hands out again what it had no acknowledgement of,
// though the relay has published it, or holds it still. Here the test scripts the member of the subscription.
#include "actors/base/membership.hpp"
#include "connectors/kafka/bank_node.hpp"
#include "connectors/kafka/mock_cluster.hpp"
#include "connectors/kafka/relaying.hpp"

#include <boost/test/unit_test.hpp>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

using namespace annals;
using namespace kafka_test;

namespace {

class scripted_member final : public detail::membership {
public:
  using events = std::vector<delivered>;
  using answer = std::shared_ptr<detail::waiter>;

  /// A call of next() gets them.
  void hand_out(events some) {
    const std::lock_guard lock{mutex_};
    batches_.push_back(std::move(some));
    changed_.notify_all();
  }
  /// Whether a call of next() waits, and has nothing to get.
  bool is_asked() const {
    const std::lock_guard lock{mutex_};
    return is_asked_ && batches_.empty();
  }
  std::size_t acknowledgements() const {
    const std::lock_guard lock{mutex_};
    return acks_.size();
  }
  answer& acknowledgement(std::size_t number) {
    const std::lock_guard lock{mutex_};
    return acks_.at(number).answered;
  }
  std::vector<position> acknowledged(std::size_t number) const {
    const std::lock_guard lock{mutex_};
    return acks_.at(number).positions;
  }
  /// How many batches it had handed out by then.
  std::size_t handed_out_before(std::size_t number) const {
    const std::lock_guard lock{mutex_};
    return acks_.at(number).handed_out;
  }
  /// Which life of the member it is for.
  std::uint64_t life_of(std::size_t number) const {
    const std::lock_guard lock{mutex_};
    return acks_.at(number).life;
  }
  /// A call of next() waits until there is something.
  void be_patient() {
    const std::lock_guard lock{mutex_};
    is_patient_ = true;
  }

  bool is_ours() const override { return true; }
  wanted next(std::size_t, std::chrono::milliseconds time_out) override {
    wanted asked{detail::make_waiter(), std::make_shared<events>()};
    std::unique_lock lock{mutex_};
    is_asked_ = true;
    const auto is_over = [&] { return has_left_ || !batches_.empty(); };
    if (!changed_.wait_for(lock, time_out, is_over) && is_patient_) changed_.wait(lock, is_over);
    is_asked_ = false;
    if (!batches_.empty()) {
      *asked.batch = std::move(batches_.front());
      batches_.pop_front();
      ++handed_out_;
    }
    if (has_left_)
      asked.answered->complete(error{errc::closed, "this member has left"});
    else
      asked.answered->complete(detail::answered{});
    return asked;
  }
  answer ack(std::vector<position> all, std::uint64_t life) override {
    const std::lock_guard lock{mutex_};
    acks_.push_back({std::move(all), detail::make_waiter(), handed_out_, life});
    return acks_.back().answered;
  }
  answer nack(position, std::string, std::uint64_t) override { return detail::answered_with(error{errc::not_found}); }
  answer resolve(position, bool) override { return detail::answered_with(error{errc::not_found}); }
  result<std::vector<parked_event>> parked() const override { return std::vector<parked_event>{}; }
  void leave() override {
    const std::lock_guard lock{mutex_};
    has_left_ = true;
    changed_.notify_all();
  }
  bool may_handle() override { return true; }
  void done_handling() override {}

private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<events> batches_;
  struct acknowledgement_of {
    std::vector<position> positions;
    answer answered;
    std::size_t handed_out;
    std::uint64_t life;
  };
  std::deque<acknowledgement_of> acks_;
  std::size_t handed_out_ = 0;
  bool is_patient_ = false;
  bool is_asked_ = false;
  bool has_left_ = false;
};

/// The relay, and seven events of a bank for it.
struct scripted_relay {
  /// `before_it_begins`: so that it finds these events, and is to publish them when the brokers come up.
  explicit scripted_relay(const std::vector<std::pair<std::size_t, std::size_t>>& before_it_begins = {}) {
    cluster.topic("account").topic("annals-relay-out");
    for (int i = 1; i <= 7; ++i) bank.open_account(std::to_string(i));
    all = bank.rt.subscribe("reader").value().next(7, std::chrono::minutes{1}).value();
    auto with = bank.to(cluster.brokers());
    with.exactly_once = true;
    with.positions_topic = "annals-relay-out";
    out = std::make_unique<kafka::relaying>(with, "store", subscription{member});
    for (const auto& [first, last] : before_it_begins) member->hand_out(events(first, last));
    if (!before_it_begins.empty()) cluster.go_down();
    supplying = std::thread{[this] { out->supply_events(); }};
    running = std::thread{[this] { out->run(); }};
  }
  ~scripted_relay() {
    member->leave();
    out->stop();
    running.join();
    supplying.join();
  }
  scripted_member::events events(std::size_t first, std::size_t last) const {
    return {all.begin() + static_cast<std::ptrdiff_t>(first) - 1, all.begin() + static_cast<std::ptrdiff_t>(last)};
  }
  void wait_for_acknowledgements(std::size_t count) const {
    wait_until([&] { return member->acknowledgements() >= count; });
  }
  /// Answers it, and waits until the relay has seen the answer.
  void answer(std::size_t number, detail::outcome with) const {
    auto& one = member->acknowledgement(number);
    one->complete(std::move(with));
    wait_until([&] { return one.use_count() == 1; });
  }
  std::vector<int> published() const {
    std::vector<int> positions;
    for (const auto& one : cluster.messages("account")) positions.push_back(std::stoi(header(one, "ce_position")));
    return positions;
  }

  mock_cluster cluster;
  bank_node bank;
  scripted_member::events all;
  std::shared_ptr<scripted_member> member = std::make_shared<scripted_member>();
  std::unique_ptr<kafka::relaying> out;
  std::thread supplying, running;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(kafka_node_lives)

BOOST_AUTO_TEST_CASE(a_copy_that_was_on_its_way_when_the_first_one_was_acknowledged_is_dropped) {
  scripted_relay relay;
  relay.member->be_patient();
  relay.member->hand_out(relay.events(1, 3));
  relay.wait_for_acknowledgements(1);
  wait_until([&] { return relay.member->is_asked(); });  // the node is another one by now, and has handed out all again
  relay.answer(0, detail::answered{});
  relay.member->hand_out(relay.events(1, 4));
  relay.wait_for_acknowledgements(2);
  BOOST_TEST((relay.published() == std::vector{1, 2, 3, 4}));
  BOOST_TEST(relay.out->status().dropped == 3u);
}

BOOST_AUTO_TEST_CASE(copies_are_not_published_by_one_transaction) {
  scripted_relay relay{{{1, 1}, {2, 3}, {2, 4}}};  // from two lives of the node
  wait_until([&] { return relay.member->is_asked(); });
  relay.cluster.come_up();
  wait_until([&] { return relay.out->status().published + relay.out->status().dropped == 6; });
  BOOST_TEST(relay.cluster.keys("annals-relay-out").size() == 2u);  // its claim, and one transaction
  BOOST_TEST((relay.published() == std::vector{1, 2, 3, 4}));
  BOOST_TEST(relay.out->status().dropped == 2u);
}

// Otherwise the acknowledgement of an event could settle another one, which has its position in a log that was restored.
BOOST_AUTO_TEST_CASE(what_was_handed_out_in_one_life_is_acknowledged_in_no_other) {
  scripted_relay relay;
  relay.member->be_patient();
  auto first = relay.events(1, 2);
  for (auto& one : first) one.life = 17;
  relay.member->hand_out(first);
  relay.wait_for_acknowledgements(1);
  BOOST_TEST(relay.member->life_of(0) == 17u);
  auto second = relay.events(3, 4);
  for (auto& one : second) one.life = 4;
  relay.member->hand_out(second);
  relay.wait_for_acknowledgements(2);
  relay.answer(0, error{errc::timed_out, "no answer"});  // it is repeated
  relay.wait_for_acknowledgements(3);
  BOOST_TEST(relay.member->life_of(1) == 4u);
  BOOST_TEST(relay.member->life_of(2) == 17u);
}

BOOST_AUTO_TEST_CASE(what_a_node_knows_no_more_of_is_asked_again_until_it_is_settled) {
  scripted_relay relay;
  relay.member->hand_out(relay.events(1, 6));
  relay.wait_for_acknowledgements(1);
  relay.answer(0, error{errc::not_found, "no such member"});
  relay.wait_for_acknowledgements(2);
  relay.answer(1, error{errc::not_found, "no event was handed out at this position"});
  relay.wait_for_acknowledgements(3);
  relay.answer(2, detail::answered{});
  relay.member->hand_out(relay.events(7, 7));
  relay.wait_for_acknowledgements(4);
  const auto records = relay.cluster.sizes("annals-relay-out");
  BOOST_TEST(4 * records.back() < 3 * *std::prev(records.end(), 2));  // otherwise it would grow with each life of the node
  BOOST_TEST((relay.published() == std::vector{1, 2, 3, 4, 5, 6, 7}));
}

BOOST_AUTO_TEST_CASE(another_event_at_the_position_of_one_that_was_published_is_not_acknowledged_with_it) {
  scripted_relay relay;
  relay.member->hand_out(relay.events(1, 6));
  relay.wait_for_acknowledgements(1);
  relay.answer(0, error{errc::not_found, "no such member"});
  // The node has a log that was set back, and goes on otherwise from position 3 on.
  auto other = relay.events(3, 3);
  other[0].record.checksum += 1;
  relay.member->hand_out(other);
  bool is_done = false;
  for (std::size_t i = 1; !is_done; ++i) {
    relay.wait_for_acknowledgements(i + 1);
    const auto all = relay.member->acknowledged(i);
    if (all == std::vector<position>{3})
      BOOST_TEST((relay.published() == std::vector{1, 2, 3, 4, 5, 6, 3}));
    else if (relay.member->handed_out_before(i) == 2)
      BOOST_TEST((all == std::vector<position>{1, 2, 4, 5, 6}), "it acknowledges what it has not seen");
    is_done = all == std::vector<position>{1, 2, 4, 5, 6};
    relay.answer(i, all.size() == 1 ? detail::outcome{detail::answered{}} : detail::outcome{error{errc::not_found}});
  }
  BOOST_TEST((relay.published() == std::vector{1, 2, 3, 4, 5, 6, 3}));
}

BOOST_AUTO_TEST_SUITE_END()
