// Cases 1 to 17 of writing: what can go wrong with a command, and what must happen.
#include "store/inspect/verify.hpp"
#include "support/memory_engine.hpp"
#include "support/printed.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace world;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(writing)

BOOST_AUTO_TEST_CASE(case_01_a_wrong_expected_version_is_a_conflict_with_the_actual_one) {
  memory_store store;
  memory_engine e{store};
  e.send("a", add{1, 3}).value();
  const auto answer = e.send("a", add{1}, {.expect = 2});
  BOOST_TEST((code_of(answer) == errc::conflict));
  BOOST_TEST(answer.error().actual_version == 3u);
  BOOST_TEST(e.send("a", add{1}, {.expect = 3}).value().version == 4u);
  BOOST_TEST((code_of(e.send("a", add{1}, {.expect = expectation::none()})) == errc::conflict));
  BOOST_TEST(e.send("b", add{1}, {.expect = expectation::none()}).value().version == 1u);
}

BOOST_AUTO_TEST_CASE(case_02_the_same_id_and_body_get_the_first_answer_again) {
  memory_store store;
  memory_engine e{store};
  const auto first = e.send("a", add{5, 2}, {.id = "one"}).value();
  e.send("a", add{1}).value();
  const auto again = e.send("a", add{5, 2}, {.id = "one"}).value();
  BOOST_TEST((again == first));
  BOOST_TEST(store.log->records.size() == 3u);
  BOOST_TEST(e.sum("a", e.engine->head()) == 11);
}

BOOST_AUTO_TEST_CASE(case_02_a_repeat_while_the_first_is_in_flight_waits_for_its_receipt) {
  memory_store store;
  memory_engine e{store};
  e.log->block();
  auto first = e.start("a", add{5}, {.id = "one"});
  wait_until([&] { return e.log->is_blocked(); });
  auto again = e.start("a", add{5}, {.id = "one"});
  e.log->unblock();
  const auto one = detail::await(*first).value().accepted;
  BOOST_TEST((detail::await(*again).value().accepted == one));
  BOOST_TEST(store.log->records.size() == 1u);
}

BOOST_AUTO_TEST_CASE(case_03_the_same_id_with_another_body_is_refused) {
  memory_store store;
  memory_engine e{store};
  e.send("a", add{5}, {.id = "one"}).value();
  BOOST_TEST((code_of(e.send("a", add{6}, {.id = "one"})) == errc::id_reused));
  BOOST_TEST((code_of(e.send("a", note{"5"}, {.id = "one"})) == errc::id_reused));
  BOOST_TEST(e.send("b", add{6}, {.id = "one"}).has_value());  // ids are scoped to their stream
}

BOOST_AUTO_TEST_CASE(case_04_a_rejected_or_invalid_command_leaves_no_event) {
  memory_store store;
  memory_engine e{store};
  const auto no = e.send("a", add{-1});
  BOOST_TEST((code_of(no) == errc::rejected));
  BOOST_TEST(no.error().reason == "below_zero");
  const auto odd = detail::await(*e.engine->send("counter", "a", "add", "not msgpack", {}));
  BOOST_TEST((odd.error().code == errc::invalid_command));
  const auto unknown = detail::await(*e.engine->send("counter", "a", "no_such", encoded(check{}), {}));
  BOOST_TEST((unknown.error().code == errc::invalid_command));
  BOOST_TEST(store.log->records.empty());
  BOOST_TEST(e.send("a", check{}).value().events == 0u);
}

BOOST_AUTO_TEST_CASE(case_05_decide_throws_and_only_that_command_fails) {
  memory_store store;
  memory_engine e{store};
  e.send("a", add{5}).value();
  const auto failed = e.send("a", throw_in_decide{});
  BOOST_TEST((code_of(failed) == errc::decide_failed));
  BOOST_TEST(failed.error().detail.find("decide does not like this") != std::string::npos);
  BOOST_TEST(e.send("a", add{-5}).value().version == 2u);
}

BOOST_AUTO_TEST_CASE(case_05_evolve_throws_and_the_aggregate_loads_again_behind_a_fence) {
  memory_store store;
  memory_engine e{store};
  std::vector<std::shared_ptr<detail::waiter>> waiting;
  for (int i = 0; i < 100; ++i) waiting.push_back(e.start("a", add{1}));
  auto broken = e.start("a", throw_in_evolve{});
  for (int i = 0; i < 100; ++i) waiting.push_back(e.start("a", add{1}));
  for (auto& w : waiting) BOOST_TEST(detail::await(*w).has_value());
  BOOST_TEST((detail::await(*broken).error().code == errc::evolve_failed));
  BOOST_TEST(e.send("a", add{-200}).value().version == 201u);
  BOOST_TEST((code_of(e.send("a", add{-1})) == errc::rejected));
}

