// Case 89: the ids of what process managers send. Hosts cannot use them, and steps are closed by what the runtime has written.
#include "support/printed.hpp"
#include "support/relay.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace world;

namespace {

/// An aggregate of a host that would be an instance of a process manager.
struct forged {
  static constexpr std::string_view category = "relay";
  using commands = types<detail::observe>;
};

constexpr std::string_view guessed = "relay-it#2";  // the first event is what it was told, the second what it sends

/// The log up to the send of one command, as an earlier build would have written it.
memory_store with_old_send() {
  memory_store whole;
  {
    memory_engine e{whole, memory_engine::quiet(), host_relay};
    e.send("a", note{"add 5"}).value();
    e.engine->settle(60s).value();
  }
  const auto all = records_of(whole);
  const auto sent = std::find_if(all.begin(), all.end(), [](const auto& one) { return one.type == detail::command_sent::about.name; });
  BOOST_TEST_REQUIRE((sent != all.end()));
  auto left = cut_after(whole, sent->at);
  auto& bytes = left.log->records.back();
  auto record = store::read_record(sent->at, bytes).value();
  record.schema = 1;
  std::string old;
  store::append_record(old, record);
  store::seal_record(old.data(), old.size(), sent->at, record.time);
  bytes = old;
  return left;
}

std::int64_t sum_of_target(memory_engine& e) {
  e.engine->settle(60s).value();
  return e.sum("target", {0, e.log->durable()});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(command_ids)

BOOST_AUTO_TEST_CASE(case_89_what_only_the_runtime_may_send_is_refused_from_hosts) {
  memory_store store;
  memory_engine e{store, memory_engine::quiet(), host_relay};
  const auto reserved = e.send("x", add{1},
                               {.id = "\x01"
                                      "relay-it#1"});
  BOOST_TEST((reserved.error().code == errc::invalid_command));
  BOOST_TEST(reserved.error().detail == "\\x01relay-it#1");
  const auto to_instance = e.send_to<forged>("it", detail::observe{1'000'000, "counter-a", "noted", 1, {}});
  BOOST_TEST((to_instance.error().code == errc::invalid_command));
  BOOST_TEST(to_instance.error().detail == "relay");
  const auto ours = e.send("x", detail::observe{1, "counter-a", "noted", 1, {}});
  BOOST_TEST((ours.error().code == errc::invalid_command));
  BOOST_TEST(ours.error().detail == "annals.observe");
  BOOST_TEST(store.log->records.empty());
}

BOOST_AUTO_TEST_CASE(case_89_a_host_that_guesses_an_id_neither_blocks_a_step_nor_closes_it) {
  memory_store store;
  memory_engine e{store, memory_engine::quiet(), host_relay};
  e.send("target", add{100}, {.id = std::string{guessed}}).value();
  e.send("a", note{"add 5"}).value();
  BOOST_TEST(sum_of_target(e) == 105);
  for (const auto& one : records_of(store, "relay-it")) BOOST_TEST(one.type != detail::command_answered::about.name);
  const auto by_it = records_of(store, "counter-target").back();
  BOOST_TEST(by_it.id.starts_with("\x01relay-it#2#"));
  BOOST_TEST(by_it.id.size() == guessed.size() + 1 + 1 + 16);
}

BOOST_AUTO_TEST_CASE(case_89_what_an_older_store_has_open_keeps_its_id_and_has_one_effect) {
  const auto store = with_old_send();
  {
    memory_engine e{store, memory_engine::quiet(), host_relay};
    BOOST_TEST(sum_of_target(e) == 5);
  }
  BOOST_TEST(records_of(store, "counter-target").back().id == guessed);
  const auto records = store.log->records.size();
  *store.index = {};
  memory_engine again{store, memory_engine::quiet(), host_relay};
  BOOST_TEST(sum_of_target(again) == 5);
  BOOST_TEST(store.log->records.size() == records);
}

/// Before the upgrade, or behind it; with another body, or with the very command.
BOOST_AUTO_TEST_CASE(case_89_an_open_send_whose_old_id_a_host_has_used_has_its_effect_all_the_same) {
  for (const std::int64_t by_host : {100, 5}) {
    const auto store = with_old_send();
    {
      memory_engine without{store};
      without.send("target", add{by_host}, {.id = std::string{guessed}}).value();
    }
    for (int life = 0; life < 3; ++life) {
      *store.index = {};
      memory_engine e{store, memory_engine::quiet(), host_relay};
      BOOST_TEST(sum_of_target(e) == (by_host == 100 ? 105 : 5));
    }
    for (const auto& one : records_of(store, "relay-it")) BOOST_TEST(one.type != detail::command_answered::about.name);
  }
}

BOOST_AUTO_TEST_SUITE_END()
