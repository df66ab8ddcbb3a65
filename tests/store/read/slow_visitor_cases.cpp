// Slow visitors are called outside of transactions, and see the same as quick ones.
#include "store/derived/memory_derived_store.hpp"
#include "store/read/scan.hpp"
#include "support/printed.hpp"
#include "support/store/kept_run.hpp"
#include "support/store/log_worlds.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <utility>

using namespace annals;
using namespace annals::store;

namespace {

/// A log that knows whether a read is in progress, and whose views are valid only during each call.
class watched_log final : public log {
  template <class Read>
  auto watch(const record_visitor& visit, Read&& read) const {
    is_read_ = true;
    auto outcome = read([&](const record_view& record) {
      std::string stream{record.stream}, payload{record.payload};
      auto passing = record;
      passing.stream = stream;
      passing.payload = payload;
      const bool go_on = visit(passing);
      for (auto* text : {&stream, &payload}) text->assign(text->size(), '?');
      return go_on;
    });
    is_read_ = false;
    return outcome;
  }

public:
  explicit watched_log(const log& of) : of_(&of) {}
  bool is_read() const { return is_read_; }

  const log_identity& identity() const override { return of_->identity(); }
  commit_outcome commit(position, std::span<const std::string_view>) override { return {commit_status::failed, {}}; }
  commit_outcome drain(std::span<const control_entry>) override { return {commit_status::failed, {}}; }
  position durable() const override { return of_->durable(); }
  position readable() const override { return of_->readable(); }
  timestamp last_time() const override { return of_->last_time(); }
  void on_readable(std::function<void(position)>) override {}
  result<position> read(position from, const read_limits& limits, const record_visitor& visit) const override {
    return watch(visit, [&](const record_visitor& passing) { return of_->read(from, limits, passing); });
  }
  result<void> read_at(std::span<const position> positions, const record_visitor& visit) const override {
    return watch(visit, [&](const record_visitor& passing) { return of_->read_at(positions, passing); });
  }
  result<void> control(std::string_view, const control_visitor&) const override { return {}; }
  result<void> backup(const std::filesystem::path&) const override { return {}; }

private:
  const log* of_;
  mutable bool is_read_ = false;
};

/// 3,000 records; every third is of "b-1" and has 12 KB. So a scan takes several parts, by number and by size. The index has two thirds.
struct world {
  worlds::in_memory in;
  memory_derived_store index{std::make_shared<memory_derived_disk>()};
  watched_log log{in.log()};

  world() {
    const std::string large(12'000, 'y');
    std::vector<position> positions;
    for (version v = 1; v <= 1'000; ++v) {
      next_of(in.log()).add("a-1", 2 * v - 1, 2 * v, std::to_string(v)).add("b-1", v, v, std::to_string(v) + large).commit_to(in.log());
      if (v <= 666) positions.push_back(3 * v);
    }
    index.flush(runs_of(std::vector<kept_run>{{"b-1", 1, positions}}), {}, {1'998, 0}).value();
  }
};

using place = std::pair<position, std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(slow_visitors)

BOOST_AUTO_TEST_CASE(they_see_what_quick_ones_see_and_no_transaction) {
  world w;
  const auto seen = [&](auto&& scan, visitor_is how, std::size_t most) {
    std::vector<place> all;
    scan(
        [&](const record_view& record) {
          BOOST_TEST_REQUIRE(w.log.is_read() == (how == visitor_is::quick));
          all.emplace_back(record.at, std::string{record.stream}.append(record.payload));
          return all.size() < most;
        },
        how)
        .value();
    return all;
  };
  const auto check = [&](auto&& scan, std::size_t count) {
    for (const std::size_t most : {std::size_t{1}, std::size_t{999}, std::size_t{1'001}, ~std::size_t{0}}) {
      const auto slow = seen(scan, visitor_is::slow, most);
      BOOST_TEST(slow.size() == std::min(count, most));
      BOOST_TEST((slow == seen(scan, visitor_is::quick, most)));
    }
  };
  for (const position from : {1, 2, 1'500, 2'999}) check([&](auto&& visit, visitor_is how) { return scan(w.log, from, visit, how); }, 3'001 - from);
  for (const version from : {1, 2, 600, 667, 1'000})
    for (const store::stream_index* index : {static_cast<const store::stream_index*>(&w.index), static_cast<const store::stream_index*>(nullptr)})
      check([&](auto&& visit, visitor_is how) { return scan_stream(w.log, index, "b-1", from, visit, how); }, 1'001 - from);
}

BOOST_AUTO_TEST_CASE(they_see_what_precedes_a_bad_record_and_then_its_place) {
  world w;
  w.in.damage(1'503);
  for (const auto how : {visitor_is::quick, visitor_is::slow}) {
    std::size_t seen = 0;
    const auto whole = scan(w.log, 1, [&](const record_view&) { return ++seen > 0; }, how);
    BOOST_TEST(seen == 1'502u);
    BOOST_TEST_REQUIRE(!whole.has_value());
    BOOST_TEST(whole.error().place == 1'503u);
    seen = 0;
    const auto one = scan_stream(w.log, &w.index, "b-1", 1, [&](const record_view&) { return ++seen > 0; }, how);
    BOOST_TEST(seen == 500u);
    BOOST_TEST_REQUIRE(!one.has_value());
    BOOST_TEST(one.error().place == 1'503u);
    BOOST_TEST(scan(w.log, 1, [](const record_view& record) { return record.at < 1'502; }, how).has_value());  // stopped before the damage
  }
}

BOOST_AUTO_TEST_CASE(streams_are_visited_outside_too) {
  world w;
  std::vector<kept_run> runs;
  for (int i = 0; i < 2'500; ++i) runs.push_back({"a-2" + std::to_string(i), 1, {static_cast<position>(i + 1)}});
  std::sort(runs.begin(), runs.end(), [](const kept_run& a, const kept_run& b) { return a.stream < b.stream; });
  w.index.flush(runs_of(runs), {}, {1'998, 0}).value();
  std::vector<std::string> seen;
  const auto ok = scan_streams(w.log, &w.index, "", [&](std::string_view name, version newest) {
    BOOST_TEST(!w.log.is_read());
    w.index.flush({}, {}, {1'998, 0}).value();  // would wait forever if a read held the lock of the index
    seen.push_back(std::string{name} + "@" + std::to_string(newest));
    return true;
  });
  BOOST_TEST(ok.has_value());
  BOOST_TEST_REQUIRE(seen.size() == 2'502u);  // "a-1", which the index does not have, comes first; "b-1" comes last
  BOOST_TEST(seen.front() == "a-1@2000");
  BOOST_TEST(seen.back() == "b-1@1000");
  BOOST_TEST(std::is_sorted(seen.begin(), seen.end() - 1, [](auto& a, auto& b) { return a.substr(0, a.find('@')) < b.substr(0, b.find('@')); }));
}

BOOST_AUTO_TEST_SUITE_END()
