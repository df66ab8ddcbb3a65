// Case 69: an effect is the host's code, and may take its time and call the runtime.
#include "support/memory_engine.hpp"

#include <boost/test/unit_test.hpp>

#include <future>

using namespace annals;
using namespace world;

namespace {

struct calls {
  static constexpr std::string_view name = "calls";
  static constexpr failure_policy on_failure{2, std::chrono::milliseconds{1}};
  using follows = annals::types<counter>;
  using queries = annals::types<sum_of>;
  struct model {
    std::vector<position> seen;
    static constexpr auto about = annals::describe<&model::seen>("calls", 1);
  };
  static inline std::function<void(position)> does;
  static void apply(model& m, const added&, const record_view& r) { m.seen.push_back(r.at); }
  static void effect(const added&, const record_view& r) { does(r.at); }
  static std::int64_t answer(const model& m, const sum_of&) { return static_cast<std::int64_t>(m.seen.size()); }
};

struct calls_rig : memory_engine {
  explicit calls_rig(const memory_store& on)
      : memory_engine(on, quiet(), [](detail::engine& e) { e.add(detail::table_of_projection<calls>()).value(); }) {}
  result<std::int64_t> count(token at) {
    auto answer = detail::await(*engine->ask("calls", "sum_of", encoded(sum_of{}), at_least{at, std::chrono::seconds{60}}));
    if (!answer) return answer.error();
    return detail::decoded_answer<std::int64_t>(answer->bytes);
  }
  /// How many events the model has, and how far it is.
  std::pair<std::size_t, position> seen() const {
    std::pair<std::size_t, position> now;
    engine->read_model("calls", [&](const void* m, position at) { now = {static_cast<const calls::model*>(m)->seen.size(), at}; }).value();
    return now;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(effect_calls)

BOOST_AUTO_TEST_CASE(case_69_a_slow_effect_keeps_nobody_waiting_but_its_own_projection) {
  memory_store store;
  std::promise<void> began, may_end;
  calls::does = [&](position) {
    began.set_value();
    may_end.get_future().wait();
  };
  calls_rig e{store};
  e.send("a", add{1}).value();
  began.get_future().wait();
  // While it goes on:
  BOOST_TEST(e.engine->health().well());
  BOOST_TEST(e.engine->parked("calls").value().empty());
  BOOST_TEST(e.seen().first == 0u);
  const auto other = e.send("b", note{"x"}).value();
  BOOST_TEST(e.sum("a", other.token) == 1);
  may_end.set_value();
  BOOST_TEST(e.count(other.token).value() == 1);
}

BOOST_AUTO_TEST_CASE(case_69_an_effect_may_call_the_runtime_and_is_told_where_it_must_not_wait) {
  memory_store store;
  calls_rig* running = nullptr;
  std::vector<errc> waited;
  std::vector<std::pair<std::size_t, position>> seen;
  std::shared_ptr<detail::waiter> sent;
  calls::does = [&](position) {
    auto& on = *running->engine;
    (void)on.health();
    (void)on.parked("calls");
    seen.push_back(running->seen());
    if (!sent) sent = running->start("c", add{1});
    const auto asked = on.ask("calls", "sum_of", encoded(sum_of{}), at_least{on.head(), std::chrono::hours{1}});
    waited.push_back(detail::await(*asked).error().code);
    waited.push_back(on.settle(std::chrono::hours{1}).error().code);
  };
  calls_rig e{store};
  running = &e;
  e.send("a", add{1, 3}).value();
  const auto last = e.send("a", note{"x"}).value();
  BOOST_TEST(e.count(last.token).has_value());
  BOOST_TEST_REQUIRE(sent);
  const auto answer = detail::await(*sent);
  BOOST_TEST(e.count(answer.value().accepted.token).value() == 4);
  BOOST_TEST_REQUIRE(seen.size() == 4u);
  for (std::size_t i = 0; i < 3; ++i) {  // each before its own event, and position and model together
    BOOST_TEST(seen[i].first == i);
    BOOST_TEST(seen[i].second == i);
  }
  for (const auto code : waited) BOOST_TEST((code == errc::misuse));
}

BOOST_AUTO_TEST_CASE(case_69_closing_inside_an_effect_takes_no_more_and_does_not_hang) {
  memory_store store;
  calls_rig* running = nullptr;
  std::promise<void> closed;
  calls::does = [&](position) {
    running->engine->close();
    closed.set_value();
  };
  calls_rig e{store};
  running = &e;
  e.send("a", add{1}).value();
  closed.get_future().wait();
  BOOST_TEST((e.send("a", add{1}).error().code == errc::closed));
  e.engine->close();
  BOOST_TEST(store.log->control.size() == 1u);  // how far the effects are
}

BOOST_AUTO_TEST_CASE(case_69_the_same_when_a_parked_one_is_tried_again) {
  memory_store store;
  calls_rig* running = nullptr;
  bool fails = true;
  std::size_t health_asked = 0;
  calls::does = [&](position) {
    (void)running->engine->health();
    ++health_asked;
    if (fails) throw std::runtime_error("nobody listens");
  };
  calls_rig e{store};
  running = &e;
  const auto written = e.send("a", add{1}).value();
  BOOST_TEST((e.count(written.token).error().code == errc::parked));
  fails = false;
  BOOST_TEST(detail::await(*e.engine->order("calls", actors::retry_parked{1, {}})).has_value());
  BOOST_TEST(e.count(written.token).value() == 1);
  BOOST_TEST(health_asked == 3u);
}

BOOST_AUTO_TEST_SUITE_END()
