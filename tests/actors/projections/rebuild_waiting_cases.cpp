// Queries that wait for a token while their model is built anew: the new model answers them.
#include "support/printed.hpp"
#include "support/virtual_engine.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace std::chrono_literals;

namespace {

/// Stands still at a note, for ten seconds again and again, until it is cured.
struct stubborn {
  static constexpr std::string_view name = "stubborn";
  static constexpr failure_policy on_failure{100, 10s};
  using follows = types<world::counter>;
  using queries = types<world::sum_of>;
  struct model {
    std::int64_t seen = 0;
  };
  static inline bool cures = false;
  static inline std::int64_t each = 1;
  static void apply(model& m, const world::noted&, const record_view&) {
    if (!cures) throw std::runtime_error("does not like notes");
    m.seen += each;
  }
  static void apply(model& m, const world::added&, const record_view&) { m.seen += each; }
  static std::int64_t answer(const model& m, const world::sum_of&) { return m.seen; }
};

struct waiting_rig : virtual_engine {
  explicit waiting_rig(const memory_store& on, std::size_t batch)
      : virtual_engine(on, true, [](detail::engine& e) { e.add(detail::table_of_projection<stubborn>()).value(); }, in_batches(batch)) {
    stubborn::cures = false;
    stubborn::each = 1;
  }
  static options in_batches(std::size_t batch) {
    auto with = memory_engine::quiet();
    with.projection_batch_records = batch;
    return with;
  }
  std::shared_ptr<detail::waiter> ask(position at, std::chrono::milliseconds time_out = 60s) {
    auto token = engine().head();
    token.at = at;
    auto asked = engine().ask("stubborn", "sum_of", encoded(world::sum_of{}), at_least{token, time_out});
    run();
    return asked;
  }
  std::shared_ptr<detail::waiter> rebuild() { return engine().order("stubborn", actors::rebuild_model{}); }
};

std::int64_t answered_by(const std::shared_ptr<detail::waiter>& asked) {
  BOOST_TEST_REQUIRE(asked->is_answered());
  return detail::decoded_answer<std::int64_t>(asked->await().value().bytes).value();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rebuild_and_those_who_wait)

/// In one batch the new model passes what the old one stands still at; record by record it takes its place before.
BOOST_AUTO_TEST_CASE(a_token_that_the_old_model_does_not_reach_is_reached_by_the_swap_or_right_behind_it) {
  for (const std::size_t batch : {100, 1}) {
    memory_store store;
    waiting_rig e{store, batch};
    e.add("a"), e.add("a");
    e.note("a");
    e.add("a");
    const auto waits = e.ask(4), waits_less = e.ask(3);
    BOOST_TEST(!waits->is_answered());
    BOOST_TEST(!waits_less->is_answered());
    stubborn::cures = true;
    stubborn::each = 10;
    const auto rebuilt = e.rebuild();
    e.run();  // and no time passes
    BOOST_TEST_REQUIRE(rebuilt->is_answered());
    BOOST_TEST(answered_by(waits) == 40);
    BOOST_TEST(answered_by(waits_less) >= 30);
    BOOST_TEST(waits->await().value().accepted.at == 4u);
    e.pass(120s);  // no time-out of theirs does anything now
    BOOST_TEST(answered_by(e.ask(4)) == 40);
  }
}

BOOST_AUTO_TEST_CASE(a_token_beyond_the_head_is_reached_after_the_swap_by_the_new_model) {
  memory_store store;
  waiting_rig e{store, 100};
  e.add("a"), e.add("a");
  const auto waits = e.ask(3);
  const auto gives_up = e.ask(9, 5s);
  stubborn::each = 10;
  const auto rebuilt = e.rebuild();
  e.run();
  BOOST_TEST_REQUIRE(rebuilt->is_answered());
  BOOST_TEST(!waits->is_answered());
  e.add("a");
  BOOST_TEST(answered_by(waits) == 30);
  BOOST_TEST(!gives_up->is_answered());
  e.pass(6s);
  BOOST_TEST_REQUIRE(gives_up->is_answered());
  BOOST_TEST((gives_up->await().error().code == errc::timed_out));
}

BOOST_AUTO_TEST_SUITE_END()
