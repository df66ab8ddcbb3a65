// Host code that takes a node: with a runtime in this process, and with a node that has states as bytes only.
#include "support/memory_engine.hpp"
#include "support/printed.hpp"
#include "support/relay.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace world;

namespace {

struct heard {
  std::string text;
  static constexpr auto about = describe<&heard::text>("heard", 1);
};
struct to_forget {
  static constexpr auto about = describe("to_forget", 1);
};
/// Remembers what was noted. Its state is described, and an instance has more than its state: an open timer.
struct listening {
  static constexpr std::string_view category = "listening";
  using observes = types<counter>;
  using events = types<heard>;
  using timers = types<to_forget>;
  struct state {
    std::vector<std::string> texts;
    static constexpr auto about = describe<&state::texts>("listened", 1);
  };
  static std::optional<std::string> key(const noted&) { return "it"; }
  static steps<listening> on(const state&, const noted& e, const context&) { return {heard{e.text}, after(1h, to_forget{})}; }
  static steps<listening> on(const state&, const to_forget&, const context&) { return {}; }
  static void evolve(state& s, const heard& e) { s.texts.push_back(e.text); }
};

/// Has states as the bytes that another node would send.
class bytes_only final : public node {
public:
  explicit bytes_only(detail::engine& of) : of_(of) {}
  std::optional<std::string> instead_of_state;

private:
  std::shared_ptr<detail::waiter> send_bytes(std::string_view category, std::string_view key, std::string_view command, std::string body,
                                             send_options with) override {
    return of_.send(category, key, command, std::move(body), std::move(with));
  }
  std::shared_ptr<detail::waiter> ask_bytes(std::string_view projection, std::string_view query, std::string body,
                                            std::optional<at_least> when) override {
    return of_.ask(projection, query, std::move(body), when);
  }
  result<void> read_stream(const std::string& stream, version from, std::size_t max,
                           const std::function<bool(const record_view&)>& visit) const override {
    return of_.read_stream(stream, from, max, visit);
  }
  result<detail::state_place> take_state(std::string_view category, std::string_view key, const as_of& when,
                                         const detail::state_taker& into) const override {
    const auto found = of_.state_of(category, key, when);
    if (!found) return found.error();
    if (auto ok = into.decode(into.into, instead_of_state.value_or(found->state->saved())); !ok) return std::move(ok).error();
    return detail::state_place{found->version, found->at, found->time};
  }
  result<subscription> join(std::string_view name, subscription_options with) override {
    auto joining = of_.subscribe(name, std::move(with));
    if (!joining) return std::move(joining).error();
    if (auto joined = joining->joined->await(); !joined) return std::move(joined).error();
    return subscription{std::move(joining->member)};
  }
  result<position> read_log(position from, std::size_t max, const std::function<bool(const record_view&)>& visit) const override {
    return of_.log(from, max, visit);
  }
  result<token> head_now() const override { return of_.head(); }
  result<annals::health> health_now() const override { return of_.health(); }

  detail::engine& of_;
};

/// Everything that a host may do with a node that hosts counters and their sums, and has no events.
void use(node& on) {
  const auto sent = on.send<counter>("a", add{5}, {.id = "first"}).get().value();
  BOOST_TEST(sent.version == 1u);
  BOOST_TEST((on.send<counter>("a", add{5}, {.id = "first"}).get().value() == sent));
  BOOST_TEST((on.send<counter>("a", add{-9}).get().error().code == errc::rejected));
  BOOST_TEST(on.ask<sums>(sum_of{"a"}, at_least{sent.token, std::chrono::minutes{1}}).get().value() == 5);
  BOOST_TEST((on.head().value() == sent.token));

  const auto past = on.history<counter>("a").value();
  BOOST_TEST_REQUIRE(past.size() == 1u);
  BOOST_TEST(std::get<added>(past.front().event).amount == 5);
  const auto state = on.state_of<counter>("a").value();
  BOOST_TEST(state.state.sum == 5);
  BOOST_TEST(state.version == 1u);
  BOOST_TEST(state.at == sent.at);
  BOOST_TEST(state.time == past.front().time);
  BOOST_TEST(on.state_of<counter>("a", {.version = 0}).value().state.sum == 0);
  BOOST_TEST(on.state_of<counter>("nobody").value().version == 0u);

  std::vector<std::string> streams;
  const auto next = on.log(1, 100, [&](const record_view& r) { return streams.emplace_back(r.stream), true; });
  BOOST_TEST(next.value() == 2u);
  BOOST_TEST((streams == std::vector<std::string>{"counter-a"}));

  auto member = on.subscribe("those").value();
  const auto events = member.next(10, std::chrono::minutes{1}).value();
  BOOST_TEST_REQUIRE(events.size() == 1u);
  member.ack(events.front().record.at).get().value();
  const auto health = on.health().value();
  BOOST_TEST(health.well());
  BOOST_TEST(health.durable == 1u);
  BOOST_TEST_REQUIRE(health.subscriptions.size() == 1u);
  BOOST_TEST(health.subscriptions.front().members == 1u);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(any_node)

BOOST_AUTO_TEST_CASE(a_runtime_is_a_node) {
  temporary_directory place;
  auto rt = runtime::open(place / "store", memory_engine::quiet()).value();
  rt.host(hosted_types{}.host<counter>().project<sums>()).value();
  rt.start().value();
  use(rt);
}

BOOST_AUTO_TEST_CASE(a_node_may_have_states_as_bytes_only) {
  memory_store store;
  memory_engine e{store, memory_engine::quiet(), {}, 1'000'000, true};
  bytes_only on{*e.engine};
  use(on);
}

BOOST_AUTO_TEST_CASE(the_state_of_a_process_manager_comes_without_its_timers) {
  memory_store store;
  memory_engine e{store, memory_engine::quiet(), [](detail::engine& of) {
                    of.add(detail::table_of_process<listening>()).value();
                    host_relay(of);
                  }};
  bytes_only on{*e.engine};
  on.send<counter>("a", note{"wait"}).get().value();
  wait_until([&] { return on.state_of<listening>("it").value().state.texts.size() == 1; });
  BOOST_TEST(on.state_of<listening>("it").value().state.texts.front() == "wait");
  // The state of this one is not described, so it has no bytes.
  const auto refused = on.state_of<relay>("it");
  BOOST_TEST((refused.error().code == errc::bad_type));
  BOOST_TEST(refused.error().detail == "relay");
  for (const auto* bad : {"", "no state"}) {
    on.instead_of_state = bad;
    BOOST_TEST((on.state_of<listening>("it").error().code == errc::undecodable));
    BOOST_TEST((on.state_of<counter>("a").error().code == errc::undecodable));
  }
}

BOOST_AUTO_TEST_CASE(case_72_a_node_that_was_moved_from_answers_closed) {
  temporary_directory place;
  auto rt = runtime::open(place / "store", memory_engine::quiet()).value();
  rt.host<counter>().value();
  rt.start().value();
  node& on = rt;
  BOOST_TEST(on.head().value().at == 0u);
  const auto moved = std::move(rt);
  BOOST_TEST((on.head().error().code == errc::closed));
  BOOST_TEST((on.health().error().code == errc::closed));
  BOOST_TEST((on.send<counter>("a", add{1}).get().error().code == errc::closed));
  BOOST_TEST((on.state_of<counter>("a").error().code == errc::closed));
  BOOST_TEST((on.subscribe("those").error().code == errc::closed));
  BOOST_TEST(moved.health().well());
}

BOOST_AUTO_TEST_SUITE_END()
