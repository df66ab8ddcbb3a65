// Events that it was decided a projection never handles: every model of it leaves them out, live, as it was, or folded from outside.
#include "support/printed.hpp"
#include "support/temporary_directory.hpp"
#include "support/world.hpp"

#include <annals/fold.hpp>
#include <annals/store_view.hpp>

#include <boost/test/unit_test.hpp>

#include <atomic>

using namespace annals;
using namespace world;
using namespace std::chrono_literals;

namespace {

using texts = std::vector<std::string>;

/// Keeps notes, and throws at bad ones until it is cured.
struct particular {
  static constexpr std::string_view name = "particular";
  static constexpr failure_policy on_failure{1, 1ms};
  using follows = types<counter>;
  using queries = types<sum_of>;
  struct model {
    texts seen;
  };
  static inline std::atomic<bool> is_cured{false};
  static void apply(model& m, const noted& e, const record_view&) {
    if (e.text.starts_with("bad") && !is_cured) throw std::runtime_error("does not like " + e.text);
    m.seen.push_back(e.text);
  }
  static std::int64_t answer(const model& m, const sum_of&) { return static_cast<std::int64_t>(m.seen.size()); }
};

/// The same events, and nobody has decided anything for it.
struct patient : particular {
  static constexpr std::string_view name = "patient";
};

runtime open_at(const std::filesystem::path& path) {
  options with;
  with.log_sink = [](log_level, std::string_view) {};
  auto rt = runtime::open(path, with).value();
  rt.host<counter>().value();
  rt.project<particular>().value();
  rt.start().value();
  return rt;
}

/// One note at each position from 1 on, of two counters in turn; those at 2 and 5 are parked, and then skipped.
runtime with_two_skipped(const std::filesystem::path& path) {
  particular::is_cured = false;
  auto rt = open_at(path);
  token last;
  for (const auto* text : {"1", "bad 2", "3", "4", "bad 5", "6"}) last = rt.send<counter>(last.at % 2 ? "b" : "a", note{text}).get().value().token;
  BOOST_TEST(rt.ask<particular>(sum_of{}, at_least{last, 60s}).get().value() == 4);
  for (const position at : {2, 5}) BOOST_TEST(rt.skip_parked("particular", at).get().value() == at);
  return rt;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(skipped)

BOOST_AUTO_TEST_CASE(a_model_as_it_was_leaves_them_out_as_the_live_one_does) {
  temporary_directory d;
  const auto rt = with_two_skipped(d / "store");
  for (const bool is_cured : {false, true}) {  // also when the present code could apply them
    particular::is_cured = is_cured;
    texts live;
    rt.read<particular>([&](const particular::model& m, position) { live = m.seen; }).value();
    BOOST_TEST((live == texts{"1", "3", "4", "6"}));
    BOOST_TEST((rt.model_at<particular>(6).value().model.seen == live));
    BOOST_TEST((rt.model_at<particular>(2).value().model.seen == texts{"1"}));
    BOOST_TEST((rt.model_at<particular>(6, texts{"counter-b"}).value().model.seen == texts{"4", "6"}));
    const auto of_a = [](std::string_view stream) { return stream == "counter-a"; };
    BOOST_TEST((rt.model_at<particular>(6, of_a).value().model.seen == texts{"1", "3"}));
  }
}

BOOST_AUTO_TEST_CASE(a_model_that_is_folded_from_outside_leaves_them_out) {
  temporary_directory d;
  with_two_skipped(d / "store").close();
  const auto view = store_view::open(d / "store").value();
  BOOST_TEST((view.skipped("particular").value() == std::set<position>{2, 5}));
  for (const bool is_cured : {false, true}) {
    particular::is_cured = is_cured;
    particular::model all, of_b;
    BOOST_TEST(fold<particular>(view, all).value() == 7u);
    BOOST_TEST((all.seen == texts{"1", "3", "4", "6"}));
    BOOST_TEST(fold_stream<particular>(view, "counter-b", of_b).value() == 4u);
    BOOST_TEST((of_b.seen == texts{"4", "6"}));
  }
}

BOOST_AUTO_TEST_CASE(the_decision_is_of_one_projection) {
  temporary_directory d;
  {
    const auto rt = with_two_skipped(d / "store");
    const auto left_out = rt.model_at<patient>(6).value().left_out;
    BOOST_TEST_REQUIRE(!left_out.empty());
    BOOST_TEST(left_out[0].at == 2u);
    particular::is_cured = true;
    BOOST_TEST(rt.model_at<patient>(6).value().model.seen.size() == 6u);
  }
  const auto view = store_view::open(d / "store").value();
  BOOST_TEST(view.skipped("patient").value().empty());
  patient::model model;
  BOOST_TEST(fold<patient>(view, model).value() == 7u);
  BOOST_TEST(model.seen.size() == 6u);
}

BOOST_AUTO_TEST_SUITE_END()
