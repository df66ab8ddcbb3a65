// One test or more for each of the rules that keep the promises.
#include "store/inspect/verify.hpp"
#include "support/memory_engine.hpp"
#include "support/printed.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <future>

using namespace annals;
using namespace world;

namespace {
/// Does not like the third note.
struct fragile {
  static constexpr std::string_view name = "fragile";
  static constexpr failure_policy on_failure{1, std::chrono::milliseconds{1}, annals::on_failure::stop};
  using follows = types<counter>;
  using queries = types<sum_of>;
  struct model {
    int seen = 0;
  };
  static void apply(model& m, const noted&, const record_view&) {
    if (++m.seen == 3) throw std::runtime_error("the third is too much");
  }
  static std::int64_t answer(const model& m, const sum_of&) { return m.seen; }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(rules)

BOOST_AUTO_TEST_CASE(rule_1_every_writable_open_raises_the_generation_before_anything_is_answered) {
  memory_store store;
  {
    memory_engine e{store};
  }
  const auto before = store.log->identity.generation;
  memory_engine e{store};
  BOOST_TEST(store.log->identity.generation == before + 1);
}

BOOST_AUTO_TEST_CASE(rule_1_what_is_held_keeps_its_place_and_its_order) {
  memory_store store;
  memory_engine e{store};
  e.log->block();
  std::vector<std::shared_ptr<detail::waiter>> waiting;
  for (int i = 0; i < 50; ++i) waiting.push_back(e.start("a", note{std::to_string(i)}));
  e.log->set_faults({.no_space = 2});
  e.log->unblock();
  for (std::size_t i = 0; i < waiting.size(); ++i) BOOST_TEST(detail::await(*waiting[i]).value().accepted.version == i + 1);
  BOOST_TEST(store::verify(*e.log).has_value());
}

BOOST_AUTO_TEST_CASE(rule_2_aggregates_come_and_go_and_no_command_is_lost) {
  memory_store store;
  auto with = memory_engine::quiet();
  with.aggregates_resident_max = 8;
  with.shards = 2;
  memory_engine e{store, with};
  constexpr int streams = 64, rounds = 60;
  std::vector<std::shared_ptr<detail::waiter>> waiting;
  for (int r = 0; r < rounds; ++r)
    for (int s = 0; s < streams; ++s) waiting.push_back(e.start(std::to_string(s), add{1}));
  for (auto& w : waiting) BOOST_TEST(detail::await(*w).has_value());
  for (int s = 0; s < streams; ++s) {
    BOOST_TEST((code_of(e.send(std::to_string(s), add{-rounds - 1})) == errc::rejected));
    BOOST_TEST(e.send(std::to_string(s), check{}).value().version == static_cast<version>(rounds));
  }
  wait_until([&] { return e.engine->health().aggregates_resident <= 8 + 2; });
  BOOST_TEST(store::verify(*e.log).value().records == static_cast<std::uint64_t>(streams * rounds));
}

BOOST_AUTO_TEST_CASE(rule_2_a_fence_waits_for_the_readable_head_not_for_the_durable_one) {
  memory_store store;
  auto with = memory_engine::quiet();
  with.aggregates_resident_max = 1;
  with.shards = 1;
  memory_engine e{store, with};
  e.log->set_faults({.readable_lags = true});
  e.send("a", add{5}).value();  // durable, not readable
  e.send("b", add{1}).value();  // pushes a out, which waits for its fence
  BOOST_TEST(e.engine->health().readable == 0u);
  e.log->release();
  e.log->set_faults({});
  for (int i = 0; i < 20; ++i) {
    BOOST_TEST(e.send("a", add{1}).value().version == static_cast<version>(i + 2));
    BOOST_TEST(e.send("b", add{1}).value().version == static_cast<version>(i + 2));
  }
}

BOOST_AUTO_TEST_CASE(rule_1_a_commit_that_found_no_room_is_tried_again_also_when_nothing_is_left_to_drain) {
  memory_store store;
  memory_engine e{store, memory_engine::quiet(), {}, 1'000'000, true};
  store::memory_faults faults;
  faults.busy = 3;
  e.log->set_faults(faults);
  BOOST_TEST(e.send("a", add{1}).value().version == 1u);
  BOOST_TEST(e.send("a", add{1}).value().version == 2u);
}

BOOST_AUTO_TEST_CASE(rule_2_what_is_durable_becomes_readable_however_often_readers_hurry) {
  memory_store store;
  memory_engine e{store, memory_engine::quiet(), {}, 1'000'000, true};
  for (int n = 1; n <= 300; ++n) {
    const auto receipt = e.send("a", add{1}).value();
    if (n % 3 == 0) BOOST_TEST_REQUIRE(e.sum("a", receipt.token) == n);  // makes the drainer hurry
  }
  wait_until([&] { return e.log->readable() == e.log->durable(); });  // nobody asks
}

BOOST_AUTO_TEST_CASE(rule_9_a_callback_may_send_and_so_may_the_next_one) {
  memory_store store;
  memory_engine e{store};
  constexpr int links = 2'000;
  std::promise<annals::version> end;
  std::function<void(int)> send = [&](int left) {
    e.start("a", add{1})->on_answer([&, left](const detail::outcome& o) {
      if (left > 1) return send(left - 1);
      end.set_value(o.value().accepted.version);
    });
  };
  send(links);
  BOOST_TEST(end.get_future().get() == static_cast<annals::version>(links));
}

BOOST_AUTO_TEST_CASE(rule_3_an_id_that_was_forgotten_is_found_in_the_stream) {
  memory_store store;
  memory_engine e{store};
  const auto first = e.send("a", note{"once"}, {.id = "old"}).value();
  std::vector<std::shared_ptr<detail::waiter>> waiting;
  for (int i = 0; i < 500; ++i) waiting.push_back(e.start("a", add{1, 1'000}, {.id = std::to_string(i)}));
  for (auto& w : waiting) BOOST_TEST(detail::await(*w).has_value());
  BOOST_TEST((e.send("a", note{"once"}, {.id = "old"}).value() == first));
  BOOST_TEST((code_of(e.send("a", note{"twice"}, {.id = "old"})) == errc::id_reused));
  BOOST_TEST(e.send("a", note{"more"}, {.id = "new"}).value().version == 500'002u);
}

BOOST_AUTO_TEST_CASE(rule_3_a_handle_keeps_the_since_of_its_first_use) {
  memory_store store;
  memory_engine e{store};
  e.send("b", add{1, 1'000}).value();
  const auto first = e.start("a", note{"once"}, {.id = "x"});
  const auto answer = detail::await(*first).value().accepted;
  BOOST_TEST((first->since == token{e.log->identity().history, 1'000}));
  for (int i = 0; i < 500; ++i) e.send("a", add{1, 1'000}, {.id = std::to_string(i)}).value();
  BOOST_TEST((e.send("a", note{"once"}, {.id = "x", .since = first->since}).value() == answer));
}

BOOST_AUTO_TEST_CASE(rule_3_the_last_hundred_ids_are_known_after_a_restart) {
  memory_store store;
  std::vector<receipt> receipts;
  {
    memory_engine e{store};
    for (int i = 0; i < 100; ++i) receipts.push_back(e.send("a", add{1}, {.id = std::to_string(i)}).value());
  }
  memory_engine e{store};
  for (int i = 0; i < 100; ++i) BOOST_TEST((e.send("a", add{1}, {.id = std::to_string(i)}).value() == receipts[i]));
  BOOST_TEST(store.log->records.size() == 100u);
}

BOOST_AUTO_TEST_CASE(rule_3_commands_that_wrote_nothing_are_decided_anew) {
  memory_store store;
  memory_engine e{store};
  BOOST_TEST((code_of(e.send("a", add{-1}, {.id = "x"})) == errc::rejected));
  e.send("a", add{5}).value();
  BOOST_TEST(e.send("a", add{-1}, {.id = "x"}).value().version == 2u);
}

BOOST_AUTO_TEST_CASE(rule_7_tokens_of_a_former_history_are_good_up_to_the_fork) {
  memory_store store;
  const auto history = store.log->identity.history;
  {
    memory_engine e{store};
    for (int i = 0; i < 5; ++i) e.send("a", add{1}).value();
  }
  store.log->identity.former.push_back({history, 3});
  store.log->identity.history = history + 2;
  memory_engine e{store};
  const auto ask = [&](token t) {
    return code_of(detail::await(*e.engine->ask("sums", "sum_of", encoded(sum_of{"a"}), at_least{t, std::chrono::seconds{60}})));
  };
  BOOST_TEST((ask({history, 3}) == errc{0}));
  BOOST_TEST((ask({history, 4}) == errc::history_differs));
  BOOST_TEST((ask({history + 2, 5}) == errc{0}));
  BOOST_TEST((ask({history + 4, 1}) == errc::history_differs));
}

BOOST_AUTO_TEST_CASE(rule_9_sends_of_one_thread_to_one_aggregate_keep_their_order) {
  memory_store store;
  memory_engine e{store};
  std::vector<std::shared_ptr<detail::waiter>> waiting;
  for (int i = 0; i < 5'000; ++i) waiting.push_back(e.start("a", note{std::to_string(i)}));
  for (std::size_t i = 0; i < waiting.size(); ++i) BOOST_TEST(detail::await(*waiting[i]).value().accepted.version == i + 1);
}

BOOST_AUTO_TEST_CASE(case_70_waiting_where_it_would_deadlock_is_misuse_and_may_be_done_elsewhere) {
  detail::waiter asked;
  {
    const detail::no_waiting inside_a_callback;
    BOOST_TEST((asked.await().error().code == errc::misuse));
    BOOST_TEST((asked.await_for(std::chrono::nanoseconds::max())->error().code == errc::misuse));
  }
  asked.complete(detail::answered{});
  BOOST_TEST(asked.await().has_value());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(reading)

BOOST_AUTO_TEST_CASE(a_projection_that_throws_stops_and_its_queries_say_where) {
  temporary_directory place;
  auto with = memory_engine::quiet();
  std::atomic<int> failures{0};
  with.on_failure = [&](const failure&) { ++failures; };
  auto rt = runtime::open(place / "store", with);
  rt->host<counter>().value();
  rt->project<fragile>().value();
  rt->start().value();
  token last;
  for (int i = 0; i < 5; ++i) last = rt->send<counter>("a", note{"x"}).get()->token;
  const auto answer = rt->ask<fragile>(sum_of{}, at_least{last, std::chrono::seconds{60}}).get();
  BOOST_TEST((answer.error().code == errc::projection_failed));
  BOOST_TEST(answer.error().place == 3u);
  BOOST_TEST(answer.error().message().find("the third is too much") != std::string::npos);
  BOOST_TEST(!rt->health().well());
  BOOST_TEST(failures == 1);
  BOOST_TEST(rt->send<counter>("a", note{"x"}).get().has_value());  // writing goes on
  BOOST_TEST((rt->read<fragile>([](const auto&, position) {}).error().code == errc::projection_failed));
}

BOOST_AUTO_TEST_CASE(case_29_a_token_that_never_comes_times_out_and_says_how_far_the_model_is) {
  memory_store store;
  memory_engine e{store};
  const auto at = e.send("a", add{1}).value().token;
  e.sum("a", at);
  const auto late =
      detail::await(*e.engine->ask("sums", "sum_of", encoded(sum_of{"a"}), at_least{{at.history, at.at + 10}, std::chrono::milliseconds{5}}));
  BOOST_TEST((code_of(late) == errc::timed_out));
  BOOST_TEST(late.error().place == 1u);
}

BOOST_AUTO_TEST_CASE(history_and_log_hand_out_what_was_written) {
  temporary_directory place;
  auto rt = runtime::open(place / "store", memory_engine::quiet());
  rt->host<counter>().value();
  rt->start().value();
  for (int i = 1; i <= 10; ++i) rt->send<counter>(i % 2 ? "odd" : "even", add{i}).get().value();
  const auto past = rt->history<counter>("odd", 2, 3).value();
  BOOST_TEST(past.size() == 3u);
  BOOST_TEST(past.front().version == 2u);
  BOOST_TEST(std::get<added>(past.front().event).amount == 3);
  std::vector<position> seen;
  BOOST_TEST(rt->log(4, 5, [&](const record_view& r) { return seen.push_back(r.at), true; }).value() == 9u);
  BOOST_TEST((seen == std::vector<position>{4, 5, 6, 7, 8}));
}

BOOST_AUTO_TEST_CASE(a_store_is_reopened_with_all_that_was_answered_and_without_its_derived_state) {
  temporary_directory place;
  for (int round = 0; round < 3; ++round) {
    auto rt = runtime::open(place / "store", memory_engine::quiet());
    rt->host<counter>().value();
    rt->project<sums>().value();
    rt->start().value();
    BOOST_TEST(rt->head().at == static_cast<position>(round * 100));
    for (int i = 0; i < 100; ++i) rt->send<counter>("a", add{1}).get().value();
    rt->close();
    BOOST_TEST((code_of(rt->send<counter>("a", add{1}).get()) == errc::closed));
    if (round == 1) std::filesystem::remove_all(place / "store" / "derived");
  }
}

BOOST_AUTO_TEST_SUITE_END()
