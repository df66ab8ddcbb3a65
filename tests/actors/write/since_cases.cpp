// One effect for one command id: however late it comes again, with and without a token of its first use, and after the
// store began another history.
#include "support/memory_engine.hpp"
#include "support/printed.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace world;

namespace {

std::string id_of(int number) { return "id" + std::to_string(number); }

/// With snapshots, an aggregate that comes into memory remembers the last hundred commands only.
options often() {
  auto with = memory_engine::quiet();
  with.snapshot_every = 50;
  return with;
}

std::vector<receipt> send_many(memory_engine& e, int count) {
  std::vector<receipt> sent;
  for (int n = 0; n < count; ++n) sent.push_back(e.send("a", add{1}, {.id = id_of(n)}).value());
  return sent;
}

/// The store is set back to this position and goes on in a new history, as a restored backup does.
void fork_at(memory_store& store, position at) {
  auto& identity = store.log->identity;
  identity.former.push_back({identity.history, at});
  identity.history += 2;
  store.log->records.resize(at);
  store.index = std::make_shared<store::memory_derived_disk>();
  store.images = std::make_shared<store::memory_image_disk>();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(since)

BOOST_AUTO_TEST_CASE(case_80_an_id_without_since_has_one_effect_when_it_was_forgotten) {
  memory_store store;
  memory_engine e{store};
  const auto first = e.send("a", note{"once"}, {.id = "old"}).value();
  for (int n = 0; n < 500; ++n) e.send("a", add{1, 1'000}, {.id = id_of(n)}).value();
  BOOST_TEST((e.send("a", note{"once"}, {.id = "old"}).value() == first));
  BOOST_TEST((code_of(e.send("a", note{"twice"}, {.id = "old"})) == errc::id_reused));
  BOOST_TEST(e.send("a", note{"more"}, {.id = "new"}).value().version == 500'002u);
}

BOOST_AUTO_TEST_CASE(case_80_an_id_without_since_has_one_effect_after_a_restart_from_a_snapshot) {
  memory_store store;
  std::vector<receipt> sent;
  {
    memory_engine e{store, often()};
    sent = send_many(e, 300);
  }
  BOOST_TEST_REQUIRE(!store.index->snapshots.empty());
  memory_engine e{store, often()};
  for (const int n : {299, 150, 0, 1, 149}) BOOST_TEST((e.send("a", add{1}, {.id = id_of(n)}).value() == sent[static_cast<std::size_t>(n)]));
  BOOST_TEST((code_of(e.send("a", add{2}, {.id = id_of(7)})) == errc::id_reused));
  BOOST_TEST(e.send("a", add{1}, {.id = "new"}).value().version == 301u);
}

/// Whatever is remembered, forgotten and found meanwhile.
BOOST_AUTO_TEST_CASE(case_80_what_was_found_and_what_came_later_stay_known_together) {
  memory_store store;
  {
    memory_engine e{store, often()};
    send_many(e, 300);
  }
  memory_engine e{store, often()};
  std::vector<std::shared_ptr<detail::waiter>> sent;
  for (int n = 0; n < 1'000; ++n) {
    sent.push_back(e.start("a", add{1, 500}, {.id = "later" + std::to_string(n)}));
    if (n % 100 == 99) sent.push_back(e.start("a", add{1}, {.id = id_of(n % 300)}));
  }
  for (auto& one : sent) BOOST_TEST_REQUIRE(detail::await(*one).has_value());
  BOOST_TEST(store.log->records.size() == 300u + 1'000 * 500);
  for (int n = 0; n < 1'000; ++n) BOOST_TEST_REQUIRE(e.send("a", add{1, 500}, {.id = "later" + std::to_string(n)}).has_value());
  BOOST_TEST(store.log->records.size() == 300u + 1'000 * 500);
}

BOOST_AUTO_TEST_CASE(case_80_new_ids_without_since_read_the_stream_once) {
  memory_store store;
  {
    memory_engine e{store, often()};
    send_many(e, 2'000);
  }
  memory_engine e{store, often()};
  const auto before = e.log->visited();
  for (int n = 0; n < 500; ++n) e.send("a", add{1}, {.id = "new" + std::to_string(n)}).value();
  BOOST_TEST(e.log->visited() - before < 2'000u + 10 * 500);
  BOOST_TEST(e.log->visited() - before > 1'800u);  // it did look
}

BOOST_AUTO_TEST_CASE(case_90_repeats_of_old_ids_cost_one_scan) {
  memory_store store;
  std::vector<receipt> sent;
  {
    memory_engine e{store, often()};
    sent = send_many(e, 2'000);
  }
  for (const bool oldest_first : {true, false}) {
    memory_engine e{store, often()};
    const auto before = e.log->visited();
    std::vector<std::shared_ptr<detail::waiter>> again;
    for (int n = 0; n < 1'000; ++n) {
      const auto which = oldest_first ? n : 999 - n;
      const auto since = sent[static_cast<std::size_t>(which)].token;
      again.push_back(e.start("a", add{1}, {.id = id_of(which), .since = token{since.history, since.at - 1}}));
    }
    for (int n = 0; n < 1'000; ++n) {
      const auto& first = sent[static_cast<std::size_t>(oldest_first ? n : 999 - n)];
      BOOST_TEST_REQUIRE((detail::await(*again[static_cast<std::size_t>(n)]).value().accepted == first));
    }
    BOOST_TEST(e.log->visited() - before < 2'000u + 10 * 1'000);
  }
}

BOOST_AUTO_TEST_CASE(case_90_since_of_a_former_history_reaches_back_to_the_fork) {
  memory_store store;
  token first_use;
  {
    memory_engine e{store, often()};
    for (int n = 0; n < 9; ++n) e.send("b", add{1, 100}).value();
    first_use = e.engine->head();
  }
  BOOST_TEST(first_use.at == 900u);
  fork_at(store, 500);
  std::optional<receipt> first;
  {
    memory_engine e{store, often()};
    first = e.send("a", note{"once"}, {.id = "x", .since = first_use}).value();
    send_many(e, 120);
  }
  BOOST_TEST_REQUIRE(!store.index->snapshots.empty());
  memory_engine e{store, often()};
  BOOST_TEST(e.engine->head().at < first_use.at);
  BOOST_TEST((e.send("a", note{"once"}, {.id = "x", .since = first_use}).value() == *first));
}

BOOST_AUTO_TEST_CASE(case_90_a_loss_takes_back_the_forks_before_it) {
  memory_store store;
  const auto oldest = store.log->identity.history;
  {
    memory_engine e{store};
    e.send("b", add{1, 900}).value();
  }
  fork_at(store, 500);
  fork_at(store, 300);
  memory_engine e{store};
  const auto ask = [&](token t) {
    const auto answer = detail::await(*e.engine->ask("sums", "sum_of", encoded(sum_of{"b"}), at_least{t, std::chrono::seconds{60}}));
    return answer ? errc{0} : answer.error().code;
  };
  BOOST_TEST((ask({oldest, 300}) == errc{0}));
  BOOST_TEST((ask({oldest, 301}) == errc::history_differs));
}

BOOST_AUTO_TEST_CASE(case_90_an_unknown_since_looks_through_the_whole_stream) {
  memory_store store;
  std::vector<receipt> sent;
  {
    memory_engine e{store, often()};
    sent = send_many(e, 300);
  }
  const auto history = store.log->identity.history;
  for (const token since : {token{history + 4, 250}, token{0, 250}, token{history, 1'000}}) {
    memory_engine e{store, often()};
    BOOST_TEST((e.send("a", add{1}, {.id = id_of(0), .since = since}).value() == sent.front()));
  }
}

BOOST_AUTO_TEST_SUITE_END()
