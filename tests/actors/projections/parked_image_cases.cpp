// Parked events in images of read models.
#include "support/picky.hpp"
#include "support/printed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace annals;
using namespace world;

BOOST_AUTO_TEST_SUITE(parked_images)

BOOST_AUTO_TEST_CASE(an_image_has_what_was_applied_by_a_retry_and_not_what_is_parked) {
  parks_events::begin();
  memory_store store;
  auto with = memory_engine::quiet();
  with.image_every_records = 4;
  with.close_deadline = std::chrono::seconds{60};  // images are made in it
  const auto shape = detail::shape_of_projection<parks_events>();
  rig<parks_events> r{store, with};
  for (const auto* text : {"bad 1", "bad 2", "3", "4"}) r.write("a", text);
  wait_until([&] { return r.e.images->newest("picky", shape, ~position{0}).value().has_value(); });
  const auto model_at = [&](position at) {
    const auto one = r.e.images->newest("picky", shape, ~position{0}).value().value();
    return one.mark.at < at ? texts{} : decoded<parks_events::model>(one.bytes)->order;
  };
  BOOST_TEST((model_at(4) == texts{"3", "4"}));
  parks_events::cures = true;
  BOOST_TEST(r.retry(1).value() == 1u);
  parks_events::cures = false;
  for (const auto* text : {"5", "6", "7", "8"}) r.write("a", text);
  // Its job must not fail at what the projector has applied: the second image needs "bad 1" to be applied there, too.
  parks_events::cures = true;
  wait_until([&] { return !model_at(8).empty() || (r.write("a", "more"), false); });
  const auto seen = model_at(8);
  BOOST_TEST(std::count(seen.begin(), seen.end(), "bad 1") == 1);
  BOOST_TEST(std::count(seen.begin(), seen.end(), "bad 2") == 0);
}

BOOST_AUTO_TEST_CASE(an_image_has_late_events_where_the_model_has_them) {
  parks_streams::begin();
  memory_store store;
  auto with = memory_engine::quiet();
  with.image_every_records = 4;
  with.close_deadline = std::chrono::seconds{60};  // images are made in it
  const auto shape = detail::shape_of_projection<parks_streams>();
  rig<parks_streams> r{store, with};
  const auto image = [&]() -> std::optional<store::image> { return r.e.images->newest("picky", shape, ~position{0}).value(); };
  for (const auto* text : {"bad 1", "2", "bad 3"}) r.write("a", text);
  r.write("b", "4");
  wait_until([&] { return image().has_value(); });
  r.write("b", "bad 5");
  r.write("a", "6");
  BOOST_TEST(r.count("b").value() == 1);
  BOOST_TEST((r.parked() == positions{1, 2, 3, 5, 6}));
  parks_streams::cures = true;
  BOOST_TEST(r.retry(1).value() == 1u);  // all of the stream, behind 6
  r.write("a", "7");
  BOOST_TEST(r.count("a").value() == 5);
  BOOST_TEST(r.skip(5).value() == 5u);
  wait_until([&] { return image()->mark.at > 6 || (r.write("c", "more"), false); });
  const auto late = decoded<parks_streams::model>(image()->bytes)->order;
  const texts begin(late.begin(), late.begin() + 6);
  BOOST_TEST((begin == texts{"4", "bad 1", "2", "bad 3", "6", "7"}));
  BOOST_TEST(actors::parked_events::restored(image()->parked).value().empty());
}

BOOST_AUTO_TEST_SUITE_END()
