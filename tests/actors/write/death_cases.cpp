// Case 13: an actor of the runtime dies, and nobody waits for ever.
#include "support/memory_engine.hpp"
#include "support/printed.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace world;

BOOST_AUTO_TEST_SUITE(deaths)

BOOST_AUTO_TEST_CASE(case_13_the_journal_dies_and_every_waiter_gets_unknown) {
  memory_store store;
  memory_engine e{store};
  e.log->block();
  auto held = e.start("a", add{1});  // on its way to the disk
  wait_until([&] { return e.log->is_blocked(); });
  caf::anon_send_exit(e.engine->write().journal.reader, caf::exit_reason::kill);
  auto waiting = e.start("b", add{1});
  e.log->unblock();
  const auto answer = detail::await(*held);
  BOOST_TEST((answer.has_value() || answer.error().code == errc::unknown));
  BOOST_TEST((detail::await(*waiting).error().code == errc::unknown));
  BOOST_TEST((code_of(e.send("b", add{1})) == errc::store_failed));
}

BOOST_AUTO_TEST_CASE(case_13_any_other_without_whom_nobody_could_answer_dies_and_every_waiter_gets_unknown) {
  for (const bool shard : {true, false}) {
    memory_store store;
    memory_engine e{store};
    e.log->block();
    auto held = e.start("a", add{1});
    wait_until([&] { return e.log->is_blocked(); });
    const auto& ports = e.engine->write();
    caf::anon_send_exit(shard ? ports.shards.front().reader : ports.loader, caf::exit_reason::kill);
    const auto answer = detail::await(*held);  // although the journal is still at it
    BOOST_TEST((answer.error().code == errc::unknown));
    BOOST_TEST((code_of(e.send("b", add{1})) == errc::store_failed));
    BOOST_TEST(!e.engine->health().well());
    e.log->unblock();
  }
}

BOOST_AUTO_TEST_SUITE_END()
