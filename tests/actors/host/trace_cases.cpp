// What is traced: the spans of a command and of everything that follows from it, and what its records keep.
#include "support/traced.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>

using namespace annals;
using namespace world;
using namespace traced;

BOOST_AUTO_TEST_SUITE(traces)

BOOST_AUTO_TEST_CASE(what_is_not_sampled_leaves_no_trace_anywhere) {
  memory_store plain, told;
  {
    virtual_engine e{plain, true, host_relay, options_for()};
    e.note("a", "add 5");
  }
  {
    virtual_engine e{told, true, host_relay, options_for()};
    send<counter>(e, "a", note{"add 5"}, {.trace = not_sampled});
    BOOST_TEST(spans_of(e).all.empty());
    BOOST_TEST(counted(e, "annals_trace_contexts_ignored_total") == 0);
  }
  BOOST_TEST((plain.log->records == told.log->records));  // byte for byte
}

BOOST_AUTO_TEST_CASE(a_sampled_record_has_24_bytes_more_and_the_span_that_wrote_it) {
  memory_store plain, told;
  {
    virtual_engine e{plain};
    e.note("a", "text");
  }
  virtual_engine e{told};
  send<counter>(e, "a", note{"text"}, {.trace = sampled});
  const auto seen = spans_of(e);
  BOOST_TEST(told.log->records.at(0).size() == plain.log->records.at(0).size() + 24);
  BOOST_TEST(traces_in(told).at(0) == to_string(seen.the("send note").id));
}