BOOST_AUTO_TEST_CASE(case_06_an_event_over_the_limit_is_refused_before_the_log) {
  memory_store store;
  auto with = memory_engine::quiet();
  with.event_bytes_max = 100;
  memory_engine e{store, with};
  const auto refused = e.send("a", note{std::string(200, 'x')});
  BOOST_TEST((code_of(refused) == errc::too_large));
  BOOST_TEST(refused.error().detail.find("noted") != std::string::npos);
  BOOST_TEST(store.log->records.empty());
  BOOST_TEST(e.send("a", note{"short"}).value().version == 1u);
}

BOOST_AUTO_TEST_CASE(case_07_keys_that_cannot_name_a_stream_are_refused) {
  memory_store store;
  memory_engine e{store};
  BOOST_TEST((code_of(e.send("", add{1})) == errc::invalid_stream));
  BOOST_TEST((code_of(e.send(std::string(248, 'x'), add{1})) == errc::invalid_stream));
  BOOST_TEST((code_of(e.send("a\nb", add{1})) == errc::invalid_stream));
  BOOST_TEST((code_of(e.send(std::string_view{"a\0b", 3}, add{1})) == errc::invalid_stream));
  BOOST_TEST(e.send(std::string(247, 'x'), add{1}).has_value());
  BOOST_TEST(e.send("ключ-with-dashes", add{1}).has_value());
}

BOOST_AUTO_TEST_CASE(case_08_a_batch_over_its_cap_is_split_between_commands_never_inside_one) {
  memory_store store;
  auto with = memory_engine::quiet();
  with.batch_records_max = 4;
  memory_engine e{store, with};
  e.log->block();
  std::vector<std::shared_ptr<detail::waiter>> waiting{e.start("first", add{1})};
  wait_until([&] { return e.log->is_blocked(); });
  for (int i = 0; i < 20; ++i) waiting.push_back(e.start(std::to_string(i), add{1, i == 7 ? 9u : 3u}));
  e.log->unblock();
  for (auto& w : waiting) BOOST_TEST(detail::await(*w).has_value());
  BOOST_TEST(store.log->records.size() == 1 + 19 * 3 + 9u);
  BOOST_TEST(store::verify(*e.log).has_value());
  BOOST_TEST(e.engine->health().commits > 10u);
}

BOOST_AUTO_TEST_CASE(case_09_a_command_over_a_limit_is_refused_by_the_aggregate_so_no_batch_has_a_bad_member) {
  memory_store store;
  auto with = memory_engine::quiet();
  with.command_events_max = 10;
  memory_engine e{store, with};
  auto good = e.start("a", add{1});
  auto bad = e.start("a", add{1, 11});
  auto after = e.start("a", add{1});
  BOOST_TEST(detail::await(*good).has_value());
  BOOST_TEST((detail::await(*bad).error().code == errc::too_large));
  BOOST_TEST(detail::await(*after).value().accepted.version == 2u);
}

BOOST_AUTO_TEST_CASE(case_10_a_failed_commit_stops_the_runtime_and_callers_get_unknown) {
  for (const bool durable : {false, true}) {
    memory_store store;
    {
      memory_engine e{store};
      e.send("a", add{1}).value();
      e.log->set_faults({.fail = true, .failed_is_durable = durable});
      BOOST_TEST((code_of(e.send("a", add{10}, {.id = "x"})) == errc::unknown));
      BOOST_TEST((code_of(e.send("a", add{100})) == errc::store_failed));
      BOOST_TEST(!e.engine->health().well());
    }
    // The next open knows what became durable, and the retry by id has one effect.
    memory_engine e{store};
    const auto retried = e.send("a", add{10}, {.id = "x"}).value();
    BOOST_TEST(retried.version == 2u);
    BOOST_TEST(e.sum("a", retried.token) == 11);
  }
}

BOOST_AUTO_TEST_CASE(case_11_no_space_is_held_new_commands_are_refused_and_it_goes_on_by_itself) {
  memory_store store;
  memory_engine e{store};
  e.log->set_faults({.no_space = 3});
  auto held = e.start("a", add{1});
  wait_until([&] { return e.engine->health().storage_full; });
  BOOST_TEST((code_of(e.send("b", add{1})) == errc::storage_full));
  BOOST_TEST(detail::await(*held).value().accepted.version == 1u);
  wait_until([&] { return !e.engine->health().storage_full; });
  BOOST_TEST(e.send("b", add{1}).has_value());
}

BOOST_AUTO_TEST_CASE(case_11_closing_while_there_is_no_space_answers_not_written) {
  memory_store store;
  std::shared_ptr<detail::waiter> held;
  {
    memory_engine e{store};
    e.log->set_faults({.no_space = 1'000'000});
    held = e.start("a", add{1});
    wait_until([&] { return e.engine->health().storage_full; });
  }
  BOOST_TEST((detail::await(*held).error().code == errc::not_written));
  BOOST_TEST(store.log->records.empty());
}

