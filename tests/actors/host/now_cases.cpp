// An answered event is visible in head(), in streams, to new subscriptions and in callbacks, also while it is durable and not
// readable yet.
#include "support/printed.hpp"
#include "support/virtual_engine.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <future>
#include <thread>

using namespace annals;
using namespace world;

namespace {

/// Nothing becomes readable before release().
void let_readers_lag(store::memory_log& log) {
  store::memory_faults faults;
  faults.readable_lags = true;
  log.set_faults(faults);
}

std::vector<version> versions_of(const detail::engine& engine, const std::string& stream, version from = 1, std::size_t max = 100) {
  std::vector<version> seen;
  engine
      .read_stream(stream, from, max,
                   [&](const record_view& record) {
                     seen.push_back(record.version);
                     return true;
                   })
      .value();
  return seen;
}

std::int64_t sum_of_state(const detail::engine& engine, std::string_view key, const as_of& when = {}) {
  return static_cast<const counter::state*>(engine.state_of("counter", key, when).value().state->state())->sum;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(now)

BOOST_AUTO_TEST_CASE(case_91_a_state_that_was_given_back_goes_on_with_what_came_since) {
  memory_store store;
  memory_engine e{store};
  std::int64_t sum = 0;
  for (int n = 1; n <= 20; ++n) {
    sum += n;
    e.send("a", add{n}).value();
    if (n % 3 == 0) continue;
    auto found = e.engine->state_of("counter", "a", {}).value();
    BOOST_TEST(static_cast<const counter::state*>(found.state->state())->sum == sum);
    BOOST_TEST(found.version == static_cast<version>(n));
    if (n % 2 == 0) e.engine->remember_state("counter", "a", std::move(found));
  }
  BOOST_TEST(sum_of_state(*e.engine, "a", {.version = 3}) == 6);
}

BOOST_AUTO_TEST_CASE(case_79_the_head_is_a_token_of_all_that_was_answered) {
  memory_store store;
  memory_engine e{store, memory_engine::quiet(), {}, 1'000'000, true};
  for (int n = 1; n <= 200; ++n) {
    const auto receipt = e.send("a", add{1}).value();
    BOOST_TEST_REQUIRE(e.engine->head().at >= receipt.at);
    BOOST_TEST_REQUIRE(e.sum("a", e.engine->head()) == n);
  }
}

BOOST_AUTO_TEST_CASE(case_79_a_callback_finds_the_event_of_its_receipt) {
  memory_store store;
  memory_engine e{store, memory_engine::quiet(), {}, 1'000'000, true};
  let_readers_lag(*e.log);
  for (version n = 1; n <= 50; ++n) {
    std::promise<std::pair<std::vector<version>, std::int64_t>> seen;
    e.start("a", add{1})->on_answer([&](const detail::outcome&) {
      seen.set_value({versions_of(*e.engine, "counter-a", n), sum_of_state(*e.engine, "a")});
    });
    const auto [versions, sum] = seen.get_future().get();
    BOOST_TEST_REQUIRE((versions == std::vector<version>{n}));
    BOOST_TEST_REQUIRE(sum == static_cast<std::int64_t>(n));
  }
  BOOST_TEST(e.log->readable() == 0u);
  e.log->release();
}

BOOST_AUTO_TEST_CASE(case_79_a_subscription_may_begin_right_after_a_receipt) {
  for (const bool from_head : {false, true}) {
    memory_store store;
    virtual_engine e{store};
    for (int n = 0; n < 3; ++n) e.note("a");
    let_readers_lag(e.log());
    e.note("a", "answered before");
    BOOST_TEST(e.log().readable() == 3u);
    subscription_options with;
    with.from = from_head ? at_head : 5;
    auto joining = e.engine().subscribe("mails", with).value();
    e.settle();
    BOOST_TEST(!joining.joined->is_answered());  // what is kept of it speaks of readable records
    e.log().set_faults({});
    e.note("a", "after");
    e.settle();
    BOOST_TEST_REQUIRE(joining.joined->is_answered());
    joining.joined->await().value();
    auto asked = joining.member->next(10, std::chrono::milliseconds{0});
    e.settle();
    asked.answered->await().value();
    BOOST_TEST_REQUIRE(asked.batch->size() == 1u);
    BOOST_TEST(asked.batch->front().record.at == 5u);
  }
}

BOOST_AUTO_TEST_CASE(case_79_one_who_waits_to_join_is_answered_when_it_closes) {
  memory_store store;
  auto e = std::make_unique<virtual_engine>(store);
  let_readers_lag(e->log());
  e->note("a");
  auto joining = e->engine().subscribe("mails", {.from = at_head}).value();
  e->settle();
  BOOST_TEST(!joining.joined->is_answered());
  e.reset();
  BOOST_TEST((joining.joined->await().error().code == errc::closed));
}

/// Streams across what is indexed, what is readable, and what is only durable; while the index is written.
BOOST_AUTO_TEST_CASE(case_91_a_stream_is_read_as_of_now_while_readers_lag) {
  memory_store store;
  auto with = memory_engine::quiet();
  with.index_flush_records = 10;
  memory_engine e{store, with, {}, 1'000'000, true};
  version sent = 0;
  for (int round = 0; round < 30; ++round) {
    if (round % 3 == 2) let_readers_lag(*e.log);
    for (int n = 0; n < 7; ++n, ++sent) e.send("a", add{1}).value();
    e.send("b", add{1}).value();
    BOOST_TEST_REQUIRE(versions_of(*e.engine, "counter-a", 1, 1'000).size() == sent);
    BOOST_TEST_REQUIRE(versions_of(*e.engine, "counter-a", sent).size() == 1u);
    BOOST_TEST_REQUIRE(sum_of_state(*e.engine, "a") == static_cast<std::int64_t>(sent));
    BOOST_TEST_REQUIRE(sum_of_state(*e.engine, "a", {.version = sent / 2}) == static_cast<std::int64_t>(sent / 2));
    e.log->set_faults({});
  }
  BOOST_TEST(e.index->mark().at <= e.log->readable());
}

BOOST_AUTO_TEST_CASE(case_91_derived_state_is_never_ahead_of_what_is_readable) {
  memory_store store;
  auto with = memory_engine::quiet();
  with.index_flush_records = 1;
  virtual_engine e{store, true, {}, with};
  let_readers_lag(e.log());
  for (int n = 1; n <= 20; ++n) {
    e.add("a");
    BOOST_TEST_REQUIRE(versions_of(e.engine(), "counter-a").size() == static_cast<std::size_t>(n));
    e.pass(std::chrono::seconds{2});  // the loader closes what it has
    BOOST_TEST_REQUIRE(e.engine().env().derived->mark().at == 0u);
  }
  e.log().set_faults({});
  e.log().release();
  e.pass(std::chrono::seconds{5});
  BOOST_TEST(e.engine().env().derived->mark().at == 20u);
  BOOST_TEST(versions_of(e.engine(), "counter-a").size() == 20u);
}

/// On disk, with many writers and readers: a reader sees each stream without a gap, as far as it was answered.
BOOST_AUTO_TEST_CASE(case_91_readers_beside_writers_see_what_was_answered_without_waiting_for_the_drainer) {
  const auto directory = std::filesystem::temp_directory_path() / "annals-now-cases";
  std::filesystem::remove_all(directory);
  {
    auto rt = runtime::open(directory, memory_engine::quiet()).value();
    rt.host<counter>().value();
    rt.start().value();
    constexpr std::size_t streams = 4;
    std::array<std::atomic<version>, streams> answered{};
    std::atomic<bool> done{false};
    std::vector<std::thread> writers;
    for (std::size_t s = 0; s < streams; ++s)
      writers.emplace_back([&, s] {
        for (int n = 0; n < 300; ++n) answered[s] = rt.send<counter>(std::to_string(s), add{1}).get().value().version;
      });
    std::size_t wrong = 0, reads = 0;
    std::thread reader{[&] {
      for (std::size_t s = 0; !done; s = (s + 1) % streams, ++reads) {
        const auto least = answered[s].load();
        const auto past = rt.history<counter>(std::to_string(s)).value();
        const auto state = rt.state_of<counter>(std::to_string(s)).value();
        if (past.size() < least || state.version < past.size()) ++wrong;
        for (std::size_t i = 0; i < past.size(); ++i) wrong += past[i].version != i + 1;
      }
    }};
    for (auto& w : writers) w.join();
    done = true;
    reader.join();
    BOOST_TEST(wrong == 0u);
    BOOST_TEST(reads > 0u);
  }
  std::filesystem::remove_all(directory);
}

BOOST_AUTO_TEST_CASE(case_96_an_event_of_another_category_is_not_decoded) {
  delivered one;
  one.record.stream = "other-a";
  one.record.version = one.record.at = 7;
  one.record.type = "added";
  one.record.schema = 1;
  const auto payload = encoded(added{5});
  one.record.payload = payload;
  const auto refused = one.event<counter>();
  BOOST_TEST_REQUIRE(!refused.has_value());
  BOOST_TEST((refused.error().code == errc::unknown_event_type));
  BOOST_TEST(refused.error().detail.find("other-a") != std::string::npos, refused.error().message());
  BOOST_TEST(refused.error().detail.find("counter") != std::string::npos, refused.error().message());
  one.record.stream = "counter-a";
  BOOST_TEST(std::get<added>(one.event<counter>().value()).amount == 5);
}

BOOST_AUTO_TEST_CASE(case_98_a_token_has_a_text_form) {
  BOOST_TEST(to_string(token{0x1234abcd, 42}) == "1.000000001234abcd.42");
  BOOST_TEST(to_string(token{~std::uint64_t{0}, ~position{0}}) == "1.ffffffffffffffff.18446744073709551615");
  for (const token t : {token{}, token{1, 2}, token{~std::uint64_t{0}, ~position{0}}, token{0x8000000000000000, 9007199254740993}})
    BOOST_TEST((token_of(to_string(t)).value() == t));
  for (const auto* bad : {"", "1", "1.", "1.2", "1.0000000000000002", "1.0000000000000002.", "1.2.3", "1.000000000000000g.3", "1.0000000000000002.-3",
                          "1.0000000000000002.3 ", "1.0000000000000002.18446744073709551616", "1.0000000000000002.3,4", "2.0000000000000002.3",
                          "01.0000000000000002.3", " 1.0000000000000002.3"})
    BOOST_TEST((token_of(bad).error().code == errc::undecodable), bad);
  BOOST_TEST(token_of("2.0000000000000002.3").error().message().find("version 2") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
