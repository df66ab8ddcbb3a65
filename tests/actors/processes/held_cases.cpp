// Case 77: what a process manager sends to what this program does not host is held. It is no rejection.
#include "support/printed.hpp"
#include "support/relay.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <mutex>

using namespace annals;
using namespace world;

namespace {

struct jot {
  static constexpr auto about = describe("jot", 1);
};
struct jotted {
  static constexpr auto about = describe("jotted", 1);
};
template <class... Commands>
struct paper_with {
  static constexpr std::string_view category = "paper";
  using commands = types<Commands...>;
  using events = types<jotted>;
  struct state {};
  template <class C>
  static decision<paper_with> decide(const state&, const C&, const context&) {
    return jotted{};
  }
  static void evolve(state&, const jotted&) {}
};
struct scribble {
  static constexpr auto about = describe("scribble", 1);
};
using paper = paper_with<jot, scribble>;
using plain_paper = paper_with<scribble>;  // another program's

/// Jots down each note.
struct clerk {
  static constexpr std::string_view category = "clerk";
  using observes = types<counter, paper>;
  using events = types<told>;
  struct state {};
  static std::optional<std::string> key(const noted&) { return "c"; }
  static steps<clerk> on(const state&, const noted& e, const context&) { return {told{e.text, {}, {}, {}}, annals::send<paper>("p", jot{})}; }
  static steps<clerk> rejected(const state&, const jot&, const rejection&, const context&) { return told{"no", {}, {}, {}}; }
  static void evolve(state&, const told&) {}
};
/// Another program's does no more than observe.
struct other_clerk {
  static constexpr std::string_view category = "clerk";
  using observes = types<counter>;
  using events = types<told>;
  struct state {};
  static std::optional<std::string> key(const noted&) { return "c"; }
  static steps<other_clerk> on(const state&, const noted& e, const context&) { return told{e.text, {}, {}, {}}; }
  static void evolve(state&, const told&) {}
};

template <class Clerk, class... Papers>
void host(detail::engine& e) {
  (e.add(detail::table_of_aggregate<Papers>()).value(), ...);
  e.add(detail::table_of_process<Clerk>()).value();
}

/// The log up to the send of one command.
memory_store with_open_send() {
  memory_store whole;
  {
    memory_engine e{whole, memory_engine::quiet(), host<clerk, paper>};
    e.send("a", note{"x"}).value();
    e.engine->settle(60s).value();
  }
  for (const auto& one : records_of(whole))
    if (one.type == detail::command_sent::about.name) return cut_after(whole, one.at);
  BOOST_FAIL("nothing was sent");
  return whole;
}

struct failures {
  std::mutex mutex;
  std::vector<failure> all;
  options hearing() {
    auto with = memory_engine::quiet();
    with.on_failure = [this](const failure& one) {
      const std::lock_guard lock{mutex};
      all.push_back(one);
    };
    return with;
  }
};

void check_held(void (*hosted)(detail::engine&), const std::string& why) {
  const auto store = with_open_send();
  const auto records = store.log->records.size();
  for (int life = 0; life < 2; ++life) {
    failures heard;
    {
      memory_engine e{store, heard.hearing(), hosted};
      e.engine->settle(60s).value();
      e.send("a", add{1}).value();  // the rest goes on
      e.engine->settle(60s).value();
      const auto now = e.engine->health();
      BOOST_TEST(now.processes[0].held == 1u);
      BOOST_TEST(now.processes[0].under_way == 0u);
      BOOST_TEST(!now.well());
    }
    BOOST_TEST_REQUIRE(heard.all.size() == 1u);
    BOOST_TEST(heard.all[0].who == "process manager clerk");
    BOOST_TEST(heard.all[0].detail == why);
  }
  BOOST_TEST(store.log->records.size() == records + 2);
  memory_engine e{store, memory_engine::quiet(), host<clerk, paper>};
  e.engine->settle(60s).value();
  BOOST_TEST(records_of(store, "paper-p").size() == 1u);
  BOOST_TEST(e.engine->health().well());
  for (const auto& one : records_of(store, "clerk-c")) BOOST_TEST(one.type != detail::command_answered::about.name);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(held_commands)

BOOST_AUTO_TEST_CASE(case_77_start_refuses_a_process_manager_that_observes_what_nobody_hosts) {
  const temporary_directory place;
  auto rt = runtime::open(place / "store", memory_engine::quiet()).value();
  rt.host<counter>().value();
  rt.orchestrate<clerk>().value();
  const auto refused = rt.start();
  BOOST_TEST_REQUIRE(!refused.has_value());
  BOOST_TEST((refused.error().code == errc::not_hosted));
  BOOST_TEST(refused.error().detail == "clerk observes paper");
  rt.host<paper>().value();
  BOOST_TEST(rt.start().has_value());
}

BOOST_AUTO_TEST_CASE(case_77_a_command_to_what_is_not_hosted_is_held_and_no_rejection) {
  check_held(host<other_clerk>, "not_hosted: the aggregate is not hosted here (paper: jot)");
}

BOOST_AUTO_TEST_CASE(case_77_neither_is_one_that_the_aggregate_does_not_know) {
  check_held(host<other_clerk, plain_paper>, "not_hosted: the aggregate has no such command (paper: jot)");
}

BOOST_AUTO_TEST_SUITE_END()
