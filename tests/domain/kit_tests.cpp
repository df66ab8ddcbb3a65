// The test kit sends everything through its bytes: what is not stored is not there.
#include <annals/testing.hpp>

#include <boost/test/unit_test.hpp>

namespace {

struct put {
  std::int64_t number = 0;
  static constexpr auto about = annals::describe<&put::number>("put", 1);
};
struct was_put {
  std::int64_t number = 0;
  std::int64_t twice = 0;  // computed by decide, and not in the log
  static constexpr auto about = annals::describe<&was_put::number>("was_put", 1, annals::not_stored{&was_put::twice});
};
struct bowl {
  static constexpr std::string_view category = "bowl";
  using commands = annals::types<put>;
  using events = annals::types<was_put>;
  struct state {
    std::int64_t sum = 0;
    std::int64_t times = 0;
    static constexpr auto about = annals::describe<&state::sum>("state", 1, annals::not_stored{&state::times});
  };
  static annals::decision<bowl> decide(const state& s, const put& c, const annals::context&) {
    if (s.times > 0) return annals::reject("known_by_luck");
    return was_put{c.number, 2 * c.number};
  }
  static void evolve(state& s, const was_put& e) {
    s.sum += e.twice;
    ++s.times;
  }
};
struct seen {
  static constexpr auto about = annals::describe("seen", 1);
};
struct tally {
  static constexpr std::string_view name = "tally";
  using follows = annals::types<bowl>;
  using queries = annals::types<seen>;
  struct model {
    std::int64_t seen = 0;
    std::int64_t forgotten = 0;
    static constexpr auto about = annals::describe<&model::seen>("model", 1, annals::not_stored{&model::forgotten});
  };
  static std::int64_t answer(const model& m, const seen&) { return m.seen; }
  static void apply(model& m, const was_put&, const annals::record_view&) { ++m.seen, ++m.forgotten; }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(kit)

BOOST_AUTO_TEST_CASE(case_75_what_an_event_does_not_store_is_not_there_when_it_is_evolved) {
  auto one = annals::given<bowl>();
  one.when(put{5}).then(was_put{5});
  BOOST_TEST(one.state().sum == 0);
}

BOOST_AUTO_TEST_CASE(case_75_what_a_state_does_not_store_is_not_there_at_the_next_command) {
  auto one = annals::given<bowl>();
  one.when(put{5});
  BOOST_TEST(one.state().times == 0);
  one.when(put{6}).then(was_put{6});
}

BOOST_AUTO_TEST_CASE(case_75_what_a_model_does_not_store_is_not_there_at_the_next_event) {
  auto read = annals::project<tally>().event<bowl>("1", was_put{}).event<bowl>("1", was_put{});
  BOOST_TEST(read.model().seen == 2);
  BOOST_TEST(read.model().forgotten == 0);
}

BOOST_AUTO_TEST_CASE(case_75_a_replay_that_lacks_what_is_not_stored_is_none) {
  try {
    annals::replays_alike<bowl>(was_put{5, 10});
    BOOST_FAIL("the state is 10 and its replay 0");
  } catch (const annals::expectation_failed& no) {
    BOOST_TEST(std::string_view{no.what()}.starts_with("the state differs from its replay after event 1"));
  }
}

BOOST_AUTO_TEST_SUITE_END()
