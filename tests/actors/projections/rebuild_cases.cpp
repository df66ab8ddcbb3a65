// Building a read model anew beside the one that answers.
#include "actors/projections/teller.hpp"
#include "support/printed.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>

using namespace annals;
using namespace world;

namespace {

/// Counts events; how much each counts is the code of the day.
struct tally {
  static constexpr std::string_view name = "tally";
  static constexpr failure_policy on_failure{1, std::chrono::milliseconds{1}, annals::on_failure::stop};
  using follows = annals::types<counter>;
  using queries = annals::types<sum_of>;
  struct model {
    std::int64_t sum = 0;
    static constexpr auto about = annals::describe<&model::sum>("tally", 1);
  };
  static inline std::atomic<std::int64_t> each{1};
  static inline std::atomic<position> throws_at{0};
  static inline std::atomic<position> waits_at{0};
  static inline std::atomic<bool> is_waiting{false};
  static void apply(model& m, const added&, const record_view& r) {
    while (r.at == waits_at) is_waiting = true;
    if (r.at == throws_at) throw std::runtime_error("the new code is wrong");
    m.sum += each;
  }
  static std::int64_t answer(const model& m, const sum_of&) { return m.sum; }
  static void begin() {
    each = 1;
    throws_at = waits_at = 0;
    is_waiting = false;
  }
};

options small_batches(std::uint64_t image_every = 0) {
  auto with = memory_engine::quiet();
  with.projection_batch_records = 10;
  with.image_every_records = image_every;
  with.close_deadline = std::chrono::seconds{60};  // images are made in it
  return with;
}

struct rebuild_rig : memory_engine {
  explicit rebuild_rig(const memory_store& on, options with = small_batches())
      : memory_engine(on, std::move(with), [](detail::engine& e) { e.add(detail::table_of_projection<tally>()).value(); }) {}

