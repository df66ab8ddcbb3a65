// A target that throws has decided nothing: the instance is told, and so are people.
#include "support/relay.hpp"

#include <boost/test/unit_test.hpp>

#include <mutex>

using namespace annals;
using namespace world;

namespace {

/// Sends to "target", for each note, what makes decide throw; or, for "minus", what it rejects.
struct bully {
  static constexpr std::string_view category = "bully";
  using observes = types<counter>;
  using events = types<told>;
  struct state {};
  static std::optional<std::string> key(const noted&) { return "it"; }
  static steps<bully> on(const state&, const noted& e, const context&) {
    if (e.text == "minus") return annals::send<counter>("target", add{-1});
    return annals::send<counter>("target", throw_in_decide{});
  }
  static steps<bully> rejected(const state&, const throw_in_decide&, const rejection& why, const context&) { return told{why.code, {}, {}, {}}; }
  static steps<bully> rejected(const state&, const add&, const rejection& why, const context&) { return told{why.code, {}, {}, {}}; }
  static void evolve(state&, const told&) {}
};

struct heard_from_bully {
  std::string told;                // to the instance
  std::vector<std::string> lines;  // to people
};
heard_from_bully answer_to(std::string_view text) {
  memory_store store;
  std::mutex mutex;
  heard_from_bully heard;
  auto with = memory_engine::quiet();
  with.log_sink = [&](log_level level, std::string_view line) {
    const std::lock_guard lock{mutex};
    if (level >= log_level::warning) heard.lines.emplace_back(line);
  };
  memory_engine e{store, with, [](detail::engine& more) { more.add(detail::table_of_process<bully>()).value(); }};
  e.send("a", note{std::string{text}}).value();
  e.engine->settle(60s).value();
  for (const auto& one : records_of(store, "bully-it"))
    if (one.type == told::about.name) heard.told = decoded<told>(one.payload).value().what;
  e.engine->close();
  return heard;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(throwing_target)

BOOST_AUTO_TEST_CASE(case_77_a_target_that_throws_is_reported_and_the_instance_is_told) {
  const auto heard = answer_to("throw");
  BOOST_TEST(heard.told == "decide_failed");
  BOOST_TEST_REQUIRE(heard.lines.size() == 1u);
  for (const auto* text : {"process manager bully", "throw_in_decide to counter-target failed", "decide does not like this"})
    BOOST_TEST(heard.lines[0].find(text) != std::string::npos, heard.lines[0]);
}

BOOST_AUTO_TEST_CASE(a_rejection_is_an_answer_and_nobody_is_alarmed) {
  const auto heard = answer_to("minus");
  BOOST_TEST(heard.told == "below_zero");
  BOOST_TEST(heard.lines.empty());
}

BOOST_AUTO_TEST_SUITE_END()
