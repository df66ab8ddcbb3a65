// What a projection may ask of its runtime while it applies an event: the model is locked then, and nobody may wait for a lock.
#include "support/memory_engine.hpp"
#include "support/printed.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <future>

using namespace annals;
using namespace world;

namespace {

/// Two of them, which apply at the same time.
template <int Number>
struct curious {
  static constexpr std::string_view name = Number == 1 ? "curious-1" : "curious-2";
  using follows = types<counter>;
  using queries = types<sum_of>;
  struct model {
    std::int64_t sum = 0;
  };
  static inline std::function<void()> asks;
  static void apply(model& m, const added& e, const record_view&) {
    m.sum += e.amount;
    if (asks) asks();
  }
  static std::int64_t answer(const model& m, const sum_of&) { return m.sum; }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(in_apply)

BOOST_AUTO_TEST_CASE(case_65_health_read_and_parked_do_not_wait_for_the_model_that_is_being_written) {
  const temporary_directory place;
  auto rt = runtime::open(place / "store", memory_engine::quiet()).value();
  rt.host<counter>().value();
  rt.project<curious<1>>().value();
  rt.project<curious<2>>().value();
  rt.start().value();
  std::mutex mutex;
  std::vector<errc> codes;
  std::size_t seen = 0;
  const auto ask = [&](std::string_view own, std::string_view other) {
    const auto health = rt.health();
    const std::array asked{rt.parked(own).error().code, rt.parked(other).error().code, rt.read<curious<1>>([](const auto&, position) {}).error().code,
                           rt.read<curious<2>>([](const auto&, position) {}).error().code};
    const std::lock_guard lock{mutex};
    codes.insert(codes.end(), asked.begin(), asked.end());
    seen += health.projections.size();
  };
  curious<1>::asks = [&] { ask("curious-1", "curious-2"); };
  curious<2>::asks = [&] { ask("curious-2", "curious-1"); };
  constexpr int times = 200;
  token last;
  for (int n = 0; n < times; ++n) last = rt.send<counter>("a", add{1}).get().value().token;
  const at_least all{last, std::chrono::seconds{60}};
  BOOST_TEST(rt.ask<curious<1>>(sum_of{}, all).get().value() == times);
  BOOST_TEST(rt.ask<curious<2>>(sum_of{}, all).get().value() == times);
  BOOST_TEST(codes.size() == 2u * 4 * times);
  BOOST_TEST(std::all_of(codes.begin(), codes.end(), [](errc code) { return code == errc::misuse; }));
  BOOST_TEST(seen == 2u * 2 * times);
  curious<1>::asks = curious<2>::asks = nullptr;
  BOOST_TEST(rt.health().projections.at(0).at == last.at);
}

BOOST_AUTO_TEST_CASE(case_65_an_apply_that_does_not_return_keeps_nobody_waiting_who_asks_for_health) {
  const temporary_directory place;
  auto rt = runtime::open(place / "store", memory_engine::quiet()).value();
  rt.host<counter>().value();
  rt.project<curious<1>>().value();
  rt.project<curious<2>>().value();
  rt.start().value();
  std::promise<void> began, may_end;
  curious<1>::asks = [&] {
    began.set_value();
    may_end.get_future().wait();
  };
  const auto written = rt.send<counter>("a", add{1}).get().value().token;
  began.get_future().wait();
  BOOST_TEST(rt.ask<curious<2>>(sum_of{}, at_least{written, std::chrono::seconds{60}}).get().value() == 1);
  auto asked = std::async(std::launch::async, [&] { return rt.health(); });
  const auto answered = asked.wait_for(std::chrono::seconds{60});
  may_end.set_value();
  BOOST_TEST((answered == std::future_status::ready));
  const auto then = asked.get();
  BOOST_TEST(then.projections.at(0).at == 0u);
  BOOST_TEST(then.projections.at(1).at == written.at);
  BOOST_TEST(rt.ask<curious<1>>(sum_of{}, at_least{written, std::chrono::seconds{60}}).get().value() == 1);
  curious<1>::asks = nullptr;
}

BOOST_AUTO_TEST_SUITE_END()