  result<std::int64_t> now_sum() {
    auto answer = detail::await(*engine->ask("tally", "sum_of", encoded(sum_of{}), at_least{engine->head(), std::chrono::seconds{60}}));
    if (!answer) return std::move(answer).error();
    return detail::decoded_answer<std::int64_t>(answer->bytes);
  }
  std::shared_ptr<detail::waiter> rebuild() { return engine->order("tally", actors::rebuild_model{}); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(rebuild)

BOOST_AUTO_TEST_CASE(the_new_model_takes_the_olds_place_with_the_present_code) {
  tally::begin();
  memory_store store;
  rebuild_rig e{store};
  e.send("a", add{1, 100}).value();
  BOOST_TEST(e.now_sum().value() == 100);
  tally::each = 2;
  BOOST_TEST(e.now_sum().value() == 100);
  const auto done = detail::await(*e.rebuild());
  BOOST_TEST(done.value().accepted.at == 100u);
  BOOST_TEST(e.now_sum().value() == 200);
  e.send("a", add{1}).value();
  BOOST_TEST(e.now_sum().value() == 202);
  BOOST_TEST(!e.engine->health().projections[1].rebuilt_to.has_value());
}

BOOST_AUTO_TEST_CASE(meanwhile_the_position_never_goes_back_and_queries_are_answered) {
  tally::begin();
  memory_store store;
  rebuild_rig e{store};
  e.send("a", add{1, 5'000}).value();
  BOOST_TEST(e.now_sum().value() == 5'000);
  std::atomic<bool> stop{false};
  position highest = 0;
  std::atomic<bool> went_back{false};
  std::thread reader{[&] {
    while (!stop) {
      e.engine
          ->read_model("tally",
                       [&](const void* m, position at) {
                         if (at < highest || static_cast<const tally::model*>(m)->sum != static_cast<std::int64_t>(at)) went_back = true;
                         highest = at;
                       })
          .value();
    }
  }};
  std::vector<std::shared_ptr<detail::waiter>> rebuilt;
  for (int i = 0; i < 5; ++i) {
    rebuilt.push_back(e.rebuild());
    for (int k = 0; k < 20; ++k) e.send("a", add{1, 10}).value();
    const auto head = static_cast<std::int64_t>(e.engine->head().at);
    BOOST_TEST(e.now_sum().value() >= head);
  }
  for (const auto& one : rebuilt) BOOST_TEST(detail::await(*one).has_value());
  stop = true;
  reader.join();
  BOOST_TEST(!went_back);
}

BOOST_AUTO_TEST_CASE(case_27_a_rebuild_that_fails_leaves_the_old_model_serving) {
  tally::begin();
  memory_store store;
  rebuild_rig e{store};
  e.send("a", add{1, 100}).value();
  BOOST_TEST(e.now_sum().value() == 100);
  tally::throws_at = 50;
  const auto failed = detail::await(*e.rebuild());
  BOOST_TEST_REQUIRE(!failed);
  BOOST_TEST((failed.error().code == errc::projection_failed));
  BOOST_TEST(failed.error().place == 50u);
  e.send("a", add{1}).value();
  BOOST_TEST(e.now_sum().value() == 101);
  tally::throws_at = 0;
  BOOST_TEST(detail::await(*e.rebuild()).has_value());
}

BOOST_AUTO_TEST_CASE(case_27_a_rebuild_that_a_close_interrupts_leaves_the_old_image) {
  tally::begin();
  memory_store store;
  std::shared_ptr<detail::waiter> rebuilt;
  {
    rebuild_rig e{store, small_batches(100)};
    e.send("a", add{1, 200}).value();
    wait_until([&] { return e.images->newest("tally", detail::shape_of_projection<tally>(), ~position{0}).value().has_value(); });
    tally::each = 2;
    tally::throws_at = 150;  // so that it cannot end first
    rebuilt = e.rebuild();
  }
  BOOST_TEST(!detail::await(*rebuilt).has_value());
  tally::begin();
  rebuild_rig e{store, small_batches(100)};
  BOOST_TEST(e.now_sum().value() == 200);
}

BOOST_AUTO_TEST_CASE(an_image_of_the_old_model_does_not_come_back) {
  tally::begin();
  memory_store store;
  {
    rebuild_rig e{store, small_batches(100)};
    e.send("a", add{1, 200}).value();
    wait_until([&] { return e.images->newest("tally", detail::shape_of_projection<tally>(), ~position{0}).value().has_value(); });
    tally::each = 2;
    BOOST_TEST(detail::await(*e.rebuild()).has_value());
  }
  rebuild_rig e{store, small_batches(100)};
  BOOST_TEST(e.now_sum().value() == 400);
}

BOOST_AUTO_TEST_CASE(it_is_not_answered_as_done_before_the_old_images_are_gone) {
  tally::begin();
  memory_store store;
  rebuild_rig e{store, small_batches(100)};
  e.send("a", add{1, 200}).value();
  wait_until([&] { return e.images->newest("tally", detail::shape_of_projection<tally>(), ~position{0}).value().has_value(); });
  e.images->failing = true;
  tally::each = 2;
  const auto answer = detail::await(*e.rebuild());
  BOOST_TEST_REQUIRE(!answer);
  BOOST_TEST((answer.error().code == errc::store_failed));
  BOOST_TEST(e.now_sum().value() == 400);
}

BOOST_AUTO_TEST_CASE(one_that_is_asked_for_twice_is_built_once_and_answers_both) {
  tally::begin();
  memory_store store;
  rebuild_rig e{store};
  e.send("a", add{1, 3'000}).value();
  BOOST_TEST(e.now_sum().value() == 3'000);
  const auto first = e.rebuild(), second = e.rebuild();
  BOOST_TEST(detail::await(*first).value().accepted.at == 3'000u);
  BOOST_TEST(detail::await(*second).has_value());
}

BOOST_AUTO_TEST_CASE(one_that_has_stopped_goes_on_when_the_new_model_has_passed_what_it_stopped_at) {
  tally::begin();
  tally::throws_at = 50;
  memory_store store;
  rebuild_rig e{store};
  e.send("a", add{1, 100}).value();
  BOOST_TEST(e.now_sum().error().place == 50u);
  for (int i = 0; i < 3; ++i) {
    const auto failed = detail::await(*e.rebuild());  // with the same fault
    BOOST_TEST_REQUIRE(!failed);
    BOOST_TEST((failed.error().code == errc::projection_failed));
    BOOST_TEST(failed.error().place == 50u);
    BOOST_TEST(failed.error().message().find("the new code is wrong") != std::string::npos);
    BOOST_TEST(e.now_sum().error().place == 50u);
  }
  tally::throws_at = 70;  // this is mended, and that is wrong
  BOOST_TEST(detail::await(*e.rebuild()).error().place == 70u);
  BOOST_TEST(e.now_sum().error().place == 50u);
  tally::throws_at = 0;
  BOOST_TEST(detail::await(*e.rebuild()).value().accepted.at == 100u);
  e.send("a", add{1}).value();
  BOOST_TEST(e.now_sum().value() == 101);
}

BOOST_AUTO_TEST_CASE(one_that_stops_meanwhile_goes_on_when_the_new_model_has_passed_that_too) {
  tally::begin();
  const temporary_directory place;  // there, who reads keeps nobody from writing
  auto rt = runtime::open(place / "store", small_batches()).value();
  rt.host<counter>().value();
  rt.project<tally>().value();
  rt.start().value();
  const auto sum_at = [&](token at) { return rt.ask<tally>(sum_of{}, at_least{at, std::chrono::seconds{60}}).get(); };
  const auto first = rt.send<counter>("a", add{1, 100}).get().value().token;
  BOOST_TEST(sum_at(first).value() == 100);
  tally::waits_at = 5;
  auto rebuilt = rt.rebuild<tally>();
  wait_until([] { return tally::is_waiting.load(); });
  const auto next = rt.send<counter>("a", add{1}).get().value().token;
  wait_until([&] { return rt.health().readable >= next.at; });  // it comes first in the old model
  tally::throws_at = 101;
  tally::waits_at = 0;
  const auto failed = rebuilt.get();
  BOOST_TEST_REQUIRE(!failed);
  BOOST_TEST(failed.error().place == 101u);
  BOOST_TEST(sum_at(next).error().place == 101u);
}

BOOST_AUTO_TEST_CASE(one_that_stopped_since_too_much_is_parked_goes_on_when_less_is) {
  tells::begin();
  tells::takes_all = false;
  memory_store store;
  telling_rig<tells> e{store};
  std::vector<std::shared_ptr<detail::waiter>> sent;
  for (std::size_t i = 0; i <= actors::parked_events::max; ++i) sent.push_back(e.start("a", note{"bad"}));
  for (const auto& one : sent) detail::await(*one).value();
  const auto place = actors::parked_events::max + 1;
  const auto stopped_at = [&] {
    const auto found = e.engine->health().projections;
    const auto ours = std::find_if(found.begin(), found.end(), [](const auto& one) { return one.name == "telling"; });
    return ours->stopped ? ours->stopped->place : 0;
  };
  wait_until([&] { return stopped_at() == place; });
  const auto failed = detail::await(*e.rebuild());
  BOOST_TEST_REQUIRE(!failed);
  BOOST_TEST(failed.error().place == place);
  BOOST_TEST(stopped_at() == place);
  BOOST_TEST(e.skip(1));
  BOOST_TEST(detail::await(*e.rebuild()).value().accepted.at == place);
  BOOST_TEST(stopped_at() == 0u);
}

BOOST_AUTO_TEST_CASE(a_projection_that_is_not_there_cannot_be_rebuilt) {
  memory_store store;
  rebuild_rig e{store};
  const auto refused = detail::await(*e.engine->order("other", actors::rebuild_model{}));
  BOOST_TEST((refused.error().code == errc::not_hosted));
}

BOOST_AUTO_TEST_SUITE_END()
