// What a host calls about its read models, through the runtime, on disk: rebuild, parked, retry, skip.
#include "support/memory_engine.hpp"
#include "support/printed.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <optional>

using namespace annals;
using namespace world;

namespace {

/// Adds up, with what the code of the day makes of each; does not like thirteen until it is cured.
struct fussy {
  static constexpr std::string_view name = "fussy";
  static constexpr failure_policy on_failure{2, std::chrono::milliseconds{1}};
  using follows = annals::types<counter>;
  using queries = annals::types<sum_of>;
  struct model {
    std::int64_t sum = 0;
    static constexpr auto about = annals::describe<&model::sum>("fussy", 1);
  };
  static inline std::atomic<bool> cures{false};
  static inline std::atomic<std::int64_t> each{1};
  static void apply(model& m, const added& e, const record_view&) {
    if (e.amount == 13 && !cures) throw std::runtime_error("does not like thirteen");
    m.sum += e.amount * each;
  }
  static std::int64_t answer(const model& m, const sum_of&) { return m.sum; }
};

struct store_of_fussy {
  temporary_directory place;
  std::optional<runtime> rt;
  token last;

  store_of_fussy() {
    fussy::cures = false;
    fussy::each = 1;
    open();
  }
  void open() {
    rt.reset();
    rt.emplace(runtime::open(place / "store", memory_engine::quiet()).value());
    rt->host<counter>().value();
    rt->project<fussy>().value();
    rt->project<sums>().value();
    rt->start().value();
  }
  void add_up(std::initializer_list<std::int64_t> amounts) {
    for (const auto amount : amounts) last = rt->send<counter>("a", add{amount}).get().value().token;
  }
  std::int64_t sum() { return rt->ask<fussy>(sum_of{}, at_least{last, std::chrono::seconds{60}}).get().value(); }
  std::vector<position> parked() {
    std::vector<position> all;
    for (const auto& one : rt->parked("fussy").value()) all.push_back(one.at);
    return all;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(runtime_calls)

BOOST_FIXTURE_TEST_CASE(a_rebuild_by_type_and_one_by_name, store_of_fussy) {
  add_up({1, 2, 4});
  BOOST_TEST(sum() == 7);
  fussy::each = 2;
  BOOST_TEST(sum() == 7);
  BOOST_TEST(rt->rebuild<fussy>().get().value() == 3u);
  BOOST_TEST(sum() == 14);
  fussy::each = 3;
  BOOST_TEST(rt->rebuild("fussy").get().value() == 3u);
  BOOST_TEST(sum() == 21);
  BOOST_TEST((rt->rebuild("nobody").get().error().code == errc::not_hosted));
}

BOOST_FIXTURE_TEST_CASE(what_is_parked_is_listed_tried_again_and_skipped_for_ever, store_of_fussy) {
  add_up({1, 13, 2, 13, 4});
  BOOST_TEST(sum() == 7);
  const auto listed = rt->parked("fussy").value();
  BOOST_TEST_REQUIRE(listed.size() == 2u);
  BOOST_TEST(listed[0].at == 2u);
  BOOST_TEST(listed[0].stream == "counter-a");
  BOOST_TEST(listed[0].attempts == 2u);
  BOOST_TEST(listed[0].error.find("does not like thirteen") != std::string::npos);
  BOOST_TEST(listed[1].at == 4u);
  BOOST_TEST((rt->parked("nobody").error().code == errc::not_hosted));

  BOOST_TEST((rt->retry_parked("fussy", 2).get().error().code == errc::projection_failed));
  BOOST_TEST((rt->retry_parked("fussy", 3).get().error().code == errc::not_found));
  BOOST_TEST((rt->retry_parked("nobody", 2).get().error().code == errc::not_hosted));
  BOOST_TEST((rt->skip_parked("fussy", 3).get().error().code == errc::not_found));
  BOOST_TEST((parked() == positions{2, 4}));

  BOOST_TEST(rt->skip_parked("fussy", 4).get().value() == 4u);
  BOOST_TEST((parked() == positions{2}));
  fussy::cures = true;
  BOOST_TEST(rt->retry_parked("fussy", 2).get().value() == 2u);
  BOOST_TEST(parked().empty());
  BOOST_TEST(sum() == 20);

  rt.reset();
  std::filesystem::remove_all(place / "store/derived");
  open();
  BOOST_TEST(sum() == 20);
  BOOST_TEST(rt->rebuild<fussy>().get().value() == 5u);
  BOOST_TEST(sum() == 20);
  BOOST_TEST(parked().empty());
}

BOOST_AUTO_TEST_SUITE_END()
