// Direct reads of a model, beside its projector.
#include "store/child_process.hpp"
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

std::int64_t asked(runtime& rt, token at) {
  return rt.ask<sums>(sum_of{"a"}, at_least{at, std::chrono::seconds{60}}).get().value();
}

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

BOOST_AUTO_TEST_CASE(rule_9_waiting_inside_a_read_ends_with_a_message) {
  using wait = std::function<void(runtime&)>;
  // What is answered already is not waited for, on a busy machine: not a hundred times, one after the other.
  constexpr int often = 100;
  for (const wait& waits : {wait{[](runtime& rt) {
                              for (int i = 0; i < often; ++i) (void)rt.send<counter>("a", add{1}).get();
                            }},
                            wait{[](runtime& rt) {
                              for (int i = 0; i < often; ++i) (void)rt.ask<sums>(sum_of{"a"}).get();
                            }},
                            wait{[](runtime& rt) { (void)asked(rt, {rt.head().history, rt.head().at + 1}); }},
                            wait{[](runtime& rt) { (void)rt.settle(std::chrono::seconds{1}); }}}) {
    const auto end = run_in_child([&] {
      temporary_directory place;
      auto rt = with_sums(place);
      (void)rt.read<sums>([&](const auto&, position) { waits(rt); });
    });
    BOOST_TEST(end.aborted);
    BOOST_TEST(end.said.find("inside a read") != std::string::npos, end.said);
  }
}

BOOST_AUTO_TEST_SUITE_END()