BOOST_AUTO_TEST_CASE(case_12_a_full_map_holds_intake_and_grows_at_the_next_open) {
  temporary_directory place;
  options with = memory_engine::quiet();
  with.log_map_bytes = 4 << 20;
  with.derived_map_bytes = 16 << 20;
  std::int64_t accepted = 0;
  {
    auto rt = runtime::open(place / "store", with);
    rt->host<counter>().value();
    rt->start().value();
    std::vector<pending<receipt>> sent;
    while (!rt->health().storage_full) {
      sent.push_back(rt->send<counter>("a", note{std::string(50'000, 'x')}));
      if (sent.size() > 10) {
        wait_until([&] { return sent.front().ready() || rt->health().storage_full; });
        if (!sent.front().ready()) break;
        if (sent.front().get()) ++accepted;
        sent.erase(sent.begin());
        if (accepted > 1000) BOOST_FAIL("the map never filled");
      }
    }
    BOOST_TEST((code_of(rt->send<counter>("b", add{1}).get()) == errc::storage_full));
    rt->close();
    for (auto& s : sent) {
      const auto answer = s.get();
      if (answer)
        ++accepted;
      else
        BOOST_TEST((answer.error().code == errc::not_written || answer.error().code == errc::storage_full));
    }
  }
  with.log_map_bytes = 64 << 20;
  auto rt = runtime::open(place / "store", with);
  rt->host<counter>().value();
  rt->start().value();
  BOOST_TEST(rt->head().at == static_cast<position>(accepted));
  BOOST_TEST(rt->send<counter>("b", add{1}).get().has_value());
}

BOOST_AUTO_TEST_CASE(case_14_a_caller_that_stops_waiting_may_retry_by_id) {
  memory_store store;
  memory_engine e{store};
  e.log->block();
  auto first = e.start("a", add{1}, {.id = "x"});
  pending<receipt> handle{first, [](detail::outcome o) -> result<receipt> {
                            if (!o) return std::move(o).error();
                            return o->accepted;
                          }};
  const auto early = handle.wait_for(1ns);
  BOOST_TEST((early.error().code == errc::unknown));
  e.log->unblock();
  const auto answer = handle.get().value();
  BOOST_TEST((e.send("a", add{1}, {.id = "x"}).value() == answer));
  BOOST_TEST(store.log->records.size() == 1u);
}

BOOST_AUTO_TEST_CASE(case_15_too_many_in_flight_are_answered_overloaded_at_once) {
  memory_store store;
  auto with = memory_engine::quiet();
  with.commands_in_flight_max = 2;
  memory_engine e{store, with};
  e.log->block();
  auto one = e.start("a", add{1});
  auto two = e.start("a", add{1});
  auto three = e.start("a", add{1});
  BOOST_TEST((detail::await(*three).error().code == errc::overloaded));  // at once: the others still wait
  BOOST_TEST(!detail::is_answered(*one));
  e.log->unblock();
  BOOST_TEST(detail::await(*one).has_value());
  BOOST_TEST(detail::await(*two).has_value());
  BOOST_TEST(e.send("a", add{1}).has_value());
}

BOOST_AUTO_TEST_CASE(case_16_after_a_crash_between_commit_and_answer_the_retry_gets_the_committed_receipt) {
  memory_store store;
  {
    memory_engine e{store};
    e.log->set_faults({.fail = true, .failed_is_durable = true});  // on disk, and nobody was told
    BOOST_TEST((code_of(e.send("a", add{5, 2}, {.id = "x"})) == errc::unknown));
  }
  memory_engine e{store};
  const auto retried = e.send("a", add{5, 2}, {.id = "x"}).value();
  BOOST_TEST(retried.version == 2u);
  BOOST_TEST(retried.at == 2u);
  BOOST_TEST(retried.events == 2u);
  BOOST_TEST(store.log->records.size() == 2u);
}

BOOST_AUTO_TEST_CASE(case_17_time_in_the_log_never_decreases_when_the_clock_goes_backward) {
  memory_store store;
  memory_engine e{store};
  for (const timestamp now : {5'000'000, 3'000'000, 4'000'000, 6'000'000}) {
    e.now = now;
    e.send("a", add{1}).value();
  }
  std::vector<timestamp> times;
  e.log
      ->read(1, {},
             [&](const record_view& r) {
               times.push_back(r.time);
               return true;
             })
      .value();
  BOOST_TEST((times == std::vector<timestamp>{5'000'000, 5'000'000, 5'000'000, 6'000'000}));
}

BOOST_AUTO_TEST_SUITE_END()
