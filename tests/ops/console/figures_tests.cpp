// The figures that a thread counts: right, and broken off when the console closes.
#include "ops/console/figures.hpp"
#include "support/wait_until.hpp"

#include <annals/detail/view_source.hpp>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <future>

using namespace annals;

namespace {

/// A store with so many streams that nobody comes to the end of their names. Counting all of it at once does not end before `may_end`.
class endless_store final : public detail::view_source {
public:
  mutable std::atomic<std::uint64_t> visited = 0;
  std::uint64_t streams_max = ~std::uint64_t{0};
  std::atomic<bool> may_end = false;

  std::optional<error> gone() const override { return std::nullopt; }
  const hosted_types& types() const override { return types_; }
  result<std::string> store_id() const override { return std::string(32, '0'); }
  result<token> head() const override { return token{1, 12}; }
  result<void> log(position, direction, const record_visitor&) const override { return {}; }
  result<void> stream(const std::string&, version, direction, const record_visitor&) const override { return {}; }
  result<detail::state_place> take_state(const detail::aggregate_table&, const std::string&, const as_of&,
                                         const detail::state_taker&) const override {
    return not_here("take_state");
  }
  result<past_bytes> state_of(const hosted_types&, const std::string&, const as_of&) const override { return not_here("state_of"); }
  result<void> parked(const std::function<bool(std::string_view, const parked_event&)>&) const override { return {}; }
  result<store_stats> stats(figures which) const override {
    if (which == figures::all) {
      ++visited;
      may_end.wait(false);
    }
    return store_stats{};
  }
  result<void> streams(std::string_view, std::string_view, const std::function<bool(std::string_view, version)>& visit) const override {
    for (std::uint64_t n = 0; n < streams_max && !may_end; ++n) {
      ++visited;
      if (!visit(n % 3 == 0 ? "a-1" : "b-" + std::to_string(n), n + 1)) break;
    }
    return {};
  }

private:
  hosted_types types_;
};

struct view_of : view {
  explicit view_of(std::shared_ptr<const detail::view_source> source) : view(std::move(source)) {}
};

}  // namespace

BOOST_AUTO_TEST_SUITE(ops_figures)

BOOST_AUTO_TEST_CASE(streams_and_records_are_counted_by_category) {
  const auto store = std::make_shared<endless_store>();
  store->streams_max = 4;
  const view_of seen{store};
  ops::cached_figures figures;
  figures.start(seen).value();
  const auto found = figures.newest(std::chrono::minutes{1});
  BOOST_TEST_REQUIRE(found != nullptr);
  BOOST_TEST(found->streams == 4u);
  BOOST_TEST(found->head == 12u);
  BOOST_TEST_REQUIRE(found->categories.size() == 2u);
  BOOST_TEST(found->categories[0].category == "a");
  BOOST_TEST(found->categories[0].streams == 2u);
  BOOST_TEST(found->categories[0].records == 5u);
  BOOST_TEST(found->categories[1].records == 5u);
}

BOOST_AUTO_TEST_CASE(closing_breaks_off_a_count_that_would_take_very_long) {
  const auto store = std::make_shared<endless_store>();
  const view_of seen{store};
  ops::cached_figures figures;
  figures.start(seen).value();
  BOOST_TEST((figures.newest(std::chrono::milliseconds{0}) == nullptr));
  wait_until([&] { return store->visited > 0; });
  auto closing = std::async(std::launch::async, [&] { figures.close(); });
  const auto closed = closing.wait_for(std::chrono::seconds{30});
  store->may_end = true;
  store->may_end.notify_all();
  BOOST_TEST((closed == std::future_status::ready));
}

BOOST_AUTO_TEST_SUITE_END()
