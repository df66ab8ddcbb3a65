// Frames and record batches: golden bytes, and what is refused.
#include "net/wire/calls.hpp"
#include "net/wire/frames.hpp"
#include "net/wire/records.hpp"
#include "support/golden_bytes.hpp"

#include <boost/test/unit_test.hpp>

#include <random>
#include <string>
#include <vector>

using namespace annals;
using namespace annals::net;

namespace {

struct frame {
  frame_kind kind;
  std::string payload;
  friend bool operator==(const frame&, const frame&) = default;
};

/// What a reader makes of these bytes when they come in parts of at most `part`.
result<std::vector<frame>> read(std::string_view bytes, std::size_t part, std::size_t frame_bytes_max = 1'000'000) {
  std::vector<frame> found;
  frame_reader reader{frame_bytes_max};
  while (!bytes.empty()) {
    auto ok = reader.take(bytes.substr(0, part), [&](frame_kind kind, std::string_view payload) {
      found.push_back({kind, std::string{payload}});
      return result<void>{};
    });
    if (!ok) return std::move(ok).error();
    bytes.remove_prefix(std::min(part, bytes.size()));
  }
  BOOST_TEST(reader.buffered() == 0u);
  return found;
}

command_frame a_command() {
  command_frame f;
  f.sequence = 7;
  f.since = token{0x0102, 3};
  f.expect = 5;
  f.category = "account";
  f.key = "42";
  f.name = "deposit";
  f.id = "id";
  f.correlation = "c";
  f.causation = "because";
  f.principal = "anna";
  f.body = "\x81";
  return f;
}

std::string only_payload(std::string_view whole) { return read(whole, whole.size()).value().at(0).payload; }

}  // namespace

BOOST_AUTO_TEST_SUITE(frames)

BOOST_AUTO_TEST_CASE(the_bytes_of_each_frame_never_change) {
  std::string command, made, request, receipt_answer, error_answer, bytes_answer, others;
  put(command, a_command());
  check_golden("frame_command", command);
  auto traced = a_command();
  traced.trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  std::string with_trace;
  put(with_trace, traced);
  check_golden("frame_command_with_trace", with_trace);
  auto own = command_frame{};
  own.sequence = 1;
  own.has_made_id = true;
  put(made, own);
  check_golden("frame_command_with_made_id", made);
  put(request, request_frame{2, 5, "x"});
  check_golden("frame_request", request);
  put(receipt_answer, answer_frame{3, detail::answered{{4, 5, 2, {6, 5}}, {}}});
  check_golden("frame_receipt", receipt_answer);
  error why{errc::rejected, "no", "because"};
  put(error_answer, answer_frame{3, why});
  check_golden("frame_error", error_answer);
  put(bytes_answer, answer_frame{3, detail::answered{{}, "ab"}});
  check_golden("frame_bytes", bytes_answer);
  put_confirm(others, 9);
  put_resent_end(others);
  put_goodbye(others, 8);
  check_golden("frames_confirm_resent_end_goodbye", others);
}

BOOST_AUTO_TEST_CASE(what_was_put_is_read) {
  std::string bytes;
  put(bytes, a_command());
  const auto payload = only_payload(bytes);
  const auto back = read_command(payload).value();
  BOOST_TEST(back.sequence == 7u);
  BOOST_TEST((back.since == token{0x0102, 3}));
  BOOST_TEST(back.expect.value() == 5u);
  BOOST_TEST(back.category == "account");
  BOOST_TEST(back.key == "42");
  BOOST_TEST(back.name == "deposit");
  BOOST_TEST(back.id == "id");
  BOOST_TEST(back.correlation == "c");
  BOOST_TEST(back.causation == "because");
  BOOST_TEST(back.principal == "anna");
  BOOST_TEST(back.body == "\x81");
  BOOST_TEST(!back.is_resent);
  mark_resent(bytes);
  const auto marked = only_payload(bytes);
  BOOST_TEST(read_command(marked)->is_resent);
  BOOST_TEST(read_command(marked)->key == "42");
}

BOOST_AUTO_TEST_CASE(a_command_may_have_a_trace) {
  auto f = a_command();
  f.trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  std::string bytes, without;
  put(bytes, f);
  put(without, a_command());
  BOOST_TEST(bytes.size() == without.size() + 2 + f.trace.size());
  const auto payload = only_payload(bytes);
  BOOST_TEST(read_command(payload)->trace == f.trace);
  BOOST_TEST(read_command(payload)->principal == "anna");
  BOOST_TEST(read_command(payload)->body == "\x81");
  BOOST_TEST(read_command(only_payload(without))->trace.empty());
}

