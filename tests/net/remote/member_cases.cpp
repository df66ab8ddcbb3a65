// Members of another node's subscriptions.
#include "net/remote/near_and_far.hpp"

#include <thread>

using namespace std::chrono_literals;
using annals::errc;
using world::add;
using world::counter;

BOOST_AUTO_TEST_SUITE(remote_members)

BOOST_AUTO_TEST_CASE(a_remote_member_gets_events_and_its_acknowledgements_last) {
  near_and_far w;
  auto far = w.connect();
  for (int i = 1; i <= 5; ++i) far.send<counter>("a", add{i}).get().value();
  {
    auto mails = far.subscribe("mails", {.categories = {"counter"}}).value();
    const auto batch = mails.next(3, 10s).value();
    BOOST_REQUIRE(batch.size() == 3u);
    BOOST_TEST(std::get<world::added>(batch[2].event<counter>().value()).amount == 3);
    BOOST_TEST(batch[0].attempt == 1u);
    for (const auto& one : batch) mails.ack(one.record.at).get().value();
    BOOST_TEST(mails.next(3, 10s).value().size() == 2u);  // not acknowledged
  }
  auto mails = far.subscribe("mails", {.categories = {"counter"}}).value();
  const auto rest = mails.next(10, 10s).value();
  BOOST_REQUIRE(rest.size() == 2u);
  BOOST_TEST(rest[0].record.at == 4u);
  mails.nack(4, "not today").get().value();
  BOOST_TEST(mails.parked().value().empty());
  BOOST_TEST((mails.ack(99).get().error().code == errc::not_found));
}

BOOST_AUTO_TEST_CASE(run_on_another_node_ends_when_the_member_leaves) {
  near_and_far w;
  auto far = w.connect();
  for (int i = 1; i <= 20; ++i) far.send<counter>("a", add{i}).get().value();
  auto mails = far.subscribe("mails").value();
  std::vector<annals::position> seen;
  mails
      .run([&](const annals::delivered& one) -> annals::result<void> {
        seen.push_back(one.record.at);
        if (one.record.at == 20) mails.leave();
        return {};
      })
      .value();
  BOOST_TEST(seen.size() == 20u);
}

BOOST_AUTO_TEST_CASE(a_member_waits_for_a_node_that_ends_in_order) {
  near_and_far w;
  auto with = w.calling();
  with.time_out = 1s;
  auto far = annals::remote::connect({w.address()}, with).value();
  auto mails = far.subscribe("mails").value();
  const auto at = w.address();
  annals::result<std::vector<annals::delivered>> given = std::vector<annals::delivered>{};
  std::thread waiting{[&] { given = mails.next(10, 1min); }};
  far.head().value();  // most often after it; in either order it waits
  w.door.reset();
  w.rt.reset();
  w.open();
  wait_until([&] { return w.listen(at).has_value(); });
  w.rt->send<counter>("a", add{1}).get().value();
  waiting.join();
  BOOST_TEST(given.value().size() == 1u);
  w.door.reset();
  w.rt.reset();
  BOOST_TEST((mails.next(10, 0ms).error().code == errc::unreachable));
  far.close();
  BOOST_TEST((mails.next(10, 0ms).error().code == errc::closed));
}

BOOST_AUTO_TEST_CASE(an_acknowledgement_settles_no_other_event_at_the_position_after_a_restore) {
  near_and_far w;
  auto far = w.connect();
  for (int i = 1; i <= 2; ++i) far.send<counter>("a", add{i}).get().value();
  w.rt->backup(w.place.path / "backup").value();
  far.send<counter>("a", add{3}).get().value();
  auto mails = far.subscribe("mails").value();
  const auto before = mails.next(10, 10s).value();
  BOOST_REQUIRE(before.size() == 3u);
  const auto at = w.address();
  w.door.reset();
  w.rt.reset();
  std::filesystem::remove_all(w.place.path / "store");
  std::filesystem::rename(w.place.path / "backup", w.place.path / "store");
  w.open();
  wait_until([&] { return w.listen(at).has_value(); });
  w.rt->send<counter>("a", add{30}).get().value();
  const auto after = mails.next(10, 1min).value();
  BOOST_REQUIRE(after.size() == 3u);
  BOOST_TEST(after[2].record.at == before[2].record.at);
  BOOST_TEST((mails.ack(before[2]).get().error().code == errc::not_found));
  BOOST_TEST((mails.nack(before[2], "not today").get().error().code == errc::not_found));
  BOOST_TEST((mails.ack(std::vector{before[0].record.at, before[1].record.at}, before[0].life).get().error().code == errc::not_found));
  mails.ack(after[0]).get().value();
  mails.ack(after[1].record.at).get().value();  // a position alone means the present life
  mails.leave();
  const auto left = far.subscribe("mails").value().next(10, 10s).value();
  BOOST_REQUIRE(left.size() == 1u);
  BOOST_TEST(std::get<world::added>(left[0].event<counter>().value()).amount == 30);
}

BOOST_AUTO_TEST_CASE(a_member_that_leaves_does_not_wait_for_a_node_that_is_away) {
  near_and_far w;
  auto far = w.connect();
  auto mails = far.subscribe("mails").value();
  w.door.reset();
  w.rt.reset();
  annals::result<std::vector<annals::delivered>> given = std::vector<annals::delivered>{};
  std::thread waiting{[&] { given = mails.next(10, 1min); }};
  wait_until([&] { return !far.wait_for_link(0ms); });
  mails.leave();
  waiting.join();
  BOOST_TEST((given.error().code == errc::closed));
}

BOOST_AUTO_TEST_SUITE_END()
