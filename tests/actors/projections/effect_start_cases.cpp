// Effects across starts, crashes and lost models.
#include "actors/projections/teller.hpp"
#include "store/log/effect_table.hpp"
#include "support/printed.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace world;

namespace {

/// As if what took place later had not yet been kept when the process died.
void forget_after(memory_store& store, position at) {
  const auto entry = store::effects_done("telling", {at, {}});
  store.log->control[entry.key] = entry.value;
}

options images_every(std::uint64_t records) {
  auto with = memory_engine::quiet();
  with.image_every_records = records;
  with.close_deadline = std::chrono::seconds{60};  // images are made in it
  return with;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(effect_starts)

BOOST_AUTO_TEST_CASE(one_that_is_owed_is_neither_forgotten_by_a_crash_nor_by_the_loss_of_derived) {
  for (const bool is_lost : {false, true}) {
    tells::begin({2});
    memory_store store;
    for (int life = 0; life < 2; ++life) {
      telling_rig<tells> e{store, images_every(3)};
      if (life == 0)
        for (int i = 0; i < 4; ++i) e.write();
      BOOST_TEST(e.count() == 3);
      BOOST_TEST((e.parked() == places{2}));
      e.images->failing = true;  // as in a crash
      if (is_lost) lose_derived(store);
    }
    tells::all_hear();
    telling_rig<tells> e{store, images_every(3)};
    BOOST_TEST(e.count() == 4);
    BOOST_TEST((tells::heard() == places{1, 2, 3, 4}));
  }
}

BOOST_AUTO_TEST_CASE(a_start_in_partitions_repeats_what_may_not_have_taken_place) {
  constexpr position all = 12'000;
  tells_in_parts::begin();
  memory_store store;
  {
    telling_rig<tells_in_parts> e{store};
    for (int k = 0; k < 6; ++k) e.send("k" + std::to_string(k), add{1, all / 6}).value();
    BOOST_TEST(e.count() == static_cast<std::int64_t>(all));
  }
  for (const position kept : {position{11'000}, position{100}}) {  // enough for partitions, and too little
    forget_after(store, kept);
    tells_in_parts::begin();
    telling_rig<tells_in_parts> e{store};
    BOOST_TEST(e.count() == static_cast<std::int64_t>(all));
    BOOST_TEST((e.seen() == up_to(all)));
    BOOST_TEST((tells_in_parts::heard() == up_to(all, kept + 1)));
  }
}

BOOST_AUTO_TEST_CASE(partitions_leave_out_what_still_owes_its_effect) {
  constexpr position all = 12'000;
  tells_in_parts::begin({7'000});
  memory_store store;
  {
    telling_rig<tells_in_parts> e{store};
    for (int k = 0; k < 6; ++k) e.send("k" + std::to_string(k), add{1, all / 6}).value();
    BOOST_TEST(e.count() == static_cast<std::int64_t>(all) - 1);
    BOOST_TEST(detail::await(*e.rebuild()).has_value());
    BOOST_TEST((e.parked() == places{7'000}));
  }
  lose_derived(store);
  tells_in_parts::all_hear();
  telling_rig<tells_in_parts> e{store};
  BOOST_TEST(e.count() == static_cast<std::int64_t>(all));
  BOOST_TEST((e.seen() == up_to(all)));
  BOOST_TEST((tells_in_parts::heard() == up_to(all)));
}

BOOST_AUTO_TEST_CASE(an_image_that_is_past_what_certainly_took_place_is_left_out) {
  tells::begin();
  memory_store store;
  {
    telling_rig<tells> e{store, images_every(10)};
    for (int i = 0; i < 12; ++i) e.write();
    BOOST_TEST(e.count() == 12);
    wait_until([&] { return e.images->newest("telling", detail::shape_of_projection<tells>(), ~position{0}).value().has_value(); });
  }
  forget_after(store, 4);
  tells::begin();
  telling_rig<tells> e{store, images_every(10)};
  BOOST_TEST(e.count() == 12);
  BOOST_TEST((e.seen() == up_to(12)));
  BOOST_TEST((tells::heard() == up_to(12, 5)));
}

BOOST_AUTO_TEST_CASE(what_the_control_table_says_is_read_or_refused) {
  memory_store store;
  store::memory_log log{store.log};
  const store::effects so_far{20, {3, 17}};
  const auto entry = store::effects_done("telling", so_far);
  store.log->control[entry.key] = entry.value;
  BOOST_TEST((store::effects_done_before(log, "telling").value() == so_far));
  BOOST_TEST(!store::effects_done_before(log, "tell").value().has_value());
  for (const auto* damaged : {"", "x", "20 ", "20 3,17", "20  3"}) {
    store.log->control[entry.key] = damaged;
    BOOST_TEST_CONTEXT(damaged) BOOST_TEST(!store::effects_done_before(log, "telling").has_value());
  }
}

BOOST_AUTO_TEST_SUITE_END()
