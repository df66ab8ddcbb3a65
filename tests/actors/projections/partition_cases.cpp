// A long log is read in partitions.
#include "store/read/stream_table.hpp"
#include "support/memory_engine.hpp"
#include "support/readings.hpp"

#include <boost/test/unit_test.hpp>

#include <numeric>

using namespace annals;
using namespace world;

namespace {

/// What was added to each counter, and in which order.
struct split {
  static constexpr std::string_view name = "split";
  static constexpr failure_policy on_failure{1, std::chrono::milliseconds{1}};
  static constexpr std::size_t partitions = 3;
  using follows = annals::types<counter>;
  using queries = annals::types<sum_of>;
  struct model {
    std::map<std::string, std::vector<position>, std::less<>> seen;
    static constexpr auto about = annals::describe<&model::seen>("split", 1);
  };
  static inline std::atomic<int> merges{0};
  static inline std::atomic<position> throws_at{0};
  static inline std::atomic<position> waits_at{0};  // until it is another one
  static inline std::atomic<bool> waits{false};
  static void apply(model& m, const added&, const record_view& r) {
    if (r.at == throws_at) throw std::runtime_error("not this one");
    while (r.at == waits_at) waits = true;
    m.seen[std::string{r.key()}].push_back(r.at);
  }
  static void merge(model& into, model&& part) {
    ++merges;
    for (auto& [key, all] : part.seen) {
      if (into.seen.contains(key)) throw std::runtime_error("a stream is in two partitions");
      into.seen.emplace(key, std::move(all));
    }
  }
  static std::int64_t answer(const model& m, const sum_of& q) { return static_cast<std::int64_t>(m.seen.at(q.key).size()); }
};

constexpr int keys = 40;
constexpr std::uint32_t each = 300;

memory_store with_long_log() {
  memory_store store;
  memory_engine e{store};
  for (int k = 0; k < keys; ++k) e.send("k" + std::to_string(k), add{1, each}).value();
  return store;
}

struct partition_rig : memory_engine {
  partition_rig(const memory_store& on, detail::projection_table table)
      : memory_engine(on, quiet(), [&](detail::engine& e) { e.add(table).value(); }) {}
  std::int64_t ask(std::string_view name, std::string key) {
    const auto answer =
        detail::await(*engine->ask(name, "sum_of", encoded(sum_of{std::move(key)}), at_least{engine->head(), std::chrono::seconds{60}}));
    return detail::decoded_answer<std::int64_t>(answer.value().bytes).value();
  }
  void rebuild(std::string_view name) { BOOST_TEST(detail::await(*engine->order(name, actors::rebuild_model{})).has_value()); }
};

void begin() {
  split::merges = 0;
  split::throws_at = 0;
  split::waits_at = 0;
  split::waits = false;
}

/// Notes in which order the parts were merged.
struct in_turn {
  static constexpr std::string_view name = "in_turn";
  static constexpr std::size_t partitions = 5;
  using follows = annals::types<counter>;
  using queries = annals::types<sum_of>;
  struct model {
    std::vector<std::size_t> order;
  };
  static void apply(model& m, const added&, const record_view& r) {
    if (m.order.empty()) m.order.push_back(store::hash_of_stream(r.stream) % partitions);
  }
  static void merge(model& into, model&& part) { into.order.insert(into.order.end(), part.order.begin(), part.order.end()); }
  static std::int64_t answer(const model&, const sum_of&) { return 0; }
};

void check_whole(partition_rig& e, std::size_t records, std::string_view name = "split") {
  e.engine
      ->read_model(name,
                   [&](const void* m, position) {
                     std::size_t all = 0;
                     for (const auto& [key, positions] : static_cast<const split::model*>(m)->seen) {
                       BOOST_TEST(std::is_sorted(positions.begin(), positions.end()));
                       all += positions.size();
                     }
                     BOOST_TEST(all == records);
                   })
      .value();
}

void check_figures(const partition_rig& e, double applied, double passed, double parked) {
  const auto now = e.engine->metrics();
  const auto events = [&](std::string_view how) { return reading(now, "annals_follower_events_total", {"projection", "split", how}); };
  BOOST_TEST(events("applied") == applied);
  BOOST_TEST(events("passed") == passed);
  BOOST_TEST(events("parked") == parked);
  BOOST_TEST(reading(now, "annals_follower_attempts_failed_total", {"projection", "split"}) == parked);
  BOOST_TEST(reading(now, "annals_parked_total", {"projection", "split"}) == parked);
  BOOST_TEST(reading(now, "annals_follower_position", {"projection", "split"}) == applied + passed + parked);
}

/// Stops where it fails.
struct strict : split {
  static constexpr std::string_view name = "strict";
  static constexpr failure_policy on_failure{1, std::chrono::milliseconds{1}, annals::on_failure::stop};
};

/// How far it is behind a record that is five seconds younger than all before, and that it cannot read yet.
double lag_behind_a_late_event(partition_rig& e, std::string_view name) {
  store::memory_faults faults;
  faults.readable_lags = true;
  e.log->set_faults(faults);
  e.now += 5'000'000;
  e.send("k0", add{1}).value();
  const auto lag = reading(e.engine->metrics(), "annals_follower_lag_seconds", {"projection", name});
  e.log->set_faults({});
  e.log->release();
  return lag;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(partitions)

BOOST_AUTO_TEST_CASE(the_whole_knows_the_time_of_its_last_event) {
  begin();
  const auto store = with_long_log();
  partition_rig e{store, detail::table_of_projection<strict>()};
  BOOST_TEST(split::merges == 3);
  BOOST_TEST(lag_behind_a_late_event(e, "strict") == 5);
  BOOST_TEST(e.ask("strict", "k0") == each + 1);
  split::throws_at = keys * each + 2;
  e.send("k0", add{1}).value();
  wait_until([&] { return e.engine->health().projections.back().stopped.has_value(); });
  split::throws_at = 0;
  e.now += 7'000'000;
  e.send("k0", add{1}).value();
  e.rebuild("strict");
  BOOST_TEST(split::merges == 6);
  BOOST_TEST(lag_behind_a_late_event(e, "strict") == 5);
}

BOOST_AUTO_TEST_CASE(what_became_of_the_events_is_counted_as_without_them) {
  begin();
  auto store = with_long_log();
  {
    memory_engine{store}.send("k1", note{"of no interest"}).value();
  }
  split::throws_at = 777;
  partition_rig e{store, detail::table_of_projection<split>()};
  check_figures(e, keys * each - 1, 1, 1);
  BOOST_TEST(split::merges == 3);
  BOOST_TEST(detail::await(*e.engine->order("split", actors::rebuild_model{})).has_value());
  BOOST_TEST(split::merges == 6);
  check_figures(e, keys * each - 1, 1, 1);
}

BOOST_AUTO_TEST_CASE(a_long_log_is_read_in_partitions_and_is_one_model) {
  begin();
  const auto store = with_long_log();
  partition_rig e{store, detail::table_of_projection<split>()};
  BOOST_TEST(split::merges == 3);
  check_whole(e, keys * each);
  e.send("k7", add{1}).value();
  BOOST_TEST(e.ask("split", "k7") == each + 1);
  BOOST_TEST(split::merges == 3);
}

BOOST_AUTO_TEST_CASE(a_rebuild_reads_in_partitions_and_follows_what_came_meanwhile) {
  begin();
  const auto store = with_long_log();
  partition_rig e{store, detail::table_of_projection<split>()};
  const auto rebuilt = e.engine->order("split", actors::rebuild_model{});
  for (int i = 0; i < 50; ++i) e.send("k7", add{1}).value();
  BOOST_TEST(detail::await(*rebuilt).has_value());
  BOOST_TEST(split::merges == 6);
  BOOST_TEST(e.ask("split", "k7") == each + 50);
  check_whole(e, keys * each + 50);
}

BOOST_AUTO_TEST_CASE(what_a_partition_parks_is_parked_in_the_whole) {
  begin();
  const auto store = with_long_log();
  split::throws_at = 777;
  partition_rig e{store, detail::table_of_projection<split>()};
  check_whole(e, keys * each - 1);
  const auto parked = e.engine->parked("split");
  BOOST_TEST_REQUIRE(parked.value().size() == 1u);
  BOOST_TEST(parked.value()[0].at == 777u);
}

BOOST_AUTO_TEST_CASE(a_retry_during_a_rebuild_in_partitions_holds_in_the_new_model) {
  begin();
  const auto store = with_long_log();
  const auto all = position{keys} * each;
  split::throws_at = 5;
  partition_rig e{store, detail::table_of_projection<split>()};
  split::waits_at = all;  // in one partition; the others come to their ends
  const auto rebuilt = e.engine->order("split", actors::rebuild_model{});
  wait_until([] { return split::waits.load(); });
  split::throws_at = 0;
  BOOST_TEST(detail::await(*e.engine->order("split", actors::retry_parked{5, {}})).has_value());
  split::waits_at = 0;
  BOOST_TEST(detail::await(*rebuilt).has_value());
  BOOST_TEST(e.engine->parked("split").value().empty());
  e.engine->read_model("split", [&](const void* m, position) { BOOST_TEST(static_cast<const split::model*>(m)->seen.at("k0").size() == each); })
      .value();
}

BOOST_AUTO_TEST_CASE(what_is_skipped_during_a_rebuild_in_partitions_is_not_in_the_new_model) {
  begin();
  const auto store = with_long_log();
  split::throws_at = 5;
  {
    partition_rig e{store, detail::table_of_projection<split>()};
  }
  auto table = detail::table_of_projection<split>();
  table.on_failure.attempts = 1'000'000;  // what fails is not parked again
  partition_rig e{store, table};
  BOOST_TEST(e.engine->parked("split").value().size() == 1u);
  const auto rebuilt = e.engine->order("split", actors::rebuild_model{});
  BOOST_TEST(detail::await(*e.engine->order("split", actors::skip_parked{5, {}})).has_value());
  split::throws_at = 0;
  BOOST_TEST(detail::await(*rebuilt).has_value());
  BOOST_TEST(e.engine->parked("split").value().empty());
  check_whole(e, std::size_t{keys} * each - 1);
}

BOOST_AUTO_TEST_CASE(case_27_closing_during_a_rebuild_in_partitions_leaves_the_model_as_it_was) {
  begin();
  const auto store = with_long_log();
  {
    partition_rig e{store, detail::table_of_projection<split>()};
    const auto rebuilt = e.engine->order("split", actors::rebuild_model{});
    e.engine->close();
    const auto answer = detail::await(*rebuilt);
    BOOST_TEST((answer.has_value() || answer.error().code == errc::closed));
  }
  partition_rig e{store, detail::table_of_projection<split>()};  // with the image that was made on closing
  check_whole(e, keys * each);
}

BOOST_AUTO_TEST_CASE(a_partition_that_stops_names_the_place) {
  begin();
  const auto store = with_long_log();
  partition_rig e{store, detail::table_of_projection<strict>()};
  BOOST_TEST(e.engine->health().projections.at(0).at == keys * each);
  split::throws_at = 7'777;
  const auto rebuilt = detail::await(*e.engine->order("strict", actors::rebuild_model{}));
  BOOST_TEST_REQUIRE(!rebuilt.has_value());
  BOOST_TEST(rebuilt.error().place == 7'777u);
  BOOST_TEST(rebuilt.error().message().find("7777") != std::string::npos);
  check_whole(e, keys * each, "strict");  // the first stays
}

BOOST_AUTO_TEST_CASE(a_short_log_is_not_worth_it) {
  begin();
  memory_store store;
  {
    memory_engine{store}.send("a", add{1, 100}).value();
  }
  partition_rig e{store, detail::table_of_projection<split>()};
  BOOST_TEST(split::merges == 0);
  BOOST_TEST(e.ask("split", "a") == 100);
}

BOOST_AUTO_TEST_CASE(they_are_merged_in_their_order_whoever_is_first) {
  const auto store = with_long_log();
  for (int i = 0; i < 10; ++i) {
    partition_rig e{store, detail::table_of_projection<in_turn>()};
    e.engine
        ->read_model("in_turn",
                     [](const void* m, position) {
                       const auto& order = static_cast<const in_turn::model*>(m)->order;
                       BOOST_TEST(order.size() == in_turn::partitions);
                       BOOST_TEST(std::is_sorted(order.begin(), order.end()));
                     })
        .value();
  }
}

BOOST_AUTO_TEST_SUITE_END()
