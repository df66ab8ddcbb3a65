// Events that a projection cannot apply: tried again, set aside, tried again by hand.
#include "support/picky.hpp"
#include "support/printed.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace world;

namespace {

/// Knows one of the counter's events.
struct narrow {
  struct older_counter {
    static constexpr std::string_view category = "counter";
    using events = annals::types<added>;
  };
  static constexpr std::string_view name = "narrow";
  using follows = annals::types<older_counter>;
  using queries = annals::types<sum_of>;
  struct model {
    std::int64_t sum = 0;
  };
  static void apply(model& m, const added& e, const record_view&) { m.sum += e.amount; }
  static std::int64_t answer(const model& m, const sum_of&) { return m.sum; }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(parked)

BOOST_AUTO_TEST_CASE(case_24_an_event_that_always_throws_is_tried_so_often_then_parked_and_the_rest_goes_on) {
  parks_events::begin();
  memory_store store;
  rig<parks_events> r{store};
  r.write("a", "good");
  r.write("a", "bad");
  r.write("a", "good");
  r.write("b", "good");
  BOOST_TEST(r.count("a").value() == 2);
  BOOST_TEST(r.count("b").value() == 1);
  BOOST_TEST(parks_events::tries == 1 + 3 + 1 + 1);
  const auto listed = r.e.engine->parked("picky");
  const auto& all = listed.value();
  BOOST_TEST_REQUIRE(all.size() == 1u);
  BOOST_TEST(all[0].at == 2u);
  BOOST_TEST(all[0].stream == "counter-a");
  BOOST_TEST(all[0].error.find("does not like bad") != std::string::npos);
  BOOST_TEST(all[0].attempts == 3u);
  BOOST_TEST(all[0].time == r.e.now.load());
  BOOST_TEST(r.e.engine->health().projections[1].parked == 1u);
}

BOOST_AUTO_TEST_CASE(an_event_that_is_applied_at_a_later_attempt_is_not_parked) {
  parks_events::begin();
  memory_store store;
  rig<parks_events> r{store};
  r.e.send("a", note{"bad"}).value();
  wait_until([] { return parks_events::tries > 0; });
  parks_events::cures = true;
  BOOST_TEST(r.count("a").value() <= 1);
  BOOST_TEST(r.parked().size() + static_cast<std::size_t>(r.count("a").value()) == 1u);  // one of the two, never neither
}

BOOST_AUTO_TEST_CASE(a_parked_event_is_applied_by_a_retry_with_the_present_code) {
  parks_events::begin();
  memory_store store;
  rig<parks_events> r{store};
  r.write("a", "bad");
  r.write("a", "good");
  BOOST_TEST(r.count("a").value() == 1);
  const auto refused = r.retry(1);
  BOOST_TEST_REQUIRE(!refused);
  BOOST_TEST((refused.error().code == errc::projection_failed));
  BOOST_TEST(r.e.engine->parked("picky").value()[0].attempts == 4u);
  parks_events::cures = true;
  BOOST_TEST(r.retry(1).value() == 1u);
  BOOST_TEST(r.count("a").value() == 2);
  BOOST_TEST((r.parked() == positions{}));
  BOOST_TEST((r.retry(1).error().code == errc::not_found));
}

BOOST_AUTO_TEST_CASE(what_has_failed_often_enough_is_tried_once_by_a_rebuild_and_by_a_later_start) {
  parks_events::begin();
  memory_store store;
  {
    rig<parks_events> r{store};
    for (const auto* text : {"bad", "good", "bad"}) r.write("a", text);
    BOOST_TEST(r.count("a").value() == 1);
    BOOST_TEST(parks_events::tries == 3 + 1 + 3);
    BOOST_TEST(detail::await(*r.e.engine->order("picky", actors::rebuild_model{})).has_value());
    BOOST_TEST(parks_events::tries == 7 + 3);
    r.e.images->failing = true;
  }
  store.images = std::make_shared<store::memory_image_disk>();
  rig<parks_events> r{store};
  BOOST_TEST(r.count("a").value() == 1);
  BOOST_TEST(parks_events::tries == 10 + 3);
  BOOST_TEST((r.parked() == positions{1, 3}));
}

BOOST_AUTO_TEST_CASE(of_a_long_error_the_beginning_is_kept) {
  parks_events::begin();
  memory_store store;
  rig<parks_events> r{store};
  r.write("a", "bad " + std::string(500'000, 'x'));
  BOOST_TEST(r.count("a").value() == 0);
  const auto all = r.e.engine->parked("picky").value();
  BOOST_TEST_REQUIRE(all.size() == 1u);
  BOOST_TEST(all[0].error.size() <= 1'024u);
  BOOST_TEST(all[0].error.starts_with("does not like bad xxx"));
}

BOOST_AUTO_TEST_CASE(everything_of_the_stream_waits_behind_it_when_the_policy_says_so) {
  parks_streams::begin();
  memory_store store;
  rig<parks_streams> r{store};
  for (const auto* text : {"1", "bad 2", "3"}) r.write("a", text);
  r.write("b", "4");
  r.write("a", "5");
  BOOST_TEST(r.count("a").value() == 1);
  BOOST_TEST(r.count("b").value() == 1);
  BOOST_TEST((r.parked() == positions{2, 3, 5}));
  BOOST_TEST(r.e.engine->parked("picky").value()[2].error == "waits for position 2");
  BOOST_TEST((r.retry(3).error().code == errc::misuse));
  parks_streams::cures = true;
  BOOST_TEST(r.retry(2).value() == 2u);
  BOOST_TEST((r.parked() == positions{}));
  BOOST_TEST((r.order() == texts{"1", "4", "bad 2", "3", "5"}));
}

BOOST_AUTO_TEST_CASE(a_projection_stops_there_when_its_policy_says_so) {
  stops::begin();
  memory_store store;
  rig<stops> r{store};
  r.write("a", "good");
  r.write("a", "bad");
  const auto refused = r.count("a");
  BOOST_TEST_REQUIRE(!refused);
  BOOST_TEST((refused.error().code == errc::projection_failed));
  BOOST_TEST(refused.error().place == 2u);
  BOOST_TEST(stops::tries == 1 + 3);
}

BOOST_AUTO_TEST_CASE(what_was_parked_is_tried_again_at_the_next_start) {
  for (const std::uint64_t every : {0, 2}) {  // without images, and with
    parks_events::begin();
    memory_store store;
    auto with = memory_engine::quiet();
    with.image_every_records = every;
    with.close_deadline = std::chrono::seconds{60};  // images are made in it
    {
      rig<parks_events> r{store, with};
      for (const auto* text : {"1", "bad 2", "3", "4"}) r.write("a", text);
      BOOST_TEST(r.count("a").value() == 3);
      if (every)
        wait_until([&] { return r.e.images->newest("picky", detail::shape_of_projection<parks_events>(), ~position{0}).value().has_value(); });
    }
    {
      rig<parks_events> r{store, with};
      BOOST_TEST(r.count("a").value() == 3);
      BOOST_TEST((r.parked() == positions{2}));
    }
    parks_events::cures = true;
    rig<parks_events> r{store, with};
    BOOST_TEST(r.count("a").value() == 4);
    BOOST_TEST((r.parked() == positions{}));
  }
}

BOOST_AUTO_TEST_CASE(a_parked_event_that_is_skipped_is_never_tried_again_in_any_life_or_rebuild) {
  for (const std::uint64_t every : {0, 2}) {
    parks_events::begin();
    memory_store store;
    auto with = memory_engine::quiet();
    with.image_every_records = every;
    with.close_deadline = std::chrono::seconds{60};  // images are made in it
    {
      rig<parks_events> r{store, with};
      for (const auto* text : {"1", "bad 2", "bad 3", "4"}) r.write("a", text);
      BOOST_TEST(r.count("a").value() == 2);
      BOOST_TEST(r.skip(2).value() == 2u);
      BOOST_TEST((r.parked() == positions{3}));
      BOOST_TEST((r.skip(2).error().code == errc::not_found));
    }
    store.index = std::make_shared<store::memory_derived_disk>();  // derived/ is lost, the decision is not
    parks_events::cures = true;
    rig<parks_events> r{store, with};
    BOOST_TEST(r.count("a").value() == 3);
    BOOST_TEST(detail::await(*r.e.engine->order("picky", actors::rebuild_model{})).has_value());
    BOOST_TEST(r.count("a").value() == 3);
    BOOST_TEST((r.parked() == positions{}));
  }
}

BOOST_AUTO_TEST_CASE(skipping_the_first_of_a_stream_lets_the_rest_of_it_go_on) {
  parks_streams::begin();
  memory_store store;
  rig<parks_streams> r{store};
  for (const auto* text : {"1", "bad 2", "3", "bad 4", "5"}) r.write("a", text);
  BOOST_TEST(r.count("a").value() == 1);
  BOOST_TEST(r.skip(2).value() == 2u);
  BOOST_TEST((r.order() == texts{"1", "3"}));
  BOOST_TEST((r.parked() == positions{4, 5}));
  BOOST_TEST(r.skip(4).value() == 4u);
  BOOST_TEST((r.order() == texts{"1", "3", "5"}));
}

BOOST_AUTO_TEST_CASE(it_can_be_seen_from_outside) {
  parks_events::begin();
  memory_store store;
  {
    rig<parks_events> r{store};
    r.write("a", "bad");
    BOOST_TEST(r.count("a").value() == 0);
  }
  BOOST_TEST_REQUIRE(store.index->parked["picky"].size() == 1u);
  BOOST_TEST(store.index->parked["picky"][0].at == 1u);
  parks_events::cures = true;
  {
    rig<parks_events> r{store};
  }
  BOOST_TEST(store.index->parked["picky"].empty());
}

BOOST_AUTO_TEST_CASE(what_cannot_be_decoded_is_never_parked) {
  memory_store store;
  memory_engine e{store, memory_engine::quiet(), [](detail::engine& engine) { engine.add(detail::table_of_projection<narrow>()).value(); }};
  e.send("a", add{1}).value();
  e.send("a", note{"unknown to it"}).value();
  const auto refused = detail::await(*e.engine->ask("narrow", "sum_of", encoded(sum_of{}), at_least{e.engine->head(), std::chrono::seconds{60}}));
  BOOST_TEST_REQUIRE(!refused);
  BOOST_TEST(refused.error().place == 2u);
  BOOST_TEST(refused.error().message().find("noted") != std::string::npos);
  BOOST_TEST(e.engine->parked("narrow").value().empty());
}

BOOST_AUTO_TEST_SUITE_END()
