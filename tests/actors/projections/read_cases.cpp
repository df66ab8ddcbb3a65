// Direct reads of a model, beside its projector.
#include "support/memory_engine.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace annals;
using namespace world;

namespace {

runtime with_sums(const temporary_directory& place) {
  auto rt = runtime::open(place / "store", memory_engine::quiet());
  rt->host<counter>().value();
  rt->project<sums>().value();
  rt->start().value();
  return std::move(*rt);
}

std::int64_t asked(runtime& rt, token at) { return rt.ask<sums>(sum_of{"a"}, at_least{at, std::chrono::seconds{60}}).get().value(); }

}  // namespace

BOOST_AUTO_TEST_SUITE(direct_reads)

BOOST_AUTO_TEST_CASE(every_read_sees_the_model_as_it_was_at_one_position) {
  temporary_directory place;
  auto rt = with_sums(place);
  std::atomic<bool> is_done{false}, is_wrong{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i)
    readers.emplace_back([&] {
      for (position before = 0; !is_done;) {
        auto ok = rt.read<sums>([&](const sums::model& m, position at) {
          if (m.applied != at || m.last != at || at < before) is_wrong = true;
          before = at;
        });
        if (!ok) is_wrong = true;
      }
    });
  constexpr int commands = 3'000;
  std::vector<pending<receipt>> sent;
  for (int i = 0; i < commands; ++i) sent.push_back(rt.send<counter>(i % 2 ? "a" : "b", add{1}));
  token last;
  for (auto& s : sent) last = s.get()->token;
  BOOST_TEST(asked(rt, last) == commands / 2);  // the projector gets its turn beside them
  is_done = true;
  for (auto& r : readers) r.join();
  BOOST_TEST(!is_wrong);
}

BOOST_AUTO_TEST_CASE(a_read_may_be_inside_a_read) {
  temporary_directory place;
  auto rt = with_sums(place);
  asked(rt, rt.send<counter>("a", add{7}).get()->token);
  std::int64_t seen = 0;
  rt.read<sums>([&](const auto&, position outer) {
      rt.read<sums>([&](const sums::model& m, position inner) {
          BOOST_TEST(inner == outer);
          seen = m.by_key.at("a");
        }).value();
    }).value();
  BOOST_TEST(seen == 7);
}

BOOST_AUTO_TEST_CASE(a_read_that_throws_leaves_the_model_as_it_was) {
  temporary_directory place;
  auto rt = with_sums(place);
  BOOST_CHECK_THROW((void)rt.read<sums>([](const auto&, position) { throw std::runtime_error("a host's mistake"); }), std::runtime_error);
  BOOST_TEST(asked(rt, rt.send<counter>("a", add{7}).get()->token) == 7);
}

BOOST_AUTO_TEST_CASE(case_70_waiting_inside_a_read_is_misuse) {
  temporary_directory place;
  auto rt = with_sums(place);
  const auto code_of = [](const auto& r) { return r ? errc{0} : r.error().code; };
  rt.read<sums>([&](const auto&, position) {
      BOOST_TEST((code_of(rt.settle(std::chrono::hours{1})) == errc::misuse));
      BOOST_TEST((code_of(rt.start()) == errc::misuse));
      const auto next = at_least{{rt.head().history, rt.head().at + 1}, std::chrono::hours{1}};
      BOOST_TEST((code_of(rt.ask<sums>(sum_of{"a"}, next).get()) == errc::misuse));
      rt.close();
      BOOST_TEST((code_of(rt.send<counter>("a", add{1}).get()) == errc::closed));
    }).value();
}

BOOST_AUTO_TEST_SUITE_END()
