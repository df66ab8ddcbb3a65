// What is decided by humans and subscribers, on its way through the drainer to the log's control table.
#include "actors/upkeep/messages.hpp"
#include "support/memory_engine.hpp"
#include "support/printed.hpp"

#include <boost/test/unit_test.hpp>

#include <future>
#include <optional>

using namespace annals;
using namespace world;

namespace {

/// Somebody who decides, and waits.
struct decider {
  std::optional<caf::scoped_actor> made;
  caf::scoped_actor& self;
  memory_engine& e;
  explicit decider(memory_engine& of) : self(make(of)), e(of) {}
  caf::scoped_actor& make(memory_engine& of) {
    of.engine->at_home([&] { made.emplace(of.engine->system()); });
    return *made;
  }

  void decide(std::vector<store::control_entry> what, std::uint64_t tag = 1) {
    caf::anon_send(e.engine->write().drainer, actors::write_control{std::move(what), {self, nullptr}, tag});
  }
  actors::control_written hear() {
    actors::control_written heard;
    self->receive([&](const actors::control_written& k) { heard = k; });
    return heard;
  }
};

std::string value_of(const memory_store& store, const std::string& key) {
  const auto found = store.log->control.find(key);
  return found == store.log->control.end() ? "" : found->second;
}

memory_engine with_a_front(const memory_store& store) { return memory_engine{store, memory_engine::quiet(), {}, 1'000'000, true}; }

/// Keeps "1" at "a", and tells what became of it.
caf::behavior keeps_one(caf::event_based_actor* self, const caf::actor& drainer, std::promise<actors::control_written>* answer) {
  self->send(drainer, actors::write_control{{{"a", "1"}}, {self, nullptr}, 1});
  return {[self, answer](const actors::control_written& k) {
    answer->set_value(k);
    self->quit();
  }};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(control)

BOOST_AUTO_TEST_CASE(what_was_decided_is_answered_when_it_is_there) {
  for (const bool has_front : {false, true}) {
    memory_store store;
    memory_engine e{store, memory_engine::quiet(), {}, 1'000'000, has_front};
    decider who{e};
    e.send("a", add{1}).value();
    who.decide({{"a", "1"}, {"b", "1"}}, 7);
    const auto answer = who.hear();
    BOOST_TEST(answer.tag == 7u);
    BOOST_TEST(!answer.failed);
    BOOST_TEST(value_of(store, "a") == "1");
    who.decide({{"a", ""}}, 8);
    BOOST_TEST(who.hear().tag == 8u);
    BOOST_TEST(store.log->control.size() == 1u);
  }
}

BOOST_AUTO_TEST_CASE(case_11_what_was_decided_without_space_is_held_and_tried_again) {
  memory_store store;
  auto e = with_a_front(store);
  decider who{e};
  e.log->set_faults({.drain_no_space = 2});
  who.decide({{"a", "1"}});
  wait_until([&] { return e.engine->health().storage_full; });
  BOOST_TEST(!who.hear().failed);
  BOOST_TEST(value_of(store, "a") == "1");
  BOOST_TEST(!e.engine->health().storage_full);
  BOOST_TEST(e.send("a", add{1}).has_value());
}

BOOST_AUTO_TEST_CASE(case_11_closing_before_there_is_space_answers_not_written) {
  memory_store store;
  auto e = with_a_front(store);
  e.log->set_faults({.drain_no_space = 1'000'000});
  std::promise<actors::control_written> answer;
  e.engine->at_home([&] { e.engine->system().spawn(keeps_one, e.engine->write().drainer, &answer); });
  wait_until([&] { return e.engine->health().storage_full; });
  e.engine->close();
  const auto heard = answer.get_future().get();
  BOOST_TEST_REQUIRE(heard.failed);
  BOOST_TEST((heard.failed->code == errc::not_written));
  BOOST_TEST(value_of(store, "a") == "");
}

BOOST_AUTO_TEST_CASE(case_11_space_behind_the_front_is_none_in_it_and_closing_ends_all_the_same) {
  memory_store store;
  std::shared_ptr<detail::waiter> held;
  {
    auto e = with_a_front(store);
    decider who{e};
    e.log->set_faults({.no_space = 1'000'000, .drain_no_space = 1});
    held = e.start("a", add{1});
    wait_until([&] { return e.engine->health().storage_full; });
    who.decide({{"a", "1"}});
    BOOST_TEST(!who.hear().failed);
    BOOST_TEST(e.engine->health().storage_full);
    BOOST_TEST((e.send("b", add{1}).error().code == errc::storage_full));
  }
  BOOST_TEST((detail::await(*held).error().code == errc::not_written));
}

BOOST_AUTO_TEST_CASE(what_is_decided_while_closing_is_kept) {
  memory_store store;
  auto e = with_a_front(store);
  std::promise<actors::control_written> answer;
  e.engine->at_home([&] { e.engine->system().spawn(keeps_one, e.engine->write().drainer, &answer); });
  e.engine->close();
  BOOST_TEST(!answer.get_future().get().failed);
  BOOST_TEST(value_of(store, "a") == "1");
}

BOOST_AUTO_TEST_CASE(case_10_a_log_that_fails_answers_unknown_then_and_later) {
  memory_store store;
  auto e = with_a_front(store);
  decider who{e};
  e.log->set_faults({.drain_fails = true});
  for (std::uint64_t tag = 1; tag <= 3; ++tag) {
    who.decide({{"a", "1"}}, tag);
    const auto answer = who.hear();
    BOOST_TEST(answer.tag == tag);
    BOOST_TEST_REQUIRE(answer.failed);
    BOOST_TEST((answer.failed->code == errc::unknown));
  }
  BOOST_TEST(value_of(store, "a") == "");
  wait_until([&] { return e.engine->health().journal_stopped.has_value(); });
}

BOOST_AUTO_TEST_CASE(decisions_of_many_share_their_commits_and_none_is_lost) {
  memory_store store;
  auto e = with_a_front(store);
  decider who{e};
  for (std::uint64_t n = 0; n < 500; ++n) {
    who.decide({{"n/" + std::to_string(n), std::to_string(n)}}, n);
    if (n % 50 == 0) e.send("a", add{1}).value();
  }
  for (std::uint64_t n = 0; n < 500; ++n) BOOST_TEST(who.hear().tag == n);
  BOOST_TEST(store.log->control.size() == 500u);
}

BOOST_AUTO_TEST_SUITE_END()
