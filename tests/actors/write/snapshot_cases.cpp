// Snapshots of aggregates: taken of what is readable, used when they are good, left out when they are not.
#include "store/read/scan.hpp"
#include "support/memory_engine.hpp"
#include "support/printed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace annals;
using namespace world;

namespace {

constexpr auto newest = ~annals::version{0};

options every(std::uint64_t versions, std::size_t kept = 1) {
  auto with = memory_engine::quiet();
  with.snapshot_every = versions;
  with.snapshots_kept = kept;
  return with;
}

void add_ones(memory_engine& e, std::string_view key, int times) {
  for (int i = 0; i < times; ++i) e.send(key, add{1}).value();
}

/// A store whose "counter-a" has 35 versions and snapshots.
memory_store with_snapshots(std::size_t kept = 1) {
  memory_store store;
  memory_engine e{store, every(10, kept)};
  add_ones(e, "a", 35);
  return store;  // closing writes what waits
}

store::snapshot& only_one(memory_store& in) {
  BOOST_TEST_REQUIRE(in.index->snapshots.size() == 1u);
  return in.index->snapshots.begin()->second;
}

/// What the counter has, asked by what it would still give.
std::int64_t sum_of_a(const memory_store& store, options with = every(10)) {
  memory_engine e{store, std::move(with)};
  const auto refused = e.send("a", add{-1'000'000'000});
  return std::stoll(refused.error().detail);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(snapshots)

BOOST_AUTO_TEST_CASE(the_newest_is_kept_and_says_what_the_log_has) {
  auto store = with_snapshots();
  const auto& taken = only_one(store);
  BOOST_TEST(taken.stream == "counter-a");
  BOOST_TEST(taken.version >= 10u);
  BOOST_TEST(taken.version == taken.at);
  BOOST_TEST(taken.state == encoded(counter::state{static_cast<std::int64_t>(taken.version)}));
}

BOOST_AUTO_TEST_CASE(so_many_are_kept_as_the_option_says) {
  memory_store store;
  memory_engine e{store, every(10, 3)};
  const auto kept = [&] { return e.index->snapshot_of("counter-a", newest).value(); };
  for (annals::version v = 10; v <= 60; v += 10) {
    add_ones(e, "a", 10);
    wait_until([&] { return kept() && kept()->version == v; });
  }
  BOOST_TEST(store.index->snapshots.size() == 3u);
  BOOST_TEST(store.index->snapshots.begin()->first.second == 40u);
}

BOOST_AUTO_TEST_CASE(a_load_begins_with_it_and_goes_on_with_the_tail) {
  auto store = with_snapshots();
  only_one(store).state = encoded(counter::state{1'000});  // a lie, to see that it is believed
  const auto after = 35 - static_cast<std::int64_t>(only_one(store).version);
  BOOST_TEST(sum_of_a(store) == 1'000 + after);
}

BOOST_AUTO_TEST_CASE(case_21_a_damaged_or_old_snapshot_is_left_out_with_a_line_and_the_stream_is_read) {
  const auto spoil = [](const std::function<void(store::snapshot&)>& how, std::string_view said) {
    auto store = with_snapshots();
    only_one(store).state = encoded(counter::state{1'000});
    how(only_one(store));
    std::mutex mutex;
    std::vector<std::string> lines;
    auto with = every(10);
    with.log_sink = [&](log_level, std::string_view line) {
      const std::lock_guard lock{mutex};
      lines.emplace_back(line);
    };
    BOOST_TEST(sum_of_a(store, with) == 35);
    BOOST_TEST(std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
      return line.find("counter-a") != std::string::npos && line.find(said) != std::string::npos;
    }));
  };
  spoil([](auto& s) { s.shape ^= 2; }, "another shape");
  spoil([](auto& s) { s.checksum ^= 1; }, "another record");
  spoil([](auto& s) { s.at += 1; }, "another record");
  spoil([](auto& s) { s.at += 1'000; }, "another record");
  spoil([](auto& s) { s.state = "\xc1"; }, "not msgpack");
}

BOOST_AUTO_TEST_CASE(an_older_one_is_used_when_the_newest_is_not_good) {
  memory_store store;
  {
    memory_engine e{store, every(10, 2)};
    for (annals::version v = 10; v <= 20; v += 10) {
      add_ones(e, "a", 10);
      wait_until([&] { return e.index->snapshot_of("counter-a", newest).value().value_or(store::snapshot{}).version == v; });
    }
  }
  BOOST_TEST_REQUIRE(store.index->snapshots.size() == 2u);
  store.index->snapshots.begin()->second.state = encoded(counter::state{1'000});
  store.index->snapshots.rbegin()->second.shape ^= 2;
  BOOST_TEST(sum_of_a(store) == 1'010);
}

BOOST_AUTO_TEST_CASE(command_ids_before_a_snapshot_keep_their_one_effect) {
  memory_store store;
  token since_first;
  {
    memory_engine e{store, every(50)};
    const auto first = e.start("a", add{5}, {.id = "first"});
    since_first = first->since;
    detail::await(*first).value();
    for (int i = 0; i < 300; ++i) e.send("a", add{1}, {.id = "id" + std::to_string(i)}).value();
  }
  BOOST_TEST_REQUIRE(!store.index->snapshots.empty());
  memory_engine e{store, every(50)};
  BOOST_TEST(e.send("a", add{1}, {.id = "id299"}).value().version == 301u);  // of the last hundred, without `since`
  BOOST_TEST(e.send("a", add{5}, {.id = "first", .since = since_first}).value().version == 1u);
  BOOST_TEST((code_of(e.send("a", add{6}, {.id = "first", .since = since_first})) == errc::id_reused));
  BOOST_TEST(e.send("a", add{1}).value().version == 302u);
}

BOOST_AUTO_TEST_CASE(none_are_taken_when_the_option_is_0) {
  memory_store store;
  {
    memory_engine e{store, every(0)};
    add_ones(e, "a", 50);
  }
  BOOST_TEST(store.index->snapshots.empty());
}

BOOST_AUTO_TEST_CASE(the_state_as_it_was_is_found_by_version_position_and_time) {
  memory_store store;
  memory_engine e{store, every(10, 2)};
  for (int i = 1; i <= 60; ++i) {
    e.now = 1'000'000 * (i / 3 + 1);  // three events of one time
    e.send("a", add{i}).value();
    e.send("b", add{1}).value();
  }
  wait_until([&] { return e.index->snapshot_of("counter-a", newest).value().value_or(store::snapshot{}).version >= 50; });
  const auto sum = [](std::int64_t n) { return n * (n + 1) / 2; };
  const auto found = [&](as_of when) {
    const auto past = e.engine->state_of("counter", "a", when).value();
    return std::tuple{past.version, past.at, static_cast<const counter::state*>(past.state->state())->sum};
  };
  for (annals::version v = 0; v <= 60; ++v) {
    BOOST_TEST((found({.version = v}) == std::tuple{v, v ? 2 * v - 1 : 0, sum(static_cast<std::int64_t>(v))}));
    BOOST_TEST(std::get<0>(found({.position = 2 * v})) == v);
    BOOST_TEST(std::get<0>(found({.time = static_cast<timestamp>(v) * 1'000'000})) == (v == 0 ? 0u : std::min<annals::version>(60, 3 * v - 1)));
  }
  BOOST_TEST(std::get<2>(found({})) == sum(60));
  BOOST_TEST(std::get<0>(found({.version = 40, .position = 21})) == 11u);
  BOOST_TEST((e.engine->state_of("nobody", "a", {}).error().code == errc::not_hosted));
  BOOST_TEST(e.engine->state_of("counter", "new", {}).value().version == 0u);
}

namespace {
/// Evolves by something that is not in its events.
struct forgetful {
  static constexpr std::string_view category = "forgetful";
  static constexpr std::uint64_t snapshot_every = 4;
  using commands = types<add>;
  using events = types<added>;
  struct state {
    std::int64_t sum = 0;
    std::int64_t hidden = 0;
    static constexpr auto about = describe<&state::sum>("state", 1, not_stored{&state::hidden});
  };
  static decision<forgetful> decide(const state&, const add& c, const context&) { return added{c.amount}; }
  static inline std::int64_t outside = 0;
  static void evolve(state& s, const added& e) {
    s.sum += e.amount == 7 ? s.hidden : e.amount == 13 ? ++outside : e.amount;
    s.hidden += e.amount;
  }
};
}  // namespace

BOOST_AUTO_TEST_CASE(case_23_a_replay_that_is_not_deterministic_names_the_event) {
  const auto replay = [](std::initializer_list<std::int64_t> amounts) {
    memory_store store;
    const auto host = [](detail::engine& e) { e.add(detail::table_of_aggregate<forgetful>()).value(); };
    memory_engine e{store, every(10), host};
    add_ones(e, "a", 30);
    for (const auto amount : amounts) e.send_to<forgetful>("x", add{amount}).value();
    wait_until([&] { return amounts.size() < 4 || e.index->snapshot_of("forgetful-x", newest).value().value_or(store::snapshot{}).version >= 4; });
    return e.engine->verify_replay();
  };
  const auto good = replay({1, 2, 3, 4, 5}).value();
  BOOST_TEST(good.streams == 2u);
  BOOST_TEST(good.events == 35u);
  BOOST_TEST(good.snapshots >= 1u);
  const auto from_snapshot = replay({1, 2, 3, 4, 5, 7, 8});  // the snapshot of version 4 has lost what 7 adds
  BOOST_TEST_REQUIRE(!from_snapshot.has_value());
  BOOST_TEST((from_snapshot.error().code == errc::not_deterministic));
  BOOST_TEST(from_snapshot.error().place == 36u);
  BOOST_TEST(from_snapshot.error().message().find("version 6 of forgetful-x") != std::string::npos);
  BOOST_TEST(from_snapshot.error().message().find("snapshot of version 4") != std::string::npos);
  const auto twice = replay({1, 13, 3});
  BOOST_TEST_REQUIRE(!twice.has_value());
  BOOST_TEST(twice.error().place == 32u);
}

BOOST_AUTO_TEST_SUITE_END()
