// The handle of a subscription, over a member that does what the test says.
#include "actors/base/membership.hpp"
#include "support/printed.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace annals;

namespace {

struct script {
  std::vector<std::pair<position, std::string>> events;  // handed out once
  bool is_ours = true;
  std::vector<std::string> calls;
};

class scripted_member final : public detail::membership {
public:
  explicit scripted_member(script& of) : of_(of) {}
  ~scripted_member() override { of_.calls.push_back("gone"); }

  bool is_ours() const override { return of_.is_ours; }
  wanted next(std::size_t, std::chrono::milliseconds) override {
    wanted asked{std::make_shared<detail::waiter>(), std::make_shared<std::vector<delivered>>()};
    for (const auto& [at, stream] : of_.events) {
      delivered one;
      one.record.at = at;
      one.record.stream = stream;
      one.life = 7;
      asked.batch->push_back(std::move(one));
    }
    if (has_ended_)
      asked.answered->complete(error{errc::closed, "the connection is closed"});
    else
      asked.answered->complete(detail::answered{});
    has_ended_ = true;
    return asked;
  }
  std::shared_ptr<detail::waiter> ack(std::vector<position> all, std::uint64_t life) override {
    for (const auto at : all) of_.calls.push_back("ack " + std::to_string(at) + named(life));
    return done();
  }
  std::shared_ptr<detail::waiter> nack(position at, std::string why, std::uint64_t life) override {
    of_.calls.push_back("nack " + std::to_string(at) + named(life) + " " + why);
    return done();
  }
  std::shared_ptr<detail::waiter> resolve(position at, bool is_retry) override {
    of_.calls.push_back((is_retry ? "retry " : "skip ") + std::to_string(at));
    return done();
  }
  result<std::vector<parked_event>> parked() const override { return error{errc::store_failed, "no disk"}; }
  void leave() override { has_left_ = true; }
  bool may_handle() override { return !has_left_; }
  void done_handling() override { of_.calls.push_back("done"); }

private:
  static std::shared_ptr<detail::waiter> done() {
    auto answered = std::make_shared<detail::waiter>();
    answered->complete(detail::answered{});
    return answered;
  }

  static std::string named(std::uint64_t life) { return life == 0 ? "" : " in life " + std::to_string(life); }

  script& of_;
  bool has_ended_ = false, has_left_ = false;
};

using calls = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(subscription_handles)

BOOST_AUTO_TEST_CASE(a_handle_works_over_any_member) {
  script of{.events = {{1, "x-a"}, {2, "x-b"}}};
  {
    subscription member{std::make_shared<scripted_member>(of)};
    const auto events = member.next(10, std::chrono::minutes{1}).value();
    BOOST_TEST_REQUIRE(events.size() == 2u);
    BOOST_TEST((member.next(10, std::chrono::minutes{1}).error().code == errc::closed));
    member.ack(1).get().value();
    member.ack(events[0]).get().value();
    member.ack(std::vector<position>{1, 2}, 6).get().value();
    member.nack(2, "no").get().value();
    member.nack(events[1], "no").get().value();
    member.retry(3).get().value();
    member.skip(4).get().value();
    BOOST_TEST((member.parked().error().code == errc::store_failed));
  }
  BOOST_TEST((of.calls == calls{"ack 1", "ack 1 in life 7", "ack 1 in life 6", "ack 2 in life 6", "nack 2 no", "nack 2 in life 7 no", "retry 3",
                                "skip 4", "gone"}));
}

BOOST_AUTO_TEST_CASE(run_answers_each_event_and_leaves_out_what_follows_a_refused_one) {
  script of{.events = {{1, "x-a"}, {2, "x-b"}, {3, "x-a"}, {4, "x-b"}}};
  subscription member{std::make_shared<scripted_member>(of)};
  member
      .run([](const delivered& event) -> result<void> {
        if (event.record.at == 1) return error{errc::rejected, "no"};
        return {};
      })
      .value();
  BOOST_TEST_REQUIRE(of.calls.size() == 6u);
  BOOST_TEST(of.calls[0].starts_with("nack 1 in life 7 "));
  of.calls.erase(of.calls.begin());
  BOOST_TEST((of.calls == calls{"done", "ack 2 in life 7", "done", "ack 4 in life 7", "done"}));
}

BOOST_AUTO_TEST_CASE(run_ends_with_the_event_in_which_the_handler_leaves) {
  script of{.events = {{1, "x-a"}, {2, "x-b"}}};
  subscription member{std::make_shared<scripted_member>(of)};
  member.run([&](const delivered&) { return member.leave(), result<void>{}; }).value();
  BOOST_TEST((of.calls == calls{"ack 1 in life 7", "done"}));
}

BOOST_AUTO_TEST_CASE(case_71_a_member_of_another_process_is_not_asked) {
  script of{.is_ours = false};
  subscription member{std::make_shared<scripted_member>(of)};
  BOOST_TEST((member.next(1, std::chrono::minutes{1}).error().code == errc::misuse));
  BOOST_TEST((member.ack(1).get().error().code == errc::misuse));
  BOOST_TEST((member.parked().error().code == errc::misuse));
  BOOST_TEST(of.calls.empty());
}

BOOST_AUTO_TEST_SUITE_END()
