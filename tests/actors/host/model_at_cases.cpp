// Read models as they were: model_at().
#include "support/memory_engine.hpp"
#include "support/temporary_directory.hpp"

#include <annals/fold.hpp>

#include <boost/test/unit_test.hpp>

#include <stdexcept>

using namespace annals;
using namespace world;

namespace {

using sums_by_key = std::map<std::string, std::int64_t, std::less<>>;

/// Does not like the third note.
template <on_failure Then>
struct fragile {
  static constexpr std::string_view name = "fragile";
  static constexpr failure_policy on_failure{3, std::chrono::hours{1}, Then};
  using follows = types<counter>;
  using queries = types<>;
  struct model {
    int seen = 0;
    std::vector<position> all;
  };
  static void apply(model& m, const noted&, const record_view& r) {
    if (++m.seen == 3) throw std::runtime_error("the third is too much");
    m.all.push_back(r.at);
  }
};
using leaves_out = fragile<on_failure::park_event>;
using leaves_streams_out = fragile<on_failure::park_stream>;
using is_stopped = fragile<on_failure::stop>;
using places = std::vector<position>;

/// A store with `a` and `b` in turn, the n-th record adding n to its own.
runtime with_turns(const temporary_directory& place, int records) {
  auto rt = runtime::open(place / "store", memory_engine::quiet());
  rt->host<counter>().value();
  rt->start().value();
  for (int i = 1; i <= records; ++i) rt->send<counter>(i % 2 ? "a" : "b", add{i}).get().value();
  return std::move(*rt);
}

/// What model_at() has to come to.
sums_by_key sums_at(position at, std::string_view keys) {
  sums_by_key all;
  for (position p = 1; p <= at; ++p)
    if (const std::string key{p % 2 ? "a" : "b"}; keys.find(key) != std::string_view::npos) all[key] += static_cast<std::int64_t>(p);
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(models_as_they_were)

BOOST_AUTO_TEST_CASE(at_every_position_with_any_choice_of_streams_with_and_without_an_index) {
  constexpr position head = 30;
  temporary_directory place;
  auto rt = std::make_optional(with_turns(place, head));
  for (const bool is_indexed : {false, true}) {
    for (position at = 0; at <= head + 2; ++at) {
      const auto all = rt->model_at<sums>(at).value();
      BOOST_TEST((all.model.by_key == sums_at(std::min(at, head), "ab")));
      BOOST_TEST(all.at == std::min(at, head));
      const auto named = rt->model_at<sums>(at, std::vector<std::string>{"counter-b", "counter-none"}).value();
      BOOST_TEST((named.model.by_key == sums_at(std::min(at, head), "b")));
      BOOST_TEST(named.at == std::min(at, head));
      const auto picked = rt->model_at<sums>(at, [](std::string_view stream) { return stream == "counter-a"; }).value();
      BOOST_TEST((picked.model.by_key == sums_at(std::min(at, head), "a")));
    }
    if (!is_indexed) {
      rt.reset();  // the index is written when it closes
      rt.emplace(runtime::open(place / "store", memory_engine::quiet()).value());
      rt->host<counter>().value();
      rt->start().value();
    }
  }
}

BOOST_AUTO_TEST_CASE(what_is_durable_when_asked_is_in_it) {
  temporary_directory place;
  auto rt = with_turns(place, 0);
  for (int i = 1; i <= 50; ++i) {
    const auto at = rt.send<counter>("a", add{1}).get()->token.at;
    BOOST_TEST(rt.model_at<sums>(at).value().at == at);
  }
}

BOOST_AUTO_TEST_CASE(an_event_that_cannot_be_applied_is_named_where_the_projection_stops) {
  temporary_directory place;
  auto rt = with_turns(place, 2);
  for (int i = 0; i < 3; ++i) rt.send<counter>("c", note{"x"}).get().value();
  BOOST_TEST(rt.model_at<is_stopped>(4)->model.seen == 2);
  const auto broken = rt.model_at<is_stopped>(5);
  BOOST_TEST_REQUIRE(!broken.has_value());
  BOOST_TEST((broken.error().code == errc::projection_failed));
  BOOST_TEST(broken.error().place == 5u);
  BOOST_TEST(rt.model_at<is_stopped>(5, std::vector<std::string>{"counter-a"}).has_value());
}

BOOST_AUTO_TEST_CASE(an_event_that_cannot_be_applied_is_left_out_and_told_as_the_projection_parks_it) {
  temporary_directory place;
  {
    auto rt = with_turns(place, 0);
    for (const auto* key : {"c", "d", "c", "c", "d"}) rt.send<counter>(key, note{"x"}).get().value();
    const auto one = rt.model_at<leaves_out>(5).value();
    BOOST_TEST((one.model.all == places{1, 2, 4, 5}));
    BOOST_TEST_REQUIRE(one.left_out.size() == 1u);
    BOOST_TEST(one.left_out[0].at == 3u);
    BOOST_TEST(one.left_out[0].stream == "counter-c");
    BOOST_TEST(one.left_out[0].error.find("the third is too much") != std::string::npos);
    const auto streams = rt.model_at<leaves_streams_out>(5).value();
    BOOST_TEST((streams.model.all == places{1, 2, 5}));
    BOOST_TEST_REQUIRE(streams.left_out.size() == 2u);
    BOOST_TEST(streams.left_out[1].error == "waits for position 3");
    BOOST_TEST(rt.model_at<leaves_out>(2).value().left_out.empty());
  }
  const auto view = store_view::open(place / "store").value();
  leaves_out::model model;
  BOOST_TEST((fold<leaves_out>(view, model).error().place == 3u));
  std::vector<parked_event> left_out;
  BOOST_TEST(fold<leaves_out>(view, model = {}, 1, &left_out).value() == 6u);
  BOOST_TEST((model.all == places{1, 2, 4, 5}));
  BOOST_TEST(left_out.size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
