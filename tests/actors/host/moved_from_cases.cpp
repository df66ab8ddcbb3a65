// Handles that were moved from: each answers `closed`, none ends the process.
#include "support/memory_engine.hpp"
#include "support/printed.hpp"
#include "support/temporary_directory.hpp"

#include <annals/store_view.hpp>

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace world;
using namespace std::chrono_literals;

namespace {

runtime begun(const temporary_directory& place) {
  auto rt = runtime::open(place / "store", memory_engine::quiet()).value();
  rt.host<counter>().value();
  rt.project<sums>().value();
  rt.start().value();
  rt.send<counter>("a", add{1}).get().value();
  return rt;
}
template <class T>
bool is_closed(const result<T>& answer) {
  return !answer && answer.error().code == errc::closed;
}
bool any(const record_view&) { return true; }

}  // namespace

BOOST_AUTO_TEST_SUITE(moved_from)

BOOST_AUTO_TEST_CASE(case_72_a_runtime_that_was_moved_from_answers_closed) {
  temporary_directory place;
  auto rt = begun(place);
  const auto moved = std::move(rt);
  BOOST_TEST(is_closed(rt.send<counter>("a", add{1}).get()));
  BOOST_TEST(is_closed(rt.ask<sums>(sum_of{"a"}).get()));
  BOOST_TEST(is_closed(rt.read<sums>([](const auto&, position) {})));
  BOOST_TEST(is_closed(rt.rebuild<sums>().get()));
  BOOST_TEST(is_closed(rt.parked("sums")));
  BOOST_TEST(is_closed(rt.retry_parked("sums", 1).get()));
  BOOST_TEST(is_closed(rt.skip_parked("sums", 1).get()));
  BOOST_TEST(is_closed(rt.history<counter>("a")));
  BOOST_TEST(is_closed(rt.state_of<counter>("a")));
  BOOST_TEST(is_closed(rt.model_at<sums>(1)));
  BOOST_TEST(is_closed(rt.subscribe("those")));
  BOOST_TEST(is_closed(rt.verify_replay()));
  BOOST_TEST(is_closed(rt.log(1, 1, any)));
  BOOST_TEST(is_closed(rt.settle(1ms)));
  BOOST_TEST(is_closed(rt.backup(place / "copy")));
  BOOST_TEST(is_closed(rt.host<counter>()));
  BOOST_TEST(is_closed(rt.project<sums>()));
  BOOST_TEST(is_closed(rt.host(hosted_types{}.host<counter>())));
  BOOST_TEST(is_closed(rt.host(hosted_types{})));
  BOOST_TEST(is_closed(rt.start()));
  BOOST_TEST(is_closed(rt.view().head()));
  BOOST_TEST(rt.head().at == 0u);
  BOOST_TEST(!rt.health().well());
  rt.close();
  BOOST_TEST(moved.head().at == 1u);
}

BOOST_AUTO_TEST_CASE(case_72_a_runtime_that_is_assigned_to_lets_go_of_its_store_first) {
  temporary_directory one, two;
  auto rt = begun(one);
  rt = begun(two);
  BOOST_TEST(runtime::open(one / "store", memory_engine::quiet()).has_value());
  BOOST_TEST(rt.send<counter>("a", add{1}).get().value().version == 2u);
}

BOOST_AUTO_TEST_CASE(case_72_an_answer_that_was_moved_from_is_closed) {
  temporary_directory place;
  auto rt = begun(place);
  auto answer = rt.send<counter>("a", add{1});
  auto moved = std::move(answer);
  BOOST_TEST(answer.ready());
  BOOST_TEST((answer.since() == token{}));
  BOOST_TEST(is_closed(answer.get()));
  BOOST_TEST(is_closed(answer.wait_for(1h)));
  std::optional<errc> heard;
  auto again = std::move(moved);
  moved.then([&](result<receipt> r) { heard = r.error().code; });
  BOOST_TEST((heard == errc::closed));
  BOOST_TEST(again.get().has_value());
}

BOOST_AUTO_TEST_CASE(case_72_a_member_that_was_moved_from_answers_closed) {
  temporary_directory place;
  auto rt = begun(place);
  auto member = rt.subscribe("those").value();
  auto moved = std::move(member);
  const position one[] = {1};
  BOOST_TEST(is_closed(member.next(1, 1h)));
  BOOST_TEST(is_closed(member.ack(1).get()));
  BOOST_TEST(is_closed(member.ack(one).get()));
  BOOST_TEST(is_closed(member.nack(1, "no").get()));
  BOOST_TEST(is_closed(member.retry(1).get()));
  BOOST_TEST(is_closed(member.skip(1).get()));
  BOOST_TEST(is_closed(member.parked()));
  BOOST_TEST(member.run([](const delivered&) { return result<void>{}; }).has_value());  // as when its runtime is closed
  member.leave();
  BOOST_TEST(moved.next(1, 1min).value().size() == 1u);
}

BOOST_AUTO_TEST_CASE(case_72_a_view_that_was_moved_from_answers_closed) {
  temporary_directory place;
  {
    begun(place);
  }
  auto view = store_view::open(place / "store").value();
  const auto moved = std::move(view);
  const auto types = hosted_types{}.host<counter>();
  BOOST_TEST(view.store_id() == "");
  BOOST_TEST(view.head().at == 0u);
  BOOST_TEST(is_closed(view.log(1, any)));
  BOOST_TEST(is_closed(view.streams("", [](std::string_view, version) { return true; })));
  BOOST_TEST(is_closed(view.stream("counter-a", 1, any)));
  BOOST_TEST(is_closed(view.verify()));
  BOOST_TEST(is_closed(view.parked([](std::string_view, const parked_event&) { return true; })));
  BOOST_TEST(is_closed(view.skipped("sums")));
  BOOST_TEST(is_closed(view.stats()));
  BOOST_TEST(is_closed(view.log_backward(1, any)));
  BOOST_TEST(is_closed(view.position_at(1)));
  BOOST_TEST(is_closed(view.page_of_streams("")));
  BOOST_TEST(is_closed(view.stream_backward("counter-a", 1, any)));
  BOOST_TEST(is_closed(view.model_at("sums", 1)));
  BOOST_TEST(is_closed(view.search({}, {}, any)));
  BOOST_TEST(is_closed(view.count_instances("p")));
  BOOST_TEST(is_closed(view.instances({"p"})));
  BOOST_TEST(is_closed(view.instance("p-1")));
  BOOST_TEST(view.types().begin("counter-a").error().message() != "");
  BOOST_TEST(is_closed(view.state_of<counter>("a")));
  BOOST_TEST(is_closed(view.state_of(types, "counter-a")));
  BOOST_TEST(is_closed(view.verify_replay(types)));
  BOOST_TEST(is_closed(view.backup(place / "copy")));
  BOOST_TEST(moved.head().at == 1u);
}

BOOST_AUTO_TEST_CASE(case_72_a_folded_state_that_was_moved_from_answers_closed) {
  auto state = hosted_types{}.host<counter>().begin("counter-a").value();
  const auto moved = std::move(state);
  BOOST_TEST(is_closed(state.apply(record_view{})));
  BOOST_TEST(state.encoded() == "");
  BOOST_TEST(moved.encoded() != "");
}

BOOST_AUTO_TEST_SUITE_END()
