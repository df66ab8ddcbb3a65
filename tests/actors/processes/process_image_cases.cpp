// A start of a process manager reads the log from its image on, and knows what is open before it.
#include "support/repeating.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace world;

namespace {

const std::string name = "process repeating";

options images_every(std::uint64_t records) {
  auto with = memory_engine::quiet();
  with.image_every_records = records;
  with.close_deadline = std::chrono::seconds{60};  // images are made in it
  return with;
}

position image_at(const repeating_rig& e) {
  const auto found = e.images->newest(name, 1, ~position{0});
  return found.value() ? found.value()->mark.at : 0;
}
bool has_model_image(const repeating_rig& e) {
  return e.images->newest("sums", detail::shape_of_projection<sums>(), ~position{0}).value().has_value();
}

/// Of an aggregate that no case loads again: whoever reads the log from its beginning stops there.
void write_first(repeating_rig& e) { BOOST_TEST(e.send("first", world::add{1}).value().at == 1u); }
void damage_first(const memory_store& store) { store.log->records[0].back() ^= 1; }

/// Until the image has everything up to here.
void fill(repeating_rig& e, position up_to) {
  wait_until([&] { return (image_at(e) >= up_to && has_model_image(e)) || (e.write("y more"), false); });
}

constexpr timestamp begin_of_time = 1'000'000;
const timestamp two_seconds_later = begin_of_time + std::chrono::microseconds{2s}.count();

}  // namespace

BOOST_AUTO_TEST_SUITE(process_images)

BOOST_AUTO_TEST_CASE(a_start_reads_the_log_from_there) {
  begin();
  memory_store store;
  {
    repeating_rig e{store, images_every(10)};
    write_first(e);
    const auto first = e.write("x 1");
    e.engine->settle(60s).value();
    fill(e, first + 1);
  }
  damage_first(store);
  repeating_rig e{store, images_every(10)};
  e.write("x 2");
  BOOST_TEST(!e.engine->health().processes[0].stopped.has_value());
  BOOST_TEST(e.seen_by("x") == "1,2,");
}

BOOST_AUTO_TEST_CASE(what_is_open_before_it_is_not_forgotten) {
  begin();
  memory_store store;
  {
    repeating_rig e{store, images_every(10)};
    e.write("t time");
    e.write("x bad");
    e.write("x 2");
    e.write("a bad ask");
    e.wait_for_parked(3);
    const auto last = e.write("a 3");
    e.wait_for_parked(4);
    fill(e, last + 1);
    e.images->failing = true;
  }
  {
    repeating_rig e{store, images_every(10), begin_of_time};
    BOOST_TEST(e.positions().size() == 4u);
    BOOST_TEST(e.seen_by("t") == "time,");
    e.images->failing = true;
  }
  cures = true;
  repeating_rig e{store, images_every(10), two_seconds_later};
  wait_until([&] { return e.parked().empty(); });
  wait_until([&] { return e.seen_by("t") == "time,timed,"; });
  BOOST_TEST(e.seen_by("x") == "bad,2,");
  BOOST_TEST(e.seen_by("a") == "bad ask,rejected,3,");
}

BOOST_AUTO_TEST_CASE(what_an_image_has_open_and_was_closed_since_stays_closed) {
  begin();
  memory_store store;
  {
    repeating_rig e{store, images_every(10)};
    e.write("t time");
    const auto last = e.write("x ask");
    e.engine->settle(60s).value();
    fill(e, last + 1);
    e.images->failing = true;  // no later one
    e.now = two_seconds_later;
    wait_until([&] { return e.seen_by("t") == "time,timed,"; });
  }
  repeating_rig e{store, images_every(10), two_seconds_later};
  BOOST_TEST(e.seen_by("t") == "time,timed,");
  BOOST_TEST(e.seen_by("x") == "ask,rejected,");
}

BOOST_AUTO_TEST_CASE(closing_keeps_one_when_much_was_read_since) {
  begin();
  memory_store store;
  {
    repeating_rig e{store, images_every(1'000'000)};
    write_first(e);
    for (int i = 0; i < 2; ++i) e.send("a", world::add{1, 6'000}).value();
    e.write("t time");
    e.engine->settle(60s).value();
    (void)e.sum("a", e.engine->head());  // the projection has followed, too, so that it leaves an image of its own
  }
  BOOST_TEST_REQUIRE(store.images->by_model.contains(name));
  damage_first(store);
  repeating_rig e{store, images_every(1'000'000), two_seconds_later};
  wait_until([&] { return e.seen_by("t") == "time,timed,"; });
}

BOOST_AUTO_TEST_CASE(case_21_a_damaged_one_is_left_out_and_the_log_is_read_from_its_beginning) {
  begin();
  memory_store store;
  {
    repeating_rig e{store, images_every(10)};
    e.write("t time");
    const auto last = e.write("x ask");
    e.engine->settle(60s).value();
    fill(e, last + 1);
  }
  store.images->by_model.at(name).bytes = "\x93";
  std::atomic<int> lines{0};
  auto with = images_every(0);
  with.log_sink = [&](log_level, std::string_view line) { lines += line.find(name) != std::string_view::npos; };
  repeating_rig e{store, with, two_seconds_later};
  wait_until([&] { return e.seen_by("t") == "time,timed,"; });
  BOOST_TEST(lines == 1);
}

BOOST_AUTO_TEST_SUITE_END()