BOOST_AUTO_TEST_CASE(frames_may_be_cut_anywhere) {
  std::string bytes;
  put(bytes, a_command());
  put_confirm(bytes, 3);
  put(bytes, request_frame{9, 2, std::string(300, 'r')});
  put_resent_end(bytes);
  const auto whole = read(bytes, bytes.size()).value();
  BOOST_TEST(whole.size() == 4u);
  for (std::size_t part = 1; part < bytes.size(); ++part) BOOST_TEST((read(bytes, part).value() == whole));
}

BOOST_AUTO_TEST_CASE(a_frame_over_the_limit_is_refused_by_its_length_alone) {
  std::string bytes;
  put(bytes, request_frame{9, 2, std::string(300, 'r')});
  const auto cut = read(bytes.substr(0, 4), 4, 100);
  BOOST_REQUIRE(!cut);
  BOOST_TEST((cut.error().code == errc::too_large));
  BOOST_TEST(cut.error().message().find("310 bytes, at most 100") != std::string::npos, cut.error().message());
}

BOOST_AUTO_TEST_CASE(a_payload_that_is_cut_off_is_refused) {
  std::string command, answer, receipt_answer;
  put(command, a_command());
  put(answer, answer_frame{3, error{errc::rejected, "no", "because"}});
  put(receipt_answer, answer_frame{3, detail::answered{{4, 5, 2, {6, 5}}, {}}});
  const auto c = only_payload(command), a = only_payload(answer), r = only_payload(receipt_answer);
  for (std::size_t n = 0; n + 1 < c.size(); ++n) BOOST_TEST(!read_command(c.substr(0, n)));  // the body may be empty
  for (std::size_t n = 0; n < a.size(); ++n) BOOST_TEST(!read_answer(a.substr(0, n)));
  for (std::size_t n = 0; n < r.size(); ++n) BOOST_TEST(!read_answer(r.substr(0, n)));
  BOOST_TEST(!read_answer(r + "x"));
  BOOST_TEST(!read_number("1234567"));
  BOOST_TEST(!read_number("123456789"));
  auto unknown_flag = c;
  unknown_flag[8] = static_cast<char>(0x40);
  BOOST_TEST(!read_command(unknown_flag));
}

BOOST_AUTO_TEST_CASE(garbage_is_refused_and_takes_no_more_memory_than_the_limit) {
  std::mt19937_64 random{11};
  for (int i = 0; i < 5'000; ++i) {
    std::string bytes(random() % 200, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(random());
    frame_reader reader{1'000};
    (void)reader.take(bytes, [](frame_kind kind, std::string_view payload) {
      if (kind == frame_kind::command) (void)read_command(payload);
      if (kind == frame_kind::answer) (void)read_answer(payload);
      (void)read_request(payload);
      (void)read_number(payload);
      return result<void>{};
    });
    BOOST_TEST(reader.buffered() <= 1'004u);
    (void)read_batch(bytes, [](const auto&, auto) { return true; });
  }
}

BOOST_AUTO_TEST_CASE(records_keep_their_checksums) {
  record_view r;
  r.at = 12;
  r.stream = "account-42";
  r.version = 3;
  r.time = 1'000;
  r.type = "money_deposited";
  r.command_id = "id";
  r.payload = "\x80";
  record_batch batch;
  batch.add(r, 2);
  r.at = 19;
  r.version = 4;
  batch.add(r);
  auto bytes = batch.done(20, true);
  std::vector<position> seen;
  const auto end = read_batch(bytes, [&](const record_view& one, std::uint32_t attempt) {
    BOOST_TEST(one.stream == "account-42");
    BOOST_TEST(one.time == 1'000);
    BOOST_TEST(attempt == (one.at == 12 ? 2u : 0u));
    seen.push_back(one.at);
    return true;
  });
  BOOST_TEST((seen == std::vector<position>{12, 19}));
  BOOST_TEST(end->next == 20u);
  BOOST_TEST(end->is_last);
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  const auto damaged = read_batch(bytes, [](const auto&, auto) { return true; });
  BOOST_REQUIRE(!damaged);
  BOOST_TEST((damaged.error().code == errc::corrupt_record));
  BOOST_TEST(damaged.error().place == 19u);
}

BOOST_AUTO_TEST_CASE(every_call_has_a_name_of_its_own) {
  std::vector<std::string_view> names;
  for (const auto one : calls) names.push_back(to_string(one));
  std::sort(names.begin(), names.end());
  BOOST_TEST((std::adjacent_find(names.begin(), names.end()) == names.end()));
  BOOST_TEST(to_string(static_cast<call>(0)) == "unknown");
  BOOST_TEST(to_string(static_cast<call>(200)) == "unknown");
}

BOOST_AUTO_TEST_SUITE_END()
