// What has failed is tried again after pauses that grow, each twice the one before, to ten seconds.
#include "actors/dead_letters/attempts.hpp"
#include "actors/projections/fold.hpp"
#include "support/virtual_engine.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace std::chrono_literals;

namespace {

using pauses = std::vector<std::chrono::milliseconds>;
constexpr failure_policy seven_times{7, 1s};
const pauses between_seven{1s, 2s, 4s, 8s, 10s, 10s};

/// Neither likes any note.
struct sulking {
  static constexpr std::string_view name = "sulking";
  static constexpr failure_policy on_failure = seven_times;
  using follows = types<world::counter>;
  using queries = types<>;
  struct model {};
  static inline int tries = 0;
  static void apply(model&, const world::noted&, const record_view&) {
    ++tries;
    throw std::runtime_error("no");
  }
};
struct refusing {
  static constexpr std::string_view category = "refusing";
  static constexpr failure_policy on_failure = seven_times;
  using observes = types<world::counter>;
  using events = types<world::noted>;
  struct state {};
  static inline int tries = 0;
  static std::optional<std::string> key(const world::noted&) { return "all"; }
  static steps<refusing> on(const state&, const world::noted&, const context&) {
    ++tries;
    throw std::runtime_error("no");
  }
  static void evolve(state&, const world::noted&) {}
};

/// It has failed once; how long it takes until each of the next tries, in steps of a millisecond.
pauses pauses_of(virtual_engine& e, const int& tries) {
  pauses found;
  while (tries < 7) {
    const auto before = e.now;
    for (const auto so_far = tries; tries == so_far;) e.pass(1ms);
    found.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::microseconds{e.now - before}));
  }
  e.pass(20s);
  BOOST_TEST(tries == 7);
  return found;
}

/// It has failed a moment ago, and an answer takes some turns.
bool is_about(const pauses& found, const pauses& expected) {
  return std::equal(found.begin(), found.end(), expected.begin(), expected.end(),
                    [](auto some, auto same) { return some <= same && some > same - 50ms; });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(growing_pauses)

BOOST_AUTO_TEST_CASE(each_is_twice_the_one_before_to_ten_seconds) {
  const auto all_of = [](const failure_policy& policy, std::uint32_t attempts) {
    pauses all;
    for (std::uint32_t failed = 1; failed < attempts; ++failed) all.push_back(actors::next_step(policy, failed).pause);
    return all;
  };
  BOOST_TEST((all_of(seven_times, 7) == between_seven));
  BOOST_TEST((all_of({10}, 10) == pauses{100ms, 200ms, 400ms, 800ms, 1'600ms, 3'200ms, 6'400ms, 10s, 10s}));
  BOOST_TEST((all_of({9, 3s}, 4) == pauses{3s, 6s, 10s}));
  BOOST_TEST((all_of({9, 1h}, 4) == pauses{10s, 10s, 10s}));
  BOOST_TEST((all_of({9, 0s}, 4) == pauses{0s, 0s, 0s}));
  BOOST_TEST((actors::next_step({~std::uint32_t{0}, 1ms}, ~std::uint32_t{0} - 1).pause == 10s));
  BOOST_TEST((actors::next_step({~std::uint32_t{0}, std::chrono::hours{24 * 365}}, ~std::uint32_t{0} - 1).pause == 10s));
}

BOOST_AUTO_TEST_CASE(a_projection_waits_so_long) {
  sulking::tries = 0;
  memory_store store;
  virtual_engine e{store, true, [](detail::engine& more) { more.add(detail::table_of_projection<sulking>()).value(); }};
  e.note("a");
  BOOST_TEST(sulking::tries == 1);
  BOOST_TEST(is_about(pauses_of(e, sulking::tries), between_seven));
}

BOOST_AUTO_TEST_CASE(a_process_manager_waits_so_long) {
  refusing::tries = 0;
  memory_store store;
  virtual_engine e{store, true, [](detail::engine& more) { more.add(detail::table_of_process<refusing>()).value(); }};
  e.note("a");
  BOOST_TEST(refusing::tries == 1);
  BOOST_TEST(is_about(pauses_of(e, refusing::tries), between_seven));
}

BOOST_AUTO_TEST_CASE(a_subscription_waits_so_long) {
  memory_store store;
  virtual_engine e{store};
  e.note("a");
  member one{e, "mail", {.failure = seven_times}};
  for (const auto pause : between_seven) {
    BOOST_TEST((one.positions() == std::vector<position>{1}));
    one.nack(1);
    e.pass(pause - 1ms);
    BOOST_TEST(one.positions().empty());
    e.pass(1ms);
  }
  BOOST_TEST((one.positions() == std::vector<position>{1}));
  one.nack(1);
  e.settle();
  BOOST_TEST(one.parked().size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
