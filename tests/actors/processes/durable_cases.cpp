// A process manager follows what is durable and not readable yet: what is reported, kept and sent then.
#include "support/repeating.hpp"
#include "support/virtual_engine.hpp"

#include <boost/test/unit_test.hpp>

using namespace world;

namespace {

/// Its key throws for the note "stop".
struct stopping {
  static constexpr std::string_view category = "stopping";
  using observes = types<counter>;
  using events = types<observed>;
  struct state {};
  static std::optional<std::string> key(const noted& e) {
    if (e.text == "stop") throw std::runtime_error("no key for this");
    return e.text;
  }
  static steps<stopping> on(const state&, const noted& e, const context&) { return observed{e.text}; }
  static void evolve(state&, const observed&) {}
};

std::size_t length_of(const virtual_engine& e, const std::string& stream) {
  std::size_t length = 0;
  auto read = const_cast<virtual_engine&>(e).engine().read_stream(stream, 1, 100, [&](const record_view&) { return ++length, true; });
  return read ? length : 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(processes_follow_what_is_durable)

BOOST_AUTO_TEST_CASE(case_78_what_is_parked_before_readers_see_it_is_reported) {
  cures = false;
  memory_store store;
  std::vector<position> told;
  auto with = memory_engine::quiet();
  with.on_parked = [&](const parked_notice& one) { told.push_back(one.at); };
  virtual_engine e{store, true, [](detail::engine& to) { to.add(detail::table_of_process<repeating>()).value(); }, with};
  store::memory_faults lags;
  lags.readable_lags = true;
  e.log().set_faults(lags);
  e.note("a", "x bad");
  e.pass(1s);
  BOOST_TEST((told == std::vector<position>{1}));
  BOOST_TEST(e.log().readable() == 0u);
  e.log().set_faults({});
}

BOOST_AUTO_TEST_CASE(what_was_read_before_the_record_at_which_it_stops_is_observed) {
  memory_store store;
  {
    virtual_engine e{store};
    for (const auto* text : {"a", "b", "stop", "c"}) e.note("n", text);
  }
  virtual_engine e{store, true, [](detail::engine& to) { to.add(detail::table_of_process<stopping>()).value(); }};
  e.pass(100ms);
  BOOST_TEST(e.engine().health().processes[0].stopped.has_value());
  BOOST_TEST(length_of(e, "stopping-a") == 1u);
  BOOST_TEST(length_of(e, "stopping-b") == 1u);
  BOOST_TEST(length_of(e, "stopping-c") == 0u);
}

BOOST_AUTO_TEST_CASE(an_image_is_kept_also_while_commits_never_pause) {
  memory_store store;
  auto with = memory_engine::quiet();
  with.image_every_records = 20;
  virtual_engine e{store, true, [](detail::engine& to) { to.add(detail::table_of_process<repeating>()).value(); }, with};
  for (int i = 0; i < 200; ++i) {
    (void)e.engine().send("counter", "n", note::about.name, encoded(note{"x 1"}), {});
    e.pass(500us);
  }
  BOOST_TEST(store.images->by_model.contains("process repeating"));
}

BOOST_AUTO_TEST_SUITE_END()
