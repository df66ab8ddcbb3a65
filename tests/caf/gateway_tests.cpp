// A host's own CAF actors before a node: a runtime in this process, a handle of another node, and a node whose answers the test gives.
#include "net/remote/near_and_far.hpp"

#include <annals/caf.hpp>

#include <actors/base/waiter.hpp>

#include <caf/all.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using annals::caf_command;
using annals::caf_query;
using annals::errc;
using world::add;
using world::counter;
using world::sum_of;
using world::sums;

namespace {

constexpr auto time_out = std::chrono::seconds{60};

/// Answers when the test says so.
class late_node final : public annals::node {
public:
  /// Waits until there are so many calls.
  void wait_for_calls(std::size_t count) const {
    wait_until([&] {
      const std::lock_guard lock{mutex_};
      return asked_.size() >= count;
    });
  }
  void answer(std::size_t call, annals::detail::outcome with) { at(call)->complete(std::move(with)); }
  void accept(std::size_t call, annals::version version) { answer(call, annals::detail::answered{{.version = version}, {}}); }

  std::shared_ptr<annals::detail::waiter> send_bytes(std::string_view, std::string_view, std::string_view, std::string,
                                                     annals::send_options) override {
    return add();
  }
  std::shared_ptr<annals::detail::waiter> ask_bytes(std::string_view, std::string_view, std::string, std::optional<annals::at_least>) override {
    return add();
  }
  annals::result<void> read_stream(const std::string&, annals::version, std::size_t,
                                   const std::function<bool(const annals::record_view&)>&) const override {
    return not_here();
  }
  annals::result<annals::detail::state_place> take_state(std::string_view, std::string_view, const annals::as_of&,
                                                         const annals::detail::state_taker&) const override {
    return not_here();
  }
  annals::result<annals::subscription> join(std::string_view, annals::subscription_options) override { return not_here(); }
  annals::result<annals::position> read_log(annals::position, std::size_t, const std::function<bool(const annals::record_view&)>&) const override {
    return not_here();
  }
  annals::result<annals::token> head_now() const override { return not_here(); }
  annals::result<annals::health> health_now() const override { return not_here(); }

private:
  std::shared_ptr<annals::detail::waiter> add() {
    const std::lock_guard lock{mutex_};
    return asked_.emplace_back(annals::detail::make_waiter());
  }
  std::shared_ptr<annals::detail::waiter> at(std::size_t call) const {
    const std::lock_guard lock{mutex_};
    return asked_.at(call);
  }
  static annals::error not_here() { return {errc::misuse, "this node only sends and asks"}; }

  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<annals::detail::waiter>> asked_;
};

struct actors_of_a_host {
  caf::actor_system_config config;
  caf::actor_system system{config};
};

/// What a blocking actor got.
template <class T>
annals::result<T> ask(caf::scoped_actor& self, const caf::actor& gateway, annals::caf_call call) {
  std::optional<annals::result<T>> given;
  self->request(gateway, time_out, std::move(call))
      .receive([&](const T& got) { given.emplace(got); }, [&](const caf::error& e) { given.emplace(annals::error_of(e)); });
  return std::move(*given);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(gateways)

BOOST_AUTO_TEST_CASE(an_actor_sends_and_asks_a_runtime_or_a_remote_handle_and_errors_come_back_whole) {
  near_and_far w;
  auto far = w.connect();
  actors_of_a_host host;
  for (annals::node* one : {static_cast<annals::node*>(&*w.rt), static_cast<annals::node*>(&far)}) {
    const annals::caf_gateway gate{host.system, *one};
    caf::scoped_actor self{host.system};
    const auto key = one == &far ? "far" : "near";
    const auto done = ask<annals::receipt>(self, gate.actor(), caf_command<counter>(key, add{5})).value();
    BOOST_TEST(done.version == 1u);
    const annals::at_least mine{done.token, 10s};
    BOOST_TEST(ask<std::int64_t>(self, gate.actor(), caf_query<sums>(sum_of{key}, mine)).value() == 5);
    const auto rejected = ask<annals::receipt>(self, gate.actor(), caf_command<counter>(key, add{-7}));
    BOOST_REQUIRE(!rejected);
    BOOST_TEST((rejected.error() == one->send<counter>(key, add{-7}).get().error()));
    BOOST_TEST(rejected.error().reason == "below_zero");
    const auto conflict = ask<annals::receipt>(self, gate.actor(), caf_command<counter>(key, add{1}, {.expect = annals::expectation{7}}));
    BOOST_TEST(conflict.error().actual_version == 1u);
  }
}

BOOST_AUTO_TEST_CASE(commands_of_one_actor_keep_their_order_and_it_never_waits) {
  near_and_far w;
  actors_of_a_host host;
  const annals::caf_gateway gate{host.system, *w.rt};
  constexpr int count = 3'000;
  std::atomic<int> accepted{0}, refused{0};
  const auto send_all = [&](caf::event_based_actor* self, const caf::actor& to) {
    for (int i = 1; i <= count; ++i)
      self->request(to, time_out, caf_command<counter>("a", add{i}))
          .then([&](const annals::receipt&) { ++accepted; }, [&](const caf::error&) { ++refused; });
  };
  host.system.spawn(send_all, gate.actor());
  wait_until([&] { return accepted + refused == count; });
  BOOST_TEST(refused == 0);
  const auto past = w.rt->history<counter>("a").value();
  BOOST_REQUIRE(past.size() == std::size_t{count});
  for (int i = 0; i < count; ++i) BOOST_REQUIRE(std::get<world::added>(past[static_cast<std::size_t>(i)].event).amount == i + 1);
}

BOOST_AUTO_TEST_CASE(a_message_that_is_no_request_is_answered_by_a_message) {
  late_node node;
  actors_of_a_host host;
  const annals::caf_gateway gate{host.system, node};
  caf::scoped_actor self{host.system};
  self->send(gate.actor(), caf_command<counter>("a", add{1}));
  self->send(gate.actor(), caf_command<counter>("a", add{2}));
  node.wait_for_calls(2);
  node.accept(1, 7);
  self->receive([](const annals::receipt& got) { BOOST_TEST(got.version == 7u); });
  node.answer(0, annals::error{errc::overloaded, "later"});
  self->receive([](const caf::error& e) { BOOST_TEST((annals::error_of(e) == annals::error{errc::overloaded, "later"})); });
}

BOOST_AUTO_TEST_CASE(the_answer_goes_on_to_the_next_actor_of_a_chain) {
  late_node node;
  actors_of_a_host host;
  const annals::caf_gateway gate{host.system, node};
  const auto plus = [](caf::event_based_actor*, annals::version more) -> caf::behavior {
    return {[more](const annals::receipt& got) { return got.version + more; }};
  };
  const auto version_of = host.system.spawn(plus, annals::version{0});
  caf::scoped_actor self{host.system};
  auto asked = self->request(version_of * gate.actor(), time_out, caf_command<counter>("a", add{1}));
  node.wait_for_calls(1);
  node.accept(0, 7);
  asked.receive([](annals::version got) { BOOST_TEST(got == 7u); }, [](const caf::error& e) { BOOST_ERROR(annals::error_of(e).message()); });
}

BOOST_AUTO_TEST_CASE(when_the_gateway_ends_first_its_callers_are_answered_and_late_answers_are_dropped) {
  late_node node;
  std::optional<errc> command, query, later;
  {
    actors_of_a_host host;
    std::optional<annals::caf_gateway> gate{std::in_place, host.system, node};
    const auto kept = gate->actor();
    caf::scoped_actor self{host.system};
    auto sent = self->request(kept, time_out, caf_command<counter>("a", add{1}));
    auto asked = self->request(kept, time_out, caf_query<sums>(sum_of{"a"}));
    node.wait_for_calls(2);
    gate.reset();
    const auto into = [](std::optional<errc>& code) { return [&](const caf::error& e) { code = annals::error_of(e).code; }; };
    sent.receive([](const annals::receipt&) {}, into(command));
    asked.receive([](std::int64_t) {}, into(query));
    self->request(kept, time_out, caf_command<counter>("a", add{1})).receive([](const annals::receipt&) {}, into(later));
  }  // the actor system has ended, and the node has not answered
  BOOST_TEST((command == errc::unknown));
  BOOST_TEST((query == errc::closed));
  BOOST_TEST((later == errc::closed));
  node.accept(0, 1);
  node.answer(1, annals::error{errc::closed});
}

BOOST_AUTO_TEST_CASE(when_the_node_closes_first_calls_get_its_answer) {
  near_and_far w;
  actors_of_a_host host;
  const annals::caf_gateway gate{host.system, *w.rt};
  caf::scoped_actor self{host.system};
  BOOST_TEST(ask<annals::receipt>(self, gate.actor(), caf_command<counter>("a", add{1})).has_value());
  w.rt->close();
  BOOST_TEST((ask<annals::receipt>(self, gate.actor(), caf_command<counter>("a", add{1})).error().code == errc::closed));
}

BOOST_AUTO_TEST_CASE(an_actor_may_own_the_gateway_that_answers_it) {
  late_node node;
  actors_of_a_host host;
  struct owner_state {
    std::optional<annals::caf_gateway> gate;
    std::shared_ptr<int> mark;
  };
  std::weak_ptr<int> mark;
  const auto own = [&](caf::stateful_actor<owner_state>* self, annals::node* before) {
    self->state.gate.emplace(host.system, *before);
    mark = self->state.mark = std::make_shared<int>();
    self->request(self->state.gate->actor(), time_out, caf_command<counter>("a", add{1})).then([=](const annals::receipt&) { self->quit(); });
  };
  host.system.spawn(own, static_cast<annals::node*>(&node));
  node.wait_for_calls(1);
  BOOST_TEST(!mark.expired());
  node.accept(0, 1);
  host.system.await_all_actors_done();  // the gateway's, too
  BOOST_TEST(mark.expired());
}

BOOST_AUTO_TEST_CASE(a_gateway_may_be_moved) {
  late_node node;
  actors_of_a_host host;
  annals::caf_gateway first{host.system, node};
  annals::caf_gateway gate{std::move(first)};
  gate = annals::caf_gateway{host.system, node};
  caf::scoped_actor self{host.system};
  auto sent = self->request(gate.actor(), time_out, caf_command<counter>("a", add{1}));
  node.wait_for_calls(1);
  node.accept(0, 3);
  sent.receive([](const annals::receipt& got) { BOOST_TEST(got.version == 3u); }, [](const caf::error&) { BOOST_ERROR("no receipt"); });
}

BOOST_AUTO_TEST_CASE(errors_of_caf_itself_are_told_apart) {
  late_node node;
  actors_of_a_host host;
  const annals::caf_gateway gate{host.system, node};
  caf::scoped_actor self{host.system};
  annals::error late, foreign;
  self->request(gate.actor(), 1ms, caf_command<counter>("a", add{1}))
      .receive([](const annals::receipt&) {}, [&](const caf::error& e) { late = annals::error_of(e); });
  self->request(gate.actor(), time_out, std::string{"no call"}).receive([] {}, [&](const caf::error& e) { foreign = annals::error_of(e); });
  BOOST_TEST((late.code == errc::unknown));
  BOOST_TEST(late.message().find("request_timeout") != std::string::npos, late.message());
  BOOST_TEST(foreign.message().find("unexpected_message") != std::string::npos, foreign.message());
}

BOOST_AUTO_TEST_CASE(a_call_cannot_leave_the_process) {
  actors_of_a_host host;
  caf::message call = caf::make_message(caf_command<counter>("a", add{1}));
  std::vector<char> bytes;
  caf::binary_serializer to{host.system, bytes};
  BOOST_TEST((call.save(to) == caf::sec::unknown_type));
  BOOST_TEST(bytes.empty());
}

BOOST_AUTO_TEST_SUITE_END()
