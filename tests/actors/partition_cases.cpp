// A long log is read in partitions, and effects take place once.
#include "support/memory_engine.hpp"

#include <boost/test/unit_test.hpp>

#include <mutex>
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
    static constexpr auto about = annals::describe("split", 1, field{"seen", &model::seen});
  };
  static inline std::atomic<int> merges{0};
  static inline std::atomic<position> throws_at{0};
  static void apply(model& m, const added&, const record_view& r) {
    if (r.at == throws_at) throw std::runtime_error("not this one");
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

/// Tells of each addition.
struct telling {
  static constexpr std::string_view name = "telling";
  static constexpr failure_policy on_failure{2, std::chrono::milliseconds{1}};
  using follows = annals::types<counter>;
  using queries = annals::types<sum_of>;
  struct model {
    std::int64_t sum = 0;
    static constexpr auto about = annals::describe("telling", 1, field{"sum", &model::sum});
  };
  static inline std::mutex mutex;
  static inline std::vector<position> told;
  static inline std::atomic<int> fails{0};
  static void apply(model& m, const added& e, const record_view&) { m.sum += e.amount; }
  static void effect(const added&, const record_view& r) {
    if (fails > 0 && fails-- > 0) throw std::runtime_error("nobody listens");
    const std::lock_guard lock{mutex};
    told.push_back(r.at);
  }
  static std::int64_t answer(const model& m, const sum_of&) { return m.sum; }
};

constexpr int keys = 40;
constexpr std::uint32_t each = 300;

memory_store with_long_log() {
  memory_store store;
  memory_engine e{store};
  for (int k = 0; k < keys; ++k) e.send("k" + std::to_string(k), add{1, each}).value();
  return store;
}

struct rig : memory_engine {
  rig(const memory_store& on, detail::projection_table table)
      : memory_engine(on, quiet(), [&](detail::engine& e) { e.add(table).value(); }) {}
  std::int64_t ask(std::string_view name, std::string key) {
    const auto answer = detail::await(*engine->ask(name, "sum_of", encoded(sum_of{std::move(key)}),
                                                   at_least{engine->head(), std::chrono::seconds{60}}));
    return detail::decoded_answer<std::int64_t>(answer.value().bytes).value();
  }
  void rebuild(std::string_view name) { BOOST_TEST(detail::await(*engine->order(name, actors::rebuild_model{})).has_value()); }
};

std::vector<position> told() {
  const std::lock_guard lock{telling::mutex};
  return telling::told;
}
void begin() {
  const std::lock_guard lock{telling::mutex};
  telling::told.clear();
  telling::fails = 0;
  split::merges = 0;
  split::throws_at = 0;
}

void check_whole(rig& e, std::size_t records, std::string_view name = "split") {
  e.engine->read_model(name, [&](const void* m, position) {
    std::size_t all = 0;
    for (const auto& [key, positions] : static_cast<const split::model*>(m)->seen) {
      BOOST_TEST(std::is_sorted(positions.begin(), positions.end()));
      all += positions.size();
    }
    BOOST_TEST(all == records);
  }).value();
}

using places = std::vector<position>;

}  // namespace

BOOST_AUTO_TEST_SUITE(partitions)

BOOST_AUTO_TEST_CASE(a_long_log_is_read_in_partitions_and_is_one_model) {
  begin();
  const auto store = with_long_log();
  rig e{store, detail::table_of_projection<split>()};
  BOOST_TEST(split::merges == 3);
  check_whole(e, keys * each);
  e.send("k7", add{1}).value();
  BOOST_TEST(e.ask("split", "k7") == each + 1);
  BOOST_TEST(split::merges == 3);
}

BOOST_AUTO_TEST_CASE(a_rebuild_reads_in_partitions_and_follows_what_came_meanwhile) {
  begin();
  const auto store = with_long_log();
  rig e{store, detail::table_of_projection<split>()};
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
  rig e{store, detail::table_of_projection<split>()};
  check_whole(e, keys * each - 1);
  const auto parked = e.engine->parked("split");
  BOOST_TEST_REQUIRE(parked.value().size() == 1u);
  BOOST_TEST(parked.value()[0].at == 777u);
}

BOOST_AUTO_TEST_CASE(case_27_closing_during_a_rebuild_in_partitions_leaves_the_model_as_it_was) {
  begin();
  const auto store = with_long_log();
  {
    rig e{store, detail::table_of_projection<split>()};
    const auto rebuilt = e.engine->order("split", actors::rebuild_model{});
    e.engine->close();
    const auto answer = detail::await(*rebuilt);
    BOOST_TEST((answer.has_value() || answer.error().code == errc::closed));
  }
  rig e{store, detail::table_of_projection<split>()};  // with the image that was made on closing
  check_whole(e, keys * each);
}

/// Stops where it fails.
struct strict : split {
  static constexpr std::string_view name = "strict";
  static constexpr failure_policy on_failure{1, std::chrono::milliseconds{1}, annals::on_failure::stop};
};

BOOST_AUTO_TEST_CASE(a_partition_that_stops_names_the_place) {
  begin();
  const auto store = with_long_log();
  rig e{store, detail::table_of_projection<strict>()};
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
  { memory_engine{store}.send("a", add{1, 100}).value(); }
  rig e{store, detail::table_of_projection<split>()};
  BOOST_TEST(split::merges == 0);
  BOOST_TEST(e.ask("split", "a") == 100);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(effects)

BOOST_AUTO_TEST_CASE(they_take_place_once_and_never_again_in_a_rebuild_or_a_later_start) {
  begin();
  memory_store store;
  {
    rig e{store, detail::table_of_projection<telling>()};
    e.send("a", add{1, 3}).value();
    BOOST_TEST(e.ask("telling", "") == 3);
    BOOST_TEST(told() == (places{1, 2, 3}), boost::test_tools::per_element());
    e.rebuild("telling");
    e.send("a", add{1}).value();
    BOOST_TEST(e.ask("telling", "") == 4);
    BOOST_TEST((told() == places{1, 2, 3, 4}));
  }
  store.index = std::make_shared<store::memory_index_disk>();  // how far they were is not derived
  store.images = std::make_shared<store::memory_image_disk>();
  rig e{store, detail::table_of_projection<telling>()};
  BOOST_TEST(e.ask("telling", "") == 4);
  e.send("a", add{1}).value();
  BOOST_TEST(e.ask("telling", "") == 5);
  BOOST_TEST((told() == places{1, 2, 3, 4, 5}));
}

BOOST_AUTO_TEST_CASE(the_first_start_with_them_begins_at_its_head) {
  begin();
  memory_store store;
  { memory_engine{store}.send("a", add{1, 5}).value(); }
  rig e{store, detail::table_of_projection<telling>()};
  BOOST_TEST(e.ask("telling", "") == 5);
  BOOST_TEST(told().empty());
  e.send("a", add{1}).value();
  BOOST_TEST(e.ask("telling", "") == 6);
  BOOST_TEST((told() == places{6}));
}

BOOST_AUTO_TEST_CASE(one_that_throws_is_tried_again_before_its_event_is_applied_and_parked_in_the_end) {
  begin();
  memory_store store;
  rig e{store, detail::table_of_projection<telling>()};
  telling::fails = 1;
  e.send("a", add{1}).value();
  BOOST_TEST(e.ask("telling", "") == 1);
  BOOST_TEST((told() == places{1}));
  telling::fails = 2;
  e.send("a", add{1}).value();
  BOOST_TEST(e.ask("telling", "") == 1);
  BOOST_TEST((told() == places{1}));
  const auto parked = e.engine->parked("telling");
  BOOST_TEST(parked.value().size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