BOOST_AUTO_TEST_CASE(a_traceparent_that_cannot_be_read_is_ignored_and_counted) {
  memory_store store;
  virtual_engine e{store};
  for (const auto* text : {"x", "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"})
    send<counter>(e, "a", note{"text"}, {.trace = text});
  send<counter>(e, "a", note{"text"}, {.trace = std::string(10'000, 'x')});
  BOOST_TEST(spans_of(e).all.empty());
  BOOST_TEST(counted(e, "annals_trace_contexts_ignored_total") == 4);
  for (const auto& one : traces_in(store)) BOOST_TEST(one.empty());
}

BOOST_AUTO_TEST_CASE(without_a_parent_the_ratio_decides_once_for_all_that_follows) {
  memory_store store;
  virtual_engine e{store, true, host_relay, options_for(0.5)};
  for (int i = 0; i < 60; ++i) e.note("a", "add 1");
  for (int i = 0; i < 5; ++i) e.settle();
  const auto seen = spans_of(e);
  seen.check_each();
  const auto roots = seen.count("send note");
  BOOST_TEST(roots > 10u);
  BOOST_TEST(roots < 50u);
  BOOST_TEST(seen.count("send add") == roots);  // the relay's commands are of its traces, and start none
  for (const auto& one : seen.all)
    if (one.name == "send note")
      BOOST_TEST((one.parent == std::array<std::uint8_t, 8>{}));
    else
      BOOST_TEST(seen.path_of(one).starts_with("send note/"), seen.path_of(one));
}

BOOST_AUTO_TEST_CASE(a_parent_that_is_not_sampled_outweighs_the_ratio) {
  memory_store store;
  virtual_engine e{store, true, {}, options_for(1)};
  send<counter>(e, "a", note{"text"}, {.trace = not_sampled});
  BOOST_TEST(spans_of(e).all.empty());
  e.note("a");
  BOOST_TEST(spans_of(e).count("send note") == 1u);
}

BOOST_AUTO_TEST_CASE(a_refusal_by_the_domain_is_an_outcome_without_its_detail) {
  memory_store store;
  virtual_engine e{store};
  const auto ask = [&](auto command) {
    const auto sent = e.engine().send("counter", "a", command.about.name, encoded(command), {.trace = sampled});
    e.settle();
    BOOST_TEST(!sent->await().has_value());
    return spans_of(e);
  };
  const auto rejected = ask(add{-987'654'321});
  BOOST_TEST(rejected.the("send add").outcome == "rejected");
  BOOST_TEST(rejected.the("decide add").outcome == "rejected");
  BOOST_TEST(!rejected.the("send add").has_failed);
  BOOST_TEST(!rejected.the("decide add").has_failed);
  BOOST_TEST(rejected.count("commit") == 0u);
  const auto failed = ask(throw_in_decide{});
  BOOST_TEST(failed.the("send throw_in_decide").outcome == "failed");
  BOOST_TEST(failed.the("send throw_in_decide").has_failed);
  BOOST_TEST(failed.the("decide throw_in_decide").has_failed);
}

BOOST_AUTO_TEST_CASE(the_commits_of_one_batch_are_linked_to_its_first) {
  memory_store store;
  virtual_engine e{store};
  e.note("a");
  e.note("b");
  for (const auto* key : {"a", "b", "a"}) (void)e.engine().send("counter", key, note::about.name, encoded(note{"x"}), {.trace = sampled});
  (void)e.engine().send("counter", "b", note::about.name, encoded(note{"x"}), {});
  e.settle();
  const auto seen = spans_of(e);
  std::vector<trace_span> commits;
  for (const auto& one : seen.all)
    if (one.name == "commit") commits.push_back(one);
  BOOST_TEST_REQUIRE(commits.size() == 3u);
  for (const auto& one : commits) BOOST_TEST(one.batch_events > 0u);
  std::size_t firsts = 0, linked = 0;
  for (const auto& one : commits) {
    firsts += !one.link.is_set();
    linked += std::any_of(commits.begin(), commits.end(), [&](const auto& other) { return other.id == one.link; });
  }
  BOOST_TEST(firsts >= 1u);
  BOOST_TEST(firsts + linked == 3u);
}

BOOST_AUTO_TEST_CASE(names_of_streams_can_be_left_out) {
  memory_store store;
  auto with = options_for();
  with.trace_streams = false;
  virtual_engine e{store, true, host_relay, with};
  send<counter>(e, "Ada Lovelace", note{"add 5"}, {.trace = sampled});
  for (int i = 0; i < 5; ++i) e.settle();
  const auto seen = spans_of(e);
  BOOST_TEST(seen.all.size() > 8u);
  for (const auto& one : seen.all) {
    BOOST_TEST(one.stream.empty());
    BOOST_TEST(!one.category.empty());
    BOOST_TEST(one.name.find("Ada") == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(neither_a_rebuild_nor_a_start_makes_spans) {
  memory_store store;
  const auto host = [](detail::engine& engine) { engine.add(detail::table_of_projection<sums>()).value(); };
  auto with = options_for();
  with.image_every_records = 0;
  {
    virtual_engine e{store, true, host, with};
    for (int i = 0; i < 5; ++i) send<counter>(e, "a", add{1}, {.trace = sampled});
    BOOST_TEST(spans_of(e).count("apply sums") == 5u);
    const auto rebuilt = e.engine().order("sums", actors::rebuild_model{});
    e.settle();
    BOOST_TEST(rebuilt->await().has_value());
    BOOST_TEST(spans_of(e).all.empty());
    send<counter>(e, "a", add{1}, {.trace = sampled});  // the model that replaced it is live
    BOOST_TEST(spans_of(e).count("apply sums") == 1u);
  }
  virtual_engine e{store, true, host, with};
  e.settle();
  BOOST_TEST(spans_of(e).all.empty());
  send<counter>(e, "a", add{1}, {.trace = sampled});
  BOOST_TEST(spans_of(e).count("apply sums") == 1u);
}

BOOST_AUTO_TEST_CASE(a_timer_keeps_its_trace_and_a_late_one_has_a_trace_of_its_own) {
  memory_store store;
  trace_span set;
  {
    virtual_engine e{store, true, host_relay, options_for()};
    send<counter>(e, "a", note{"wait"}, {.trace = sampled});
    e.settle();
    set = spans_of(e).the("observe relay");
    e.pass(3s);
    const auto seen = spans_of(e);
    BOOST_TEST((seen.the("observe relay").parent == set.id.span_id));
    BOOST_TEST((seen.the("send add").id.trace_id == set.id.trace_id));
    send<counter>(e, "a", note{"wait"}, {.trace = sampled});
    e.settle();
    set = spans_of(e).the("observe relay");
  }
  memory_engine e{store, options_for(), host_relay, 1'000'000 + std::chrono::microseconds{2h}.count()};
  wait_until([&] { return e.sum("target", {}) == 14; });
  e.engine->settle(60s).value();
  const taken_spans seen{*e.engine->spans()};
  const auto& late = seen.the("observe relay");
  BOOST_TEST((late.id.trace_id != set.id.trace_id));
  BOOST_TEST((late.parent == std::array<std::uint8_t, 8>{}));
  BOOST_TEST((late.link == set.id));
  BOOST_TEST((seen.the("send add").id.trace_id == late.id.trace_id));
  BOOST_TEST((seen.the("send add").parent == late.id.span_id));
}

BOOST_AUTO_TEST_CASE(members_of_subscriptions_see_the_trace) {
  memory_store store;
  virtual_engine e{store};
  member m{e, "mails"};
  send<counter>(e, "a", note{"text"}, {.trace = sampled});
  e.note("a");
  const auto events = m.take();
  BOOST_TEST_REQUIRE(events.size() == 2u);
  BOOST_TEST((events[0].record.trace == spans_of(e).the("send note").id));
  BOOST_TEST(!events[1].record.trace.is_set());
}

BOOST_AUTO_TEST_CASE(a_full_ring_drops_and_counts_and_nobody_waits) {
  memory_store store;
  virtual_engine e{store, true, {}, options_for(1)};
  constexpr std::size_t commands = 8'000;  // three spans each
  for (std::size_t i = 0; i < commands; ++i) {
    (void)e.engine().send("counter", "a", note::about.name, encoded(note{"x"}), {});
    if (i % 1'000 == 0) e.settle();
  }
  e.settle();
  BOOST_TEST(store.log->records.size() == commands);
  const auto dropped = counted(e, "annals_trace_spans_total", {"dropped"});
  const auto kept = e.engine().spans()->size();
  BOOST_TEST(kept == 16'384u);
  BOOST_TEST(kept + static_cast<std::size_t>(dropped) == 3 * commands + 1);  // and one load
  e.engine().spans()->exported(5);
  e.engine().spans()->failed(6);
  BOOST_TEST(counted(e, "annals_trace_spans_total", {"exported"}) == 5);
  BOOST_TEST(counted(e, "annals_trace_spans_total", {"failed"}) == 6);
}

BOOST_AUTO_TEST_CASE(a_ratio_out_of_range_is_refused) {
  for (const auto ratio : {-0.1, 1.1, std::numeric_limits<double>::quiet_NaN()}) {
    options with;
    with.trace_ratio = ratio;
    BOOST_TEST(!detail::engine::check(with).has_value(), ratio);
  }
}

BOOST_AUTO_TEST_SUITE_END()
