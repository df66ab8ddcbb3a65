// Images of read models: a start reads what came later, and nothing is believed that the log does not bear out.
#include "support/memory_engine.hpp"
#include "support/printed.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <algorithm>

using namespace annals;
using namespace world;

namespace {

options every(std::uint64_t records) {
  auto with = memory_engine::quiet();
  with.image_every_records = records;
  with.close_deadline = std::chrono::seconds{60};  // images are made in it
  return with;
}

void add_ones(memory_engine& e, std::string_view key, int times) {
  for (int i = 0; i < times; ++i) e.send(key, add{1}).value();
}

sums::model model_in(const store::image& kept) { return decoded<sums::model>(kept.bytes).value(); }

/// A store of 30 events whose "sums" has an image at position 20 or behind it.
memory_store with_image() {
  memory_store store;
  memory_engine e{store, every(20)};
  add_ones(e, "a", 30);
  wait_until([&] { return e.images->newest("sums", detail::shape_of_projection<sums>(), ~position{0}).value().has_value(); });
  return store;
}

store::image& only_one(memory_store& in) {
  BOOST_TEST_REQUIRE(in.images->by_model.size() == 1u);
  return in.images->by_model.begin()->second;
}

std::int64_t sum_of_a(memory_engine& e) { return e.sum("a", e.engine->head()); }

}  // namespace

BOOST_AUTO_TEST_SUITE(images)

BOOST_AUTO_TEST_CASE(one_is_made_every_so_many_records_and_is_what_a_fold_gives) {
  auto store = with_image();
  const auto& kept = only_one(store);
  BOOST_TEST(kept.mark.at >= 20u);
  const auto made = model_in(kept);
  BOOST_TEST(made.applied == kept.mark.at);
  BOOST_TEST(made.last == kept.mark.at);
  BOOST_TEST(made.by_key.at("a") == static_cast<std::int64_t>(kept.mark.at));
}

