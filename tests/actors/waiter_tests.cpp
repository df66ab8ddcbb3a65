// One outstanding answer, between who gives it and who asks for it; and the memory that it comes from.
#include "actors/recycling_allocator.hpp"
#include "actors/waiter.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace annals;
using annals::detail::answered;
using annals::detail::make_waiter;
using annals::detail::outcome;

namespace {
outcome answer_of(annals::version v) { return answered{{v, 0, 1, {}}, {}}; }
annals::version version_of(const outcome& o) { return o.value().accepted.version; }
}  // namespace

BOOST_AUTO_TEST_SUITE(waiters)

BOOST_AUTO_TEST_CASE(the_first_completion_counts) {
  const auto w = make_waiter({3, 7});
  BOOST_TEST((w->since == token{3, 7}));
  BOOST_TEST(!w->is_answered());
  BOOST_TEST(!w->await_for(std::chrono::nanoseconds{1}));
  w->complete(answer_of(1));
  w->complete(answer_of(2));
  BOOST_TEST(version_of(w->await()) == 1u);
  BOOST_TEST(version_of(*w->await_for(std::chrono::nanoseconds{0})) == 1u);
}

BOOST_AUTO_TEST_CASE(a_callback_is_called_once_before_or_after_the_answer) {
  for (const bool answered_before : {false, true}) {
    const auto w = make_waiter();
    int calls = 0;
    if (answered_before) w->complete(answer_of(3));
    w->on_answer([&](const outcome& o) { calls += version_of(o) == 3u ? 1 : 100; });
    w->complete(answer_of(3));
    BOOST_TEST(calls == 1);
  }
}

BOOST_AUTO_TEST_CASE(an_answer_and_who_asks_for_it_may_come_at_the_same_time) {
  for (int round = 0; round < 5'000; ++round) {
    const auto called_back = make_waiter(), awaited = make_waiter();
    std::atomic<int> calls{0};
    std::thread giver{[&] {
      called_back->complete(answer_of(1));
      awaited->complete(answer_of(2));
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

BOOST_AUTO_TEST_CASE(a_callback_that_throws_ends_the_process) {
  const auto child = ::fork();
  BOOST_REQUIRE(child >= 0);
  if (child == 0) {
    std::set_terminate([] { std::_Exit(7); });
    const auto w = make_waiter();
    w->on_answer([](const outcome&) { throw std::runtime_error("a host's mistake"); });
    try {
      w->complete(answer_of(1));
    } catch (...) {}
    std::_Exit(0);
  }
  int status = 0;
  BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
  BOOST_TEST(WEXITSTATUS(status) == 7);
}

BOOST_AUTO_TEST_SUITE_END()
