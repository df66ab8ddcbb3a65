// Case 65: the log fails, or an actor dies, and nobody waits for what can no longer come.
#include "actors/upkeep/messages.hpp"
#include "support/picky.hpp"
#include "support/printed.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>

using namespace annals;
using namespace world;
using namespace std::chrono_literals;

namespace {

constexpr auto for_ever = std::chrono::milliseconds::max();

/// Whatever waits, once the runtime has stopped.
void check_that_nobody_waits(memory_engine& e) {
  const auto caught_up = e.engine->wait_until_caught_up();  // it may have been there before
  BOOST_TEST((caught_up.has_value() || caught_up.error().code == errc::store_failed));
  BOOST_TEST((code_of(e.send("b", add{1})) == errc::store_failed));
  const auto ask = e.engine->ask("sums", "sum_of", encoded(sum_of{"a"}), at_least{{0, 1'000}, for_ever});
  BOOST_TEST((detail::await(*ask).error().code == errc::store_failed));
  BOOST_TEST((detail::await(*e.engine->order("sums", actors::rebuild_model{})).error().code == errc::store_failed));
  BOOST_TEST((detail::await(*e.engine->order("sums", actors::retry_parked{1, {}})).error().code == errc::store_failed));
  BOOST_TEST((detail::await(*e.engine->skip_parked("sums", 1)).error().code == errc::store_failed));
  BOOST_TEST((code_of(e.engine->subscribe("late", {})) == errc::store_failed));
  BOOST_TEST((e.engine->health().journal_stopped->code == errc::store_failed));
  BOOST_TEST(!e.engine->health().well());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(stopped)

BOOST_AUTO_TEST_CASE(case_65_everything_that_waits_ends_with_store_failed_when_the_journal_stops) {
  memory_store store;
  memory_engine e{store};
  e.send("a", add{1}).value();
  const auto member = e.engine->subscribe("mail", {}).value();
  BOOST_TEST(detail::await(*member.joined).has_value());
  BOOST_TEST(detail::await(*member.member->next(1, for_ever).answered).has_value());
  const auto events = member.member->next(1, for_ever);
  const auto token = e.engine->ask("sums", "sum_of", encoded(sum_of{"a"}), at_least{{0, 1'000}, for_ever});
  std::thread settles{[&] { BOOST_TEST((code_of(e.engine->settle(for_ever)) == errc::store_failed)); }};
  e.log->set_faults({.fail = true});
  BOOST_TEST((code_of(e.send("a", add{1})) == errc::unknown));
  settles.join();
  BOOST_TEST((detail::await(*token).error().code == errc::store_failed));
  BOOST_TEST((detail::await(*events.answered).error().code == errc::store_failed));
  BOOST_TEST((detail::await(*member.member->next(1, for_ever).answered).error().code == errc::store_failed));
  BOOST_TEST((detail::await(*member.member->ack({1})).error().code == errc::store_failed));
  BOOST_TEST((detail::await(*member.member->resolve(1, true)).error().code == errc::store_failed));
  check_that_nobody_waits(e);
}

BOOST_AUTO_TEST_CASE(case_65_so_it_is_when_what_is_durable_cannot_become_readable) {
  memory_store store;
  memory_engine e{store, memory_engine::quiet(), {}, 1'000'000, true};
  const auto member = e.engine->subscribe("mail", {}).value();
  BOOST_TEST(detail::await(*member.joined).has_value());
  e.log->set_faults({.drain_fails = true});
  e.send("a", add{1}).value();  // durable, and no reader will see it
  BOOST_TEST((code_of(e.engine->settle(for_ever)) == errc::store_failed));
  BOOST_TEST((detail::await(*member.member->next(1, for_ever).answered).error().code == errc::store_failed));
  BOOST_TEST(e.engine->state_of("counter", "a", {}).has_value());  // out of memory: it is durable
  BOOST_TEST((code_of(e.engine->let_readers_catch_up()) == errc::store_failed));
  check_that_nobody_waits(e);
}

BOOST_AUTO_TEST_CASE(case_65_so_it_is_whichever_actor_dies) {
  using of = const detail::engine&;
  const std::vector<std::function<caf::actor(of)>> actors{
      [](of one) { return one.write().journal.reader; }, [](of one) { return one.write().drainer; },
      [](of one) { return one.write().loader; },         [](of one) { return one.write().index_writer; },
      [](of one) { return one.follow().image_maker; },   [](of one) { return one.write().event_bus; },
      [](of one) { return one.write().gateway; },        [](of one) { return one.write().shards.front().reader; }};
  for (const auto& dies : actors) {
    memory_store store;
    memory_engine e{store};
    e.send("a", add{1}).value();
    const auto token = e.engine->ask("sums", "sum_of", encoded(sum_of{"a"}), at_least{{0, 1'000}, for_ever});
    caf::anon_send_exit(dies(*e.engine), caf::exit_reason::kill);
    BOOST_TEST((detail::await(*token).error().code == errc::store_failed));
    wait_until([&] { return e.engine->health().journal_stopped.has_value(); });
    check_that_nobody_waits(e);
  }
}

BOOST_AUTO_TEST_CASE(case_65_a_broken_invariant_stops_the_runtime_with_its_text_and_not_the_host) {
  memory_store store;
  std::vector<std::string> failures;
  auto with = memory_engine::quiet();
  std::mutex mutex;
  with.on_failure = [&](const failure& f) {
    const std::lock_guard lock{mutex};
    failures.push_back(f.detail);
  };
  memory_engine e{store, with};
  // No key of the control table has no bytes.
  caf::anon_send(e.engine->write().drainer, actors::write_control{{{"", "x"}}, {}, 0});
  wait_until([&] { return e.engine->health().journal_stopped.has_value(); });
  const auto why = e.engine->health().journal_stopped->message();
  BOOST_TEST(why.find("1 to 511 bytes") != std::string::npos, why);
  check_that_nobody_waits(e);
  const std::lock_guard lock{mutex};
  BOOST_TEST(failures.size() == 1u);
}

BOOST_AUTO_TEST_CASE(case_65_a_close_ends_who_waits_for_the_runtime_to_settle) {
  memory_store store;
  auto with = memory_engine::quiet();
  with.close_deadline = 1ms;
  memory_engine e{store, with};
  e.log->block();
  const auto held = e.start("a", add{1});
  wait_until([&] { return e.log->is_blocked(); });
  std::thread settles{[&] { BOOST_TEST((code_of(e.engine->settle(for_ever)) != errc::timed_out)); }};
  std::thread closes{[&] { e.engine->close(); }};
  settles.join();
  e.log->unblock();
  closes.join();
}

BOOST_AUTO_TEST_SUITE_END()
