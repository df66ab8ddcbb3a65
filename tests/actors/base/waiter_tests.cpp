// One outstanding answer, between who gives it and who asks for it; and the memory that it comes from.
#include "actors/base/host_calls.hpp"
#include "actors/base/logging.hpp"
#include "actors/base/recycling_allocator.hpp"
#include "actors/base/waiter.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace annals;
using annals::detail::answered;
using annals::detail::make_waiter;
using annals::detail::outcome;

namespace {
outcome answer_at(annals::version v) { return answered{{v, 0, 1, {}}, {}}; }
annals::version version_of(const outcome& o) { return o.value().accepted.version; }
}  // namespace

BOOST_AUTO_TEST_SUITE(waiters)

BOOST_AUTO_TEST_CASE(the_first_completion_counts) {
  const auto w = make_waiter({3, 7});
  BOOST_TEST((w->since == token{3, 7}));
  BOOST_TEST(!w->is_answered());
  BOOST_TEST(!w->await_for(std::chrono::nanoseconds{1}));
  w->complete(answer_at(1));
  w->complete(answer_at(2));
  BOOST_TEST(version_of(w->await()) == 1u);
  BOOST_TEST(version_of(*w->await_for(std::chrono::nanoseconds{0})) == 1u);
}

BOOST_AUTO_TEST_CASE(a_callback_is_called_once_before_or_after_the_answer) {
  for (const bool answered_before : {false, true}) {
    const auto w = make_waiter();
    int calls = 0;
    if (answered_before) w->complete(answer_at(3));
    w->on_answer([&](const outcome& o) { calls += version_of(o) == 3u ? 1 : 100; });
    w->complete(answer_at(3));
    BOOST_TEST(calls == 1);
  }
}

BOOST_AUTO_TEST_CASE(an_answer_and_who_asks_for_it_may_come_at_the_same_time) {
  for (int round = 0; round < 5'000; ++round) {
    const auto called_back = make_waiter(), awaited = make_waiter();
    std::atomic<int> calls{0};
    std::thread giver{[&] {
      called_back->complete(answer_at(1));
      awaited->complete(answer_at(2));
    }};
    called_back->on_answer([&](const outcome&) { ++calls; });
    BOOST_TEST_REQUIRE(version_of(awaited->await()) == 2u);
    giver.join();
    BOOST_TEST_REQUIRE(calls == 1);
  }
}

BOOST_AUTO_TEST_CASE(memory_that_one_thread_lets_go_is_used_by_another) {
  using memory = actors::recycled_memory<1'234>;
  constexpr std::size_t count = 1'000;
  std::set<void*> first, second;
  std::thread{[&] {
    for (std::size_t i = 0; i < count; ++i) first.insert(memory::take());
  }}.join();
  BOOST_TEST(first.size() == count);  // no two at one place
  std::thread{[&] {
    for (auto* place : first) memory::give(place);
  }}.join();
  for (std::size_t i = 0; i < count; ++i) second.insert(memory::take());
  BOOST_TEST((first == second));
  for (auto* place : second) memory::give(place);
}

BOOST_AUTO_TEST_CASE(memory_may_be_let_go_when_its_thread_has_ended_but_for_that) {
  using memory = actors::recycled_memory<1'235>;
  struct late {
    void* place = nullptr;
    ~late() {
      memory::give(place);
      memory::give(memory::take());
    }
  };
  std::thread{[] {
    thread_local late last;  // made before the thread's list, so destroyed behind it
    last.place = memory::take();
  }}.join();
}

BOOST_AUTO_TEST_CASE(case_65_what_a_callback_throws_is_told_to_the_host) {
  std::vector<std::string> failures;
  options with;
  with.log_sink = [](log_level, std::string_view) { throw std::runtime_error("no space for a log"); };
  with.on_failure = [&](const failure& f) {
    failures.push_back(f.who + ": " + f.detail);
    throw 7;
  };
  const actors::host_calls host{actors::make_logger(with), with};
  const auto w = make_waiter();
  w->on_answer([](const outcome&) { throw std::runtime_error("a host's mistake"); });
  w->complete(answer_at(1), &host);
  BOOST_TEST_REQUIRE(failures.size() == 1u);
  BOOST_TEST(failures[0].find("a host's mistake") != std::string::npos);
  const auto answered = make_waiter();
  answered->complete(answer_at(1), &host);
  BOOST_CHECK_THROW(answered->on_answer([](const outcome&) { throw std::runtime_error("a host's mistake"); }), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(case_70_an_answer_that_belongs_to_a_callback_is_misuse_for_all_others) {
  for (const bool answered_before : {false, true}) {
    const auto w = make_waiter();
    if (answered_before) w->complete(answer_at(1));
    int calls = 0;
    w->on_answer([&](const outcome& o) { calls += o ? 1 : 100; });
    BOOST_TEST((w->await().error().code == errc::misuse));
    BOOST_TEST((w->await_for(std::chrono::nanoseconds{1})->error().code == errc::misuse));
    w->on_answer([&](const outcome& o) { calls += !o && o.error().code == errc::misuse ? 10 : 100; });
    w->complete(answer_at(1));
    BOOST_TEST(calls == 11);
    BOOST_TEST((w->await().error().code == errc::misuse));
  }
}

BOOST_AUTO_TEST_CASE(case_70_who_waits_when_the_answer_becomes_a_callbacks_does_not_wait_for_ever) {
  for (int round = 0; round < 200; ++round) {
    const auto w = make_waiter();
    std::thread waits{[&] { BOOST_TEST((w->await().error().code == errc::misuse)); }};
    w->on_answer([](const outcome&) {});
    waits.join();
    w->complete(answer_at(1));
  }
}

BOOST_AUTO_TEST_CASE(case_70_asking_a_result_for_what_it_does_not_have_throws_the_error) {
  result<std::string> wrong = error{errc::not_found, "no such thing", "number 7"};
  result<std::string> right = std::string{"seven"};
  const result<void> nothing = error{errc::timed_out};
  BOOST_CHECK_EXCEPTION((void)wrong.value(), bad_result_access,
                        [&](const bad_result_access& e) { return e.error() == wrong.error() && e.what() == wrong.error().message(); });
  BOOST_CHECK_THROW((void)*wrong, bad_result_access);
  BOOST_CHECK_THROW((void)wrong->size(), bad_result_access);
  BOOST_CHECK_THROW((void)result<std::string>{wrong}.value(), bad_result_access);
  BOOST_CHECK_THROW(nothing.value(), bad_result_access);
  BOOST_CHECK_EXCEPTION((void)right.error(), bad_result_access, [](const bad_result_access& e) { return e.error().code == errc::misuse; });
  BOOST_CHECK_THROW((void)result<void>{}.error(), bad_result_access);
}

BOOST_AUTO_TEST_SUITE_END()
