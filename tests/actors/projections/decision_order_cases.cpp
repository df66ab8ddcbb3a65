// Decisions about parked events that meet: a skip is for ever from when it is answered, whatever else was asked for meanwhile.
#include "support/picky.hpp"
#include "support/printed.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace world;
using namespace std::chrono_literals;

namespace {

struct repeated {
  std::string text;
  static constexpr auto about = describe<&repeated::text>("repeated", 1);
};

/// Repeats what is noted, in one instance, and throws at what is bad until it is cured.
struct repeats_all {
  static constexpr std::string_view category = "repeating";
  static constexpr failure_policy on_failure{1, 1ms};
  using observes = types<counter>;
  using events = types<repeated>;
  struct state {};
  static inline std::atomic<bool> is_cured{false};
  static std::optional<std::string> key(const noted&) { return "it"; }
  static steps<repeats_all> on(const state&, const noted& e, const context&) {
    if (e.text.starts_with("bad") && !is_cured) throw std::runtime_error("does not like " + e.text);
    return repeated{e.text};
  }
  static void evolve(state&, const repeated&) {}
};

/// The next decision is on its way to the log for a while.
void keep_slowly(memory_engine& e) {
  store::memory_faults faults;
  faults.drain_no_space = 1;
  e.log->set_faults(faults);
}

errc code_of(const std::shared_ptr<detail::waiter>& asked) {
  const auto answer = detail::await(*asked);
  return answer ? errc{0} : answer.error().code;
}
constexpr errc well{0};

}  // namespace

BOOST_AUTO_TEST_SUITE(decisions_in_order)

/// The image has both parked, and the second one was decided behind it.
BOOST_AUTO_TEST_CASE(a_start_that_can_handle_the_first_of_a_stream_does_not_apply_what_was_skipped_behind_it) {
  parks_streams::begin();
  memory_store store;
  auto with = memory_engine::quiet();
  with.image_every_records = 4;
  with.close_deadline = std::chrono::seconds{60};  // images are made in it
  {
    rig<parks_streams> r{store, with};
    for (const auto* text : {"bad 1", "2", "3"}) r.write("a", text);
    r.write("b", "4");
    wait_until([&] { return r.e.images->newest("picky", detail::shape_of_projection<parks_streams>(), ~position{0}).value().has_value(); });
    BOOST_TEST(r.skip(2).value() == 2u);
  }
  parks_streams::cures = true;
  rig<parks_streams> r{store, with};
  BOOST_TEST(r.count("a").value() == 2);
  BOOST_TEST((r.order() == texts{"4", "bad 1", "3"}));
}

BOOST_AUTO_TEST_CASE(of_two_events_of_a_stream_that_is_parked_one_is_skipped_at_a_time) {
  parks_streams::begin();
  memory_store store;
  rig<parks_streams> r{store};
  for (const auto* text : {"bad 1", "2", "3"}) r.write("a", text);
  BOOST_TEST(r.count("a").value() == 0);
  keep_slowly(r.e);
  const auto first = r.e.engine->order("picky", actors::skip_parked{1, {}});
  const auto second = r.e.engine->order("picky", actors::skip_parked{2, {}});
  BOOST_TEST((code_of(first) == well));
  BOOST_TEST((code_of(second) == errc::misuse));  // "2" is handled with the stream
  BOOST_TEST((r.order() == texts{"2", "3"}));
}

BOOST_AUTO_TEST_CASE(what_a_process_manager_is_skipping_is_not_tried_meanwhile) {
  repeats_all::is_cured = false;
  memory_store store;
  const auto host = [](detail::engine& e) { e.add(detail::table_of_process<repeats_all>()).value(); };
  memory_engine e{store, memory_engine::quiet(), host};
  const auto bad = e.send("a", note{"bad"}).value().at;
  wait_until([&] { return e.engine->parked("repeating").value().size() == 1; });
  repeats_all::is_cured = true;
  keep_slowly(e);
  const auto skipped = e.engine->order("repeating", actors::skip_parked{bad, {}});
  const auto retried = e.engine->order("repeating", actors::retry_parked{bad, {}});
  BOOST_TEST((code_of(retried) == errc::misuse));
  BOOST_TEST((code_of(skipped) == well));
  e.engine->settle(60s).value();
  BOOST_TEST(e.engine->parked("repeating").value().empty());
  BOOST_TEST(store.log->records.size() == 1u);  // nothing was repeated
}

BOOST_AUTO_TEST_SUITE_END()
