// Waiting for a token: as long as anybody likes, and not past the end of the runtime. And what is asked before the start.
#include "support/picky.hpp"
#include "support/printed.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>

using namespace annals;
using namespace world;
using namespace std::chrono_literals;

namespace {

std::shared_ptr<detail::waiter> ask(memory_engine& e, position at, std::chrono::milliseconds time_out) {
  return e.engine->ask("sums", "sum_of", encoded(sum_of{"a"}), at_least{{0, at}, time_out});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(waiting)

BOOST_AUTO_TEST_CASE(case_29_for_ever_is_a_time_out_like_any_other) {
  memory_store store;
  memory_engine e{store};
  for (const bool by_settling : {true, false}) {
    const auto next = e.engine->head().at + 1;
    const auto answer = ask(e, next, std::chrono::milliseconds::max());
    std::thread writer{[&] { e.send("a", add{1}).value(); }};
    // It is not settled before that query is answered.
    if (by_settling) BOOST_TEST(e.engine->settle(std::chrono::milliseconds::max()).has_value());
    const auto waited = detail::await_for(*answer, std::chrono::nanoseconds::max());
    writer.join();
    BOOST_TEST_REQUIRE(waited.has_value());
    BOOST_TEST_REQUIRE(waited->has_value());
    BOOST_TEST((*waited)->accepted.at == next);
  }
}

BOOST_AUTO_TEST_CASE(a_close_answers_who_waits_for_what_does_not_come) {
  memory_store store;
  auto with = memory_engine::quiet();
  with.close_deadline = 1h;
  memory_engine e{store, with};
  e.send("a", add{1}).value();
  e.sum("a", e.engine->head());
  const auto answer = ask(e, 5, 1h);
  e.sum("a", e.engine->head());  // behind it
  e.engine->close();
  const auto given = detail::await(*answer);
  BOOST_TEST_REQUIRE(!given.has_value());
  BOOST_TEST((given.error().code == errc::closed));
  BOOST_TEST(given.error().place == 1u);
}

BOOST_AUTO_TEST_CASE(before_the_start_nothing_is_asked) {
  temporary_directory place;
  auto rt = runtime::open(place / "store", memory_engine::quiet()).value();
  rt.host<counter>().value();
  rt.project<sums>().value();
  BOOST_TEST((rt.ask<sums>(sum_of{"a"}).get().error().code == errc::misuse));
  BOOST_TEST((rt.read<sums>([](const sums::model&, position) {}).error().code == errc::misuse));
  BOOST_TEST((rt.rebuild<sums>().get().error().code == errc::misuse));
  rt.start().value();
  BOOST_TEST(rt.ask<sums>(sum_of{"a"}).get().has_value());
  BOOST_TEST(rt.rebuild<sums>().get().has_value());  // the first, when there never was an image
}

BOOST_AUTO_TEST_SUITE_END()