BOOST_AUTO_TEST_CASE(the_next_one_is_made_out_of_the_one_before) {
  auto store = with_image();
  auto lie = model_in(only_one(store));
  lie.by_key["a"] += 1'000;
  only_one(store).bytes = encoded(lie);
  const auto first = only_one(store).mark.at;
  {
    memory_engine e{store, every(20)};
    add_ones(e, "a", 30);
    wait_until([&] { return e.images->newest("sums", detail::shape_of_projection<sums>(), ~position{0}).value()->mark.at > first; });
  }
  BOOST_TEST(model_in(only_one(store)).by_key.at("a") == 1'000 + static_cast<std::int64_t>(only_one(store).mark.at));
}

BOOST_AUTO_TEST_CASE(a_start_begins_with_it_and_goes_on_with_the_tail) {
  auto store = with_image();
  auto lie = model_in(only_one(store));
  lie.by_key["a"] += 1'000;  // to see that it is believed
  only_one(store).bytes = encoded(lie);
  memory_engine e{store, every(20)};
  BOOST_TEST(sum_of_a(e) == 1'030);
  add_ones(e, "a", 1);
  BOOST_TEST(sum_of_a(e) == 1'031);
}

BOOST_AUTO_TEST_CASE(case_21_a_damaged_or_old_image_is_left_out_with_a_line_and_the_model_is_built_anew) {
  const auto spoil = [](const std::function<void(store::image&)>& how, std::string_view said) {
    auto store = with_image();
    auto lie = model_in(only_one(store));
    lie.by_key["a"] += 1'000;
    only_one(store).bytes = encoded(lie);
    how(only_one(store));
    std::mutex mutex;
    std::vector<std::string> lines;
    auto with = every(1'000);
    with.log_sink = [&](log_level, std::string_view line) {
      const std::lock_guard lock{mutex};
      lines.emplace_back(line);
    };
    memory_engine e{store, with};
    BOOST_TEST(sum_of_a(e) == 30);
    const std::lock_guard lock{mutex};
    BOOST_TEST(std::any_of(lines.begin(), lines.end(),
                           [&](const std::string& line) { return line.find("sums") != std::string::npos && line.find(said) != std::string::npos; }));
  };
  spoil([](auto& i) { i.shape ^= 2; }, "another version or shape");
  spoil([](auto& i) { i.mark.checksum ^= 1; }, "another record");
  spoil([](auto& i) { i.mark.at += 1; }, "another record");
  spoil([](auto& i) { i.mark.at += 1'000; }, "another record");
  spoil([](auto& i) { i.bytes = "\xc1"; }, "not msgpack");
  spoil([](auto& i) { i.parked = "\xc1"; }, "not msgpack");
}

BOOST_AUTO_TEST_CASE(case_25_after_a_crash_at_any_moment_each_record_is_applied_once_in_effect) {
  memory_store store;
  for (position crash_at = 1; crash_at <= 30; ++crash_at) {
    memory_engine e{store, every(7)};
    e.send("a", add{1}).value();
    const auto check = [&] {
      BOOST_TEST(sum_of_a(e) == static_cast<std::int64_t>(crash_at));
      e.engine->read_model("sums", [&](const void* m, position at) { BOOST_TEST(static_cast<const sums::model*>(m)->applied == at); }).value();
    };
    check();
    // The power goes: no image of what was applied since is written, whatever is on its way.
    e.images->failing = true;
    e.index->failing_flushes = 1'000;
  }
}

BOOST_AUTO_TEST_CASE(until_the_head_of_the_start_queries_are_told_how_far_the_model_is_or_wait) {
  memory_store store;
  {
    memory_engine{store}.send("a", add{1, 50}).value();
  }
  store::memory_log log{store.log};
  store::memory_derived_store index{store.index};
  detail::engine_parts parts;
  parts.log = &log;
  parts.derived = &index;
  parts.history = log.identity().history;
  parts.now = [] { return timestamp{1}; };
  parts.simulated = true;
  detail::engine engine{std::move(parts), memory_engine::quiet()};
  engine.add(detail::table_of_aggregate<counter>()).value();
  engine.add(detail::table_of_projection<sums>()).value();
  engine.begin().value();
  const auto read = engine.read_model("sums", [](const void*, position) {});
  BOOST_TEST_REQUIRE(!read);
  BOOST_TEST((read.error().code == errc::not_ready));
  BOOST_TEST(read.error().place == 0u);
  BOOST_TEST(read.error().message().find("the log was at 50") != std::string::npos);
  const auto waits = engine.ask("sums", "sum_of", encoded(sum_of{"a"}), at_least{engine.head(), std::chrono::seconds{1}});
  dynamic_cast<caf::scheduler::test_coordinator&>(engine.system().scheduler()).run();
  BOOST_TEST(detail::decoded_answer<std::int64_t>(waits->await().value().bytes).value() == 50);
  BOOST_TEST(engine.read_model("sums", [](const void*, position at) { BOOST_TEST(at == 50u); }).has_value());
}

BOOST_AUTO_TEST_CASE(none_is_made_when_the_option_is_0) {
  memory_store store;
  {
    memory_engine e{store, every(0)};
    add_ones(e, "a", 30);
  }
  BOOST_TEST(store.images->by_model.empty());
}

BOOST_AUTO_TEST_CASE(closing_keeps_a_model_that_is_far_past_its_image) {
  memory_store store;
  {
    memory_engine e{store, every(1'000'000)};
    e.send("a", add{1, 9'999}).value();
  }
  BOOST_TEST(store.images->by_model.empty());
  {
    memory_engine e{store, every(1'000'000)};
    e.send("a", add{1, 2}).value();
    BOOST_TEST(sum_of_a(e) == 10'001);
  }
  BOOST_TEST(only_one(store).mark.at == 10'001u);
  BOOST_TEST(model_in(only_one(store)).by_key.at("a") == 10'001);
}

BOOST_AUTO_TEST_CASE(a_failing_disk_costs_the_image_and_nothing_else) {
  memory_store store;
  memory_engine e{store, every(10)};
  e.images->failing = true;
  add_ones(e, "a", 50);
  BOOST_TEST(sum_of_a(e) == 50);
  e.images->failing = false;
  wait_until([&] {
    add_ones(e, "a", 10);
    return e.images->newest("sums", detail::shape_of_projection<sums>(), ~position{0}).value().has_value();
  });
}

BOOST_AUTO_TEST_SUITE_END()
