// Case 81: correlation, principal and causation go through process managers, their timers and the answers that they get.
#include "support/relay.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace world;

namespace {

const send_options by_ada{.correlation = "order 7", .principal = "Ada"};

std::string caused_by(position at) { return "@" + std::to_string(at); }

/// What the instance was told last.
told last_told(const memory_store& store) {
  told last;
  for (const auto& one : records_of(store, "relay-it"))
    if (one.type == told::about.name) last = decoded<told>(one.payload).value();
  return last;
}
position last_of(const memory_store& store, std::string_view type) {
  position at = 0;
  for (const auto& one : records_of(store))
    if (one.type == type) at = one.at;
  return at;
}
void check_target(const memory_store& store, std::string_view correlation, std::string_view principal, position cause) {
  const auto last = records_of(store, "counter-target").back();
  BOOST_TEST(last.correlation == correlation);
  BOOST_TEST(last.principal == principal);
  BOOST_TEST(last.causation == caused_by(cause));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(provenance)

BOOST_AUTO_TEST_CASE(case_81_what_is_observed_and_what_is_sent_keep_correlation_and_principal) {
  memory_store store;
  memory_engine e{store, memory_engine::quiet(), host_relay};
  const auto cause = e.send("a", note{"add 5"}, by_ada).value().at;
  e.engine->settle(60s).value();
  BOOST_TEST((last_told(store) == told{"add 5", "order 7", "Ada", caused_by(cause)}));
  check_target(store, "order 7", "Ada", cause);
  for (const auto& one : records_of(store, "relay-it")) BOOST_TEST(one.correlation == "order 7");
}

BOOST_AUTO_TEST_CASE(case_81_without_a_correlation_the_instance_gives_one) {
  memory_store store;
  memory_engine e{store, memory_engine::quiet(), host_relay};
  const auto cause = e.send("a", note{"add 5"}).value().at;
  e.engine->settle(60s).value();
  BOOST_TEST((last_told(store) == told{"add 5", "", "", caused_by(cause)}));
  check_target(store, "relay-it", "", cause);
}

BOOST_AUTO_TEST_CASE(case_81_a_timer_keeps_them_until_it_fires_in_another_life_too) {
  memory_store store;
  {
    memory_engine e{store, memory_engine::quiet(), host_relay};
    e.send("a", note{"wait"}, by_ada).value();
    e.engine->settle(60s).value();
  }
  memory_engine e{store, memory_engine::quiet(), host_relay, 1'000'000 + std::chrono::microseconds{2h}.count()};
  wait_until([&] { return e.sum("target", {}) == 7; });
  e.engine->settle(60s).value();
  const auto set = last_of(store, detail::timer_set::about.name);
  BOOST_TEST((last_told(store) == told{"timer", "order 7", "Ada", caused_by(set)}));
  check_target(store, "order 7", "Ada", set);
}

BOOST_AUTO_TEST_CASE(case_81_a_rejection_brings_them_back) {
  memory_store store;
  memory_engine e{store, memory_engine::quiet(), host_relay};
  e.send("a", note{"add -1"}, by_ada).value();
  e.engine->settle(60s).value();
  const auto all = records_of(store, "relay-it");
  const auto sent = std::find_if(all.begin(), all.end(), [](const auto& one) { return one.type == detail::command_sent::about.name; });
  BOOST_TEST_REQUIRE((sent != all.end()));
  const auto last = last_told(store);
  BOOST_TEST((last == told{last.what, "order 7", "Ada", caused_by(sent->at)}));
  check_target(store, "order 7", "Ada", sent->at);
}

BOOST_AUTO_TEST_SUITE_END()
