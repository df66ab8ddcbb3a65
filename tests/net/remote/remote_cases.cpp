// Calls to another node, over real links on loopback: the same as to a runtime.
#include "net/remote/near_and_far.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

using namespace std::chrono_literals;
using annals::errc;
using world::add;
using world::counter;

namespace {

/// Host code that does not know where its node is.
std::int64_t add_and_ask(annals::node& on, std::string_view key, std::int64_t amount) {
  const auto done = on.send<counter>(key, add{amount}).get().value();
  return on.ask<world::sums>(world::sum_of{std::string{key}}, annals::at_least{done.token, 10s}).get().value();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(remotes)

BOOST_AUTO_TEST_CASE(a_function_that_takes_a_node_takes_a_runtime_and_a_remote_handle) {
  near_and_far w;
  auto far = w.connect();
  BOOST_TEST(add_and_ask(*w.rt, "a", 5) == 5);
  BOOST_TEST(add_and_ask(far, "a", 7) == 12);
  BOOST_TEST(far.head()->at == 2u);
  BOOST_TEST((far.head().value() == w.rt->head()));
  const auto past = far.history<counter>("a").value();
  BOOST_REQUIRE(past.size() == 2u);
  BOOST_TEST(std::get<world::added>(past[1].event).amount == 7);
  BOOST_TEST(far.history<counter>("a", 2).value().size() == 1u);
  BOOST_TEST(far.history<counter>("nobody").value().empty());
  BOOST_TEST(far.state_of<counter>("a").value().state.sum == 12);
  BOOST_TEST(far.state_of<counter>("a", {.version = 1}).value().state.sum == 5);
  BOOST_TEST(far.state_of<counter>("nobody").value().version == 0u);
  std::vector<annals::position> seen;
  BOOST_TEST(far.log(1, 10, [&](const auto& r) { return seen.push_back(r.at), true; }).value() == 3u);
  BOOST_TEST((seen == std::vector<annals::position>{1, 2}));
  const auto health = far.health().value();
  BOOST_TEST(health.well());
  BOOST_TEST(health.durable == 2u);
  BOOST_REQUIRE(health.projections.size() == 1u);
  BOOST_TEST(health.projections[0].name == "sums");
  BOOST_TEST(far.parked("sums").value().empty());
  BOOST_TEST(far.rebuild("sums").get().value() == 2u);
}

BOOST_AUTO_TEST_CASE(errors_come_back_as_they_are) {
  near_and_far w;
  auto far = w.connect();
  const auto rejected = far.send<counter>("a", add{-5}).get();
  BOOST_REQUIRE(!rejected);
  BOOST_TEST((rejected.error() == w.rt->send<counter>("a", add{-5}).get().error()));
  far.send<counter>("a", add{5}).get().value();
  const auto conflict = far.send<counter>("a", add{5}, {.expect = annals::expectation{7}}).get();
  BOOST_TEST((conflict.error().code == errc::conflict));
  BOOST_TEST(conflict.error().actual_version == 1u);
  BOOST_TEST((far.send<counter>("", add{5}).get().error().code == errc::invalid_stream));
  BOOST_TEST((far.send<counter>("a", world::throw_in_decide{}).get().error().code == errc::decide_failed));
  BOOST_TEST((far.retry_parked("sums", 1).get().error().code == errc::not_found));
  const annals::token other{w.rt->head().history + 1, 5};
  BOOST_TEST((far.ask<world::sums>(world::sum_of{"a"}, annals::at_least{other, 1s}).get().error().code == errc::history_differs));
  const annals::token later{w.rt->head().history, 500};
  BOOST_TEST((far.ask<world::sums>(world::sum_of{"a"}, annals::at_least{later, 20ms}).get().error().code == errc::timed_out));
}

BOOST_AUTO_TEST_CASE(a_trace_goes_to_the_other_node_and_comes_back_with_its_events) {
  near_and_far w;
  auto far = w.connect();
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  far.send<counter>("a", add{1}, {.trace = "00-" + trace + "-00f067aa0ba902b7-01"}).get().value();
  far.send<counter>("a", add{1}, {.trace = std::string(300, 'x')}).get().value();
  far.send<counter>("a", add{1}).get().value();
  std::vector<annals::trace_context> read;
  far.log(1, 10, [&](const annals::record_view& r) { return read.push_back(r.trace), true; }).value();
  BOOST_TEST_REQUIRE(read.size() == 3u);
  BOOST_TEST(annals::to_string(read[0]).substr(3, 32) == trace);
  BOOST_TEST((!read[1].is_set() && !read[2].is_set()));
  const auto spans = w.rt->spans()->take(100);
  const auto is_root = [](const auto& one) { return one.name == "send add"; };
  BOOST_TEST_REQUIRE(std::count_if(spans.begin(), spans.end(), is_root) == 1);
  BOOST_TEST((std::find_if(spans.begin(), spans.end(), is_root)->id == read[0]));
}

BOOST_AUTO_TEST_CASE(thousands_of_commands_of_many_threads_have_one_effect_each) {
  near_and_far w;
  auto far = w.connect();
  constexpr int threads = 4, each = 2'000;
  std::atomic<int> accepted{0};
  std::vector<std::thread> all;
  for (int t = 0; t < threads; ++t)
    all.emplace_back([&, t] {
      std::vector<annals::pending<annals::receipt>> sent;
      for (int i = 0; i < each; ++i) sent.push_back(far.send<counter>("key-" + std::to_string(t), add{i + 1}));
      for (auto& one : sent) accepted += one.get().has_value();
    });
  for (auto& one : all) one.join();
  BOOST_TEST(accepted == threads * each);
  for (int t = 0; t < threads; ++t) {
    const auto past = w.rt->history<counter>("key-" + std::to_string(t)).value();
    BOOST_REQUIRE(past.size() == std::size_t{each});
    for (int i = 0; i < each; ++i) BOOST_REQUIRE(std::get<world::added>(past[static_cast<std::size_t>(i)].event).amount == i + 1);
  }
}

BOOST_AUTO_TEST_CASE(events_that_are_larger_than_an_answer_to_a_query_may_be_come_whole) {
  near_and_far w;
  auto with = w.calling();
  with.answer_bytes_max = std::size_t{64} << 10;
  auto far = annals::remote::connect({w.address()}, with).value();
  constexpr std::size_t count = 12;
  for (std::size_t i = 0; i < count; ++i) far.send<counter>("a", world::note{std::string(130'000, 'x')}).get().value();
  BOOST_TEST(far.history<counter>("a").value().size() == count);
  auto mails = far.subscribe("mails").value();
  BOOST_TEST(mails.next(count, 30s).value().size() > 1u);
  BOOST_TEST(far.state_of<counter>("a").value().version == count);
  BOOST_TEST(w.door->counts().links == 1u);  // no link was lost over it
}

BOOST_AUTO_TEST_CASE(a_command_that_is_too_large_is_answered_and_costs_no_link) {
  near_and_far w;
  auto far = w.connect();
  for (const std::size_t mib : {12, 17}) {  // above the other node's limit, and above what a link takes
    const auto refused = far.send<counter>("a", world::note{std::string(mib << 20, 'x')}).get();
    BOOST_REQUIRE(!refused);
    BOOST_TEST((refused.error().code == errc::too_large), refused.error().message());
  }
  BOOST_TEST(far.send<counter>("a", add{1}).get().has_value());
  BOOST_TEST(w.door->counts().links == 1u);
  BOOST_TEST(w.door->counts().malformed == 0u);
}

BOOST_AUTO_TEST_CASE(case_45_a_handle_goes_on_when_its_node_is_started_again) {
  near_and_far w;
  auto far = w.connect();
  far.send<counter>("a", add{1}).get().value();
  auto mails = far.subscribe("mails").value();
  BOOST_TEST(mails.next(10, 10s).value().size() == 1u);
  mails.ack(1).get().value();
  const auto at = w.address();
  w.door.reset();
  w.rt.reset();
  const auto while_down = far.send<counter>("a", add{2});
  w.open();
  wait_until([&] { return w.listen(at).has_value(); });
  auto answer = far.send<counter>("a", add{3}).get();
  BOOST_TEST(answer.has_value());
  BOOST_TEST(w.rt->history<counter>("a").value().size() == 3u);
  BOOST_TEST(while_down.ready());
  const auto more = mails.next(10, 10s).value();  // joins again by itself
  BOOST_REQUIRE(!more.empty());
  BOOST_TEST(more[0].record.at == 2u);
}

BOOST_AUTO_TEST_CASE(rights_are_read_again_and_end_what_they_permitted) {
  near_and_far w;
  auto far = w.connect();
  far.send<counter>("a", add{1}).get().value();
  w.write_peers("ask = [\"*\"]\n");
  BOOST_TEST((far.send<counter>("a", add{1}).get().has_value()));  // until it is read
  w.door->reload().value();
  BOOST_TEST((far.send<counter>("a", add{1}).get().error().code == errc::forbidden));
  BOOST_TEST(far.ask<world::sums>(world::sum_of{"a"}).get().has_value());
  BOOST_TEST(w.door->counts().forbidden_calls == 1u);
  w.write_peers("ask = [\"*\"\n");
  const auto wrong = w.door->reload();
  BOOST_REQUIRE(!wrong);
  BOOST_TEST(wrong.error().message().find("peers.toml:") != std::string::npos, wrong.error().message());
  BOOST_TEST(far.ask<world::sums>(world::sum_of{"a"}).get().has_value());
}

BOOST_AUTO_TEST_CASE(closing_either_side_answers_everything) {
  near_and_far w;
  auto with = w.calling();
  with.time_out = 2s;
  auto far = annals::remote::connect({w.address()}, with).value();
  far.send<counter>("a", add{1}).get().value();
  std::vector<annals::pending<annals::receipt>> sent;
  for (int i = 0; i < 500; ++i) sent.push_back(far.send<counter>("a", add{1}));
  w.rt->close();
  std::size_t accepted = 1;
  for (auto& one : sent) {
    const auto answer = one.wait_for(30s);
    accepted += answer.has_value();
    if (!answer) BOOST_TEST((answer.error().code == errc::closed || answer.error().code == errc::not_written), answer.error().message());
  }
  BOOST_TEST(w.rt->history<counter>("a").value().size() == accepted);
  far.close(100ms);
  BOOST_TEST((far.send<counter>("a", add{1}).get().error().code == errc::closed));
}

BOOST_AUTO_TEST_CASE(a_call_that_would_wait_in_a_callback_is_misuse) {
  near_and_far w;
  auto far = w.connect();
  std::atomic<bool> done{false};
  errc head{}, history{};
  far.send<counter>("a", add{1}).then([&](const auto&) {
    head = far.head().error().code;
    history = far.history<counter>("a").error().code;
    done = true;
  });
  wait_until([&] { return done.load(); });
  BOOST_TEST((head == errc::misuse));
  BOOST_TEST((history == errc::misuse));
}

BOOST_AUTO_TEST_CASE(a_callback_may_drop_the_handle) {
  near_and_far w;
  auto far = std::make_unique<annals::remote>(w.connect());
  std::atomic<bool> done{false};
  far->send<counter>("a", add{1}).then([&](const auto&) {
    far.reset();
    done = true;
  });
  wait_until([&] { return done.load(); });
  BOOST_TEST(w.rt->history<counter>("a").value().size() == 1u);
}

BOOST_AUTO_TEST_CASE(options_that_cannot_be_used_are_named) {
  near_and_far w;
  const auto why = [&](auto change, std::vector<std::string> addresses = {"127.0.0.1:1"}) {
    auto with = w.calling();
    change(with);
    auto made = annals::remote::connect(addresses, with);
    BOOST_REQUIRE(!made);
    BOOST_TEST((made.error().code == errc::bad_option));
    return made.error().message();
  };
  const auto nothing = [](auto&) {};
  BOOST_TEST(why(nothing, {}).find("addresses") != std::string::npos);
  BOOST_TEST(why(nothing, {"127.0.0.1"}).find("the port is missing") != std::string::npos);
  BOOST_TEST(why(nothing, {"127.0.0.1:99999"}).find("the port must be") != std::string::npos);
  BOOST_TEST(why([](auto& o) { o.name = ""; }).find("name") != std::string::npos);
  BOOST_TEST(why([](auto& o) { o.server_keys = {}; }).find("server_keys") != std::string::npos);
  BOOST_TEST(why([](auto& o) { o.server_keys = {"x"}; }).find("server_keys") != std::string::npos);
  BOOST_TEST(why([](auto& o) { o.key = "/nonexistent"; }).find("/nonexistent") != std::string::npos);
  BOOST_TEST(why([](auto& o) { o.time_out = 0ms; }).find("time_out") != std::string::npos);
  auto taken = w.rt->listen(w.listening(w.address()));
  BOOST_REQUIRE(!taken);
  BOOST_TEST(taken.error().message().find(w.address()) != std::string::npos, taken.error().message());
  auto open = w.rt->listen(w.listening("0.0.0.0:0"));
  BOOST_REQUIRE(!open);
  BOOST_TEST(open.error().message().find("TLS") != std::string::npos, open.error().message());
}

BOOST_AUTO_TEST_CASE(the_wrong_key_on_either_side_is_forbidden) {
  near_and_far w;
  auto with = w.calling();
  with.server_keys = {w.client_key};
  with.time_out = 2s;
  auto far = annals::remote::connect({w.address()}, with).value();
  const auto not_it = far.send<counter>("a", add{1}).get();
  BOOST_REQUIRE(!not_it);
  BOOST_TEST((not_it.error().code == errc::not_written));
  BOOST_TEST(not_it.error().message().find("forbidden") != std::string::npos, not_it.error().message());
  auto other = w.calling();
  other.key = w.place.path / "server.key";
  other.time_out = 2s;
  auto stranger = annals::remote::connect({w.address()}, other).value();
  BOOST_TEST((stranger.send<counter>("a", add{1}).get().error().code == errc::not_written));
  wait_until([&] { return w.door->counts().refused > 0; });
  BOOST_TEST(w.rt->history<counter>("a").value().empty());
}

BOOST_AUTO_TEST_CASE(a_listener_ends_before_its_runtime_and_may_outlive_it) {
  near_and_far w;
  auto far = w.connect();
  far.send<counter>("a", add{1}).get().value();
  w.door->close();
  BOOST_TEST(w.rt->send<counter>("a", add{1}).get().has_value());  // the runtime goes on
  w.listen().value();
  auto again = w.connect();
  BOOST_TEST(again.send<counter>("a", add{1}).get().has_value());
  w.rt.reset();
  BOOST_TEST(!w.door->reload().has_value());
}

BOOST_AUTO_TEST_SUITE_END()
