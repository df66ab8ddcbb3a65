// One half of a session alone: what a caller sends, and what a served session takes, frame by frame.
#include "support/net/far_node.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace annals::net;
using annals::errc;

namespace {

/// Takes what one side sends.
struct ear final : annals::net::link {
  void send(std::string message) override {
    if (throws) throw std::bad_alloc{};
    bytes.append(message, 0, message.size() - seal_bytes);
  }
  void close() override { is_closed = true; }
  std::string bytes;
  bool is_closed = false, throws = false;
};

struct heard {
  std::shared_ptr<ear> at = std::make_shared<ear>();
  std::shared_ptr<channel> over = std::make_shared<channel>(at, direction_keys{}, std::size_t{1} << 20);
  /// The frames since the last call.
  std::vector<std::pair<frame_kind, std::string>> frames() {
    std::vector<std::pair<frame_kind, std::string>> all;
    frame_reader{std::size_t{1} << 20}
        .take(at->bytes,
              [&](frame_kind kind, std::string_view payload) -> annals::result<void> {
                all.emplace_back(kind, payload);
                return {};
              })
        .value();
    at->bytes.clear();
    return all;
  }
  std::size_t count(frame_kind of) {
    const auto all = frames();
    return static_cast<std::size_t>(std::ranges::count_if(all, [&](const auto& one) { return one.first == of; }));
  }
};

/// Answers nothing by itself.
struct calls_made final : session_calls {
  void command(const std::shared_ptr<served_session>&, const taken_call& call, const command_frame&) override { made.push_back(call); }
  void refused(const command_frame&, errc why) override { refusals.push_back(why); }
  void request(const std::shared_ptr<served_session>&, const taken_call& call, const request_frame&) override { made.push_back(call); }
  void resent(const std::shared_ptr<served_session>&, std::vector<resent_command> all) override {
    ++settled;
    for (const auto& one : all) sequences.push_back(one.call.sequence);
  }
  bool is_delivery(std::uint8_t c) const override { return annals::net::is_delivery(static_cast<call>(c)); }
  void ended(const served_session&) override {}
  std::vector<taken_call> made;
  std::vector<errc> refusals;
  std::size_t settled = 0;
  std::vector<std::uint64_t> sequences;
};

std::shared_ptr<share_of_peers> plenty() { return std::make_shared<share_of_peers>(std::uint64_t{1} << 30); }
std::string payload_of(std::string frame) { return frame.substr(5); }
std::string command_of(std::uint64_t sequence, bool is_resent) {
  command_frame f;
  f.sequence = sequence;
  f.is_resent = is_resent;
  f.has_made_id = true;
  f.category = "counter";
  f.key = "a";
  f.name = "add";
  std::string frame;
  put(frame, f);
  return payload_of(frame);
}
std::string request_of(std::uint64_t sequence) {
  std::string frame;
  put(frame, request_frame{sequence, static_cast<std::uint8_t>(call::log), {}});
  return payload_of(frame);
}
std::string number_of(std::uint64_t n) {
  std::string frame;
  put_confirm(frame, n);
  return payload_of(frame);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sessions)

BOOST_AUTO_TEST_CASE(case_45_a_server_settles_resent_commands_together_also_if_they_come_over_two_links) {
  calls_made calls;
  const auto session = std::make_shared<served_session>(session_id{1}, "shop-web", annals::net::credit{}, plenty(), calls, [](auto&) {});
  heard first, second;
  session->attach(first.over, 1);
  session->received(*first.over, frame_kind::confirm, number_of(0)).value();
  session->received(*first.over, frame_kind::command, command_of(1, true)).value();
  session->lost(*first.over);
  BOOST_TEST(calls.settled == 0u);  // whether it may be decided depends on the next one
  BOOST_TEST(session->attach(second.over, 2) == 1u);
  session->received(*second.over, frame_kind::confirm, number_of(0)).value();
  session->received(*second.over, frame_kind::command, command_of(2, true)).value();
  session->received(*second.over, frame_kind::resent_end, {}).value();
  BOOST_TEST(calls.settled == 1u);
  BOOST_TEST((calls.sequences == std::vector<std::uint64_t>{1, 2}));
}

BOOST_AUTO_TEST_CASE(case_45_a_caller_says_where_resent_commands_end_also_on_the_link_after) {
  caller calls{session_id{1}, [] { return std::chrono::steady_clock::time_point{}; }, [] {}};
  heard first, second, third;
  command_frame what;
  what.category = "counter";
  what.key = "a";
  what.name = "add";
  calls.opened(first.over, {true, 0, {}, ~std::uint64_t{0}, {7, 0}});
  (void)calls.send(what, std::chrono::seconds{1});
  (void)calls.send(what, std::chrono::seconds{1});
  calls.flush();
  BOOST_TEST(first.count(frame_kind::resent_end) == 0u);
  calls.lost(*first.over);
  calls.opened(second.over, {true, 0, {}, ~std::uint64_t{0}, {7, 0}});
  calls.flush();
  BOOST_TEST(second.count(frame_kind::resent_end) == 1u);
  calls.lost(*second.over);  // the commands have arrived, and their end has not
  calls.opened(third.over, {false, 2, {}, ~std::uint64_t{0}, {7, 0}});
  calls.flush();
  const auto sent = third.frames();
  BOOST_REQUIRE(sent.size() == 2u);
  BOOST_TEST((sent[0].first == frame_kind::confirm));
  BOOST_TEST((sent[1].first == frame_kind::resent_end));
}

BOOST_AUTO_TEST_CASE(case_45_resent_commands_beyond_the_credit_of_a_restarted_server_are_unknown) {
  caller calls{session_id{1}, [] { return std::chrono::steady_clock::time_point{}; }, [] {}};
  heard first, second;
  command_frame what;
  what.category = "counter";
  calls.opened(first.over, {true, 0, {}, ~std::uint64_t{0}, {7, 0}});
  std::vector<std::shared_ptr<annals::detail::waiter>> sent;
  for (int i = 0; i < 5; ++i) sent.push_back(calls.send(what, std::chrono::seconds{1}));
  calls.flush();
  calls.lost(*first.over);
  calls.opened(second.over, {true, 0, {.commands = 4}, ~std::uint64_t{0}, {7, 0}});  // would wait for all of them, and take four
  for (const auto& one : sent) {
    BOOST_REQUIRE(one->is_answered());
    BOOST_TEST((one->await().error().code == errc::unknown));
  }
  calls.flush();
  BOOST_TEST(second.count(frame_kind::command) == 0u);
}

BOOST_AUTO_TEST_CASE(answers_that_nobody_confirms_are_bounded_in_bytes) {
  calls_made calls;
  annals::net::credit limits;
  limits.bytes = 10'000;
  const auto session = std::make_shared<served_session>(session_id{1}, "shop-web", limits, plenty(), calls, [](auto&) {});
  heard peer;
  session->attach(peer.over, 1);
  session->received(*peer.over, frame_kind::confirm, number_of(0)).value();
  for (std::uint64_t n = 1; n <= 50; ++n) {
    session->received(*peer.over, frame_kind::request, request_of(n)).value();
    if (calls.made.size() == n)
      session->answer(calls.made.back(), annals::detail::answered{{}, std::string(4'000, 'x')});
    else
      calls.made.emplace_back();  // it was answered at once
  }
  session->flush();
  std::size_t bytes = 0, overloaded = 0;
  for (const auto& [kind, payload] : peer.frames()) {
    bytes += payload.size();
    const auto answer = read_answer(payload).value();
    overloaded += !answer.given && answer.given.error().code == errc::overloaded;
  }
  BOOST_TEST(overloaded == 48u);
  BOOST_TEST(bytes < 20'000u);
  session->received(*peer.over, frame_kind::confirm, number_of(50)).value();
  session->received(*peer.over, frame_kind::request, request_of(51)).value();
  session->answer(calls.made.back(), annals::detail::answered{{}, std::string(4'000, 'x')});
  session->flush();
  const auto next = peer.frames();
  BOOST_REQUIRE(next.size() == 1u);
  BOOST_TEST(read_answer(next[0].second).value().given.has_value());
}

BOOST_AUTO_TEST_CASE(long_answers_to_commands_do_not_count_against_the_callers_credit) {
  calls_made calls;
  annals::net::credit limits;
  limits.bytes = 1'000;
  const auto session = std::make_shared<served_session>(session_id{1}, "shop-web", limits, plenty(), calls, [](auto&) {});
  heard peer;
  session->attach(peer.over, 1);
  session->received(*peer.over, frame_kind::confirm, number_of(0)).value();
  for (std::uint64_t n = 1; n <= 5; ++n) {
    BOOST_REQUIRE(session->received(*peer.over, frame_kind::command, command_of(n, false)).has_value());
    session->answer(calls.made.back(), annals::error{errc::rejected, "no", std::string(4'000, 'x')});
  }
}

BOOST_AUTO_TEST_CASE(case_122_calls_and_answers_of_all_sessions_of_a_peer_occupy_no_more_than_its_share) {
  calls_made calls;
  const auto share = std::make_shared<share_of_peers>(100'000);
  std::vector<std::shared_ptr<served_session>> sessions;
  std::vector<heard> peers(3);
  for (unsigned char n = 0; n < 3; ++n) {
    const auto session =
        sessions.emplace_back(std::make_shared<served_session>(session_id{n}, "shop-web", annals::net::credit{}, share, calls, [](auto&) {}));
    session->attach(peers[n].over, 1);
    session->received(*peers[n].over, frame_kind::confirm, number_of(0)).value();
  }
  std::size_t refused = 0;
  for (std::uint64_t i = 1; i <= 100; ++i)
    for (std::size_t n = 0; n < 3; ++n) {
      const auto made = calls.made.size();
      BOOST_REQUIRE(sessions[n]->received(*peers[n].over, frame_kind::request, request_of(i)).has_value());
      if (calls.made.size() > made)
        sessions[n]->answer(calls.made.back(), annals::detail::answered{{}, std::string(2'000, 'x')});
      else
        ++refused;
    }
  BOOST_TEST(calls.made.size() > 20u);
  BOOST_TEST(refused > 200u);
  // What is refused has an answer, too, and these are small.
  BOOST_TEST(share->taken() < 50'000u + 300u * 200u);
  // Other peers still have room, and it comes back with the confirmations, or with the session.
  BOOST_TEST(share->fits("till", 10'000));
  const auto before = share->taken();
  sessions[0]->received(*peers[0].over, frame_kind::confirm, number_of(100)).value();
  BOOST_TEST(share->taken() < before);
  sessions.clear();
  BOOST_TEST(share->taken() == 0u);
}

BOOST_AUTO_TEST_CASE(what_gives_back_or_is_sent_again_is_taken_also_without_room) {
  calls_made calls;
  const auto share = std::make_shared<share_of_peers>(100'000);
  share->add("shop-web", 100'000);  // another session of the peer
  const auto session = std::make_shared<served_session>(session_id{1}, "shop-web", annals::net::credit{}, share, calls, [](auto&) {});
  heard peer;
  session->attach(peer.over, 1);
  session->received(*peer.over, frame_kind::confirm, number_of(0)).value();
  session->received(*peer.over, frame_kind::request, request_of(1)).value();  // a question
  BOOST_TEST(calls.made.empty());
  std::string ack;
  put(ack, request_frame{2, static_cast<std::uint8_t>(call::ack), annals::encoded(ack_call{1, {1}})});
  session->received(*peer.over, frame_kind::request, payload_of(ack)).value();
  BOOST_TEST(calls.made.size() == 1u);
  session->received(*peer.over, frame_kind::command, command_of(3, true)).value();
  session->received(*peer.over, frame_kind::resent_end, {}).value();
  BOOST_TEST(calls.sequences == std::vector<std::uint64_t>{3}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_cannot_be_sent_closes_the_link_and_is_sent_on_the_next_one) {
  calls_made calls;
  const auto session = std::make_shared<served_session>(session_id{1}, "shop-web", annals::net::credit{}, plenty(), calls, [](auto&) {});
  heard first, second;
  session->attach(first.over, 1);
  session->received(*first.over, frame_kind::confirm, number_of(0)).value();
  session->received(*first.over, frame_kind::command, command_of(1, false)).value();
  session->answer(calls.made.back(), annals::detail::answered{});
  first.at->throws = true;
  BOOST_CHECK_THROW(session->flush(), std::bad_alloc);
  BOOST_TEST(first.at->is_closed);
  session->lost(*first.over);
  session->attach(second.over, 2);
  session->received(*second.over, frame_kind::confirm, number_of(0)).value();
  BOOST_TEST(session->flush() > 0u);
  BOOST_TEST(second.count(frame_kind::answer) == 1u);
}

BOOST_AUTO_TEST_CASE(a_caller_passes_over_an_answer_that_is_too_large) {
  std::string bytes;
  put(bytes, answer_frame{1, annals::detail::answered{{}, "small"}});
  put(bytes, answer_frame{2, annals::detail::answered{{}, std::string(5'000, 'x')}});
  put(bytes, answer_frame{3, annals::detail::answered{{}, "small"}});
  for (const std::size_t part : {1, 3, 13, 14, 100, 100'000}) {
    frame_reader reader{1'000, large_frames::are_passed_over};
    std::vector<annals::net::answer_frame> all;
    for (std::size_t at = 0; at < bytes.size(); at += part)
      reader
          .take(std::string_view{bytes}.substr(at, part),
                [&](frame_kind kind, std::string_view payload) -> annals::result<void> {
                  BOOST_TEST((kind == frame_kind::answer));
                  all.push_back(read_answer(payload).value());
                  return {};
                })
          .value();
    BOOST_REQUIRE(all.size() == 3u);
    for (std::size_t i = 0; i < 3; ++i) BOOST_TEST(all[i].sequence == i + 1);
    BOOST_TEST(all[0].given.value().bytes == "small");
    BOOST_TEST((all[1].given.error().code == errc::too_large));
    BOOST_TEST(all[2].given.value().bytes == "small");
    BOOST_TEST(reader.buffered() == 0u);
  }
  frame_reader reader{1'000, large_frames::are_passed_over};
  std::string command;
  command_frame what;
  const std::string body(5'000, 'x');
  what.body = body;
  put(command, what);
  BOOST_TEST(!reader.take(command, [](frame_kind, std::string_view) -> annals::result<void> { return {}; }).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
