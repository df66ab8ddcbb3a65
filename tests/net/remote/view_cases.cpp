// A view of a node elsewhere: what a link carries is as the node itself has it, and the rest is refused.
#include "net/remote/near_and_far.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace world;

namespace {

std::vector<std::uint64_t> checksums(const annals::view& in, const record_filter& wanted) {
  std::vector<std::uint64_t> all;
  const auto add = [&](const record_view& r) { return all.push_back(r.checksum), true; };
  BOOST_TEST(in.search(wanted, {.go = direction::forward, .found_max = 1'000}, add).has_value());
  return all;
}

template <class T>
bool is(errc code, const result<T>& answer) {
  return !answer && answer.error().code == code;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(views_over_a_link)

BOOST_AUTO_TEST_CASE(a_remote_view_shows_what_a_link_carries) {
  near_and_far w;
  auto far = w.connect();
  for (int i = 1; i <= 40; ++i) far.send<counter>(i % 2 ? "a" : "b", add{i}).get().value();
  const auto types = hosted_types{}.host<counter>();
  const auto here = w.rt->view(), there = far.view();
  wait_until([&] { return here.head().value().at == 40u; });
  BOOST_TEST((there.head().value() == here.head().value()));
  BOOST_TEST(there.store_id().value() == here.store_id().value());
  BOOST_TEST(checksums(there, {}).size() == 40u);
  BOOST_TEST(checksums(there, {}) == checksums(here, {}), boost::test_tools::per_element());
  BOOST_TEST(checksums(there, {.stream_prefix = "counter-b"}) == checksums(here, {.stream_prefix = "counter-b"}), boost::test_tools::per_element());
  BOOST_TEST(there.state_of(types, "counter-a", {.version = 3}).value().state == here.state_of(types, "counter-a", {.version = 3}).value().state);
  BOOST_TEST(there.state_of<counter>("b").value().state.sum == here.state_of<counter>("b").value().state.sum);
  BOOST_TEST(is(errc::not_found, there.state_of<counter>("c")));
  BOOST_TEST(is(errc::not_found, there.stream("counter-c", 1, [](const record_view&) { return true; })));
  BOOST_TEST(there.stats().value().streams == 2u);
  BOOST_TEST(there.position_at(0).value() == 0u);
  there.parked([](std::string_view, const parked_event&) { return true; }).value();
}

BOOST_AUTO_TEST_CASE(a_remote_view_refuses_what_a_link_does_not_carry_and_ends_with_its_handle) {
  near_and_far w;
  std::optional<remote> far{w.connect()};
  far->send<counter>("a", add{1}).get().value();
  const auto there = far->view();
  const auto any = [](const record_view&) { return true; };
  BOOST_TEST(is(errc::misuse, there.log_backward(1, any)));
  BOOST_TEST(is(errc::misuse, there.search({}, {}, any)));
  BOOST_TEST(is(errc::misuse, there.stream_backward("counter-a", 1, any)));
  BOOST_TEST(is(errc::misuse, there.streams("", [](std::string_view, version) { return true; })));
  BOOST_TEST(is(errc::misuse, there.page_of_streams("")));
  BOOST_TEST(is(errc::misuse, there.model_at("sums", 1)));
  BOOST_TEST(is(errc::misuse, there.skipped("sums")));
  BOOST_TEST(is(errc::misuse, there.count_instances("p")));
  BOOST_TEST(is(errc::misuse, there.instances({"p"})));
  BOOST_TEST(is(errc::misuse, there.instance("p-1")));
  const auto moved = std::move(*far);
  BOOST_TEST(is(errc::closed, far->view().head()));
  BOOST_TEST(there.head().has_value());
}

BOOST_AUTO_TEST_CASE(a_remote_view_answers_closed_when_its_handle_is_gone) {
  near_and_far w;
  std::optional<remote> far{w.connect()};
  far->send<counter>("a", add{1}).get().value();
  const auto there = far->view();
  BOOST_TEST(there.stats().has_value());
  far.reset();
  BOOST_TEST(is(errc::closed, there.head()));
  BOOST_TEST(is(errc::closed, there.stats()));
}

BOOST_AUTO_TEST_SUITE_END()
