// The bytes of a record: what is written is read back, and nothing else is accepted.
#include "store/log/record.hpp"
#include "support/printed.hpp"

#include <rapidcheck.h>
#include <boost/test/unit_test.hpp>

#include <string>

using namespace annals;
using namespace annals::store;

namespace {

std::string sealed(const record_view& r) {
  std::string bytes;
  append_record(bytes, r);
  seal_record(bytes.data(), bytes.size(), r.at, r.time);
  return bytes;
}

record_view whole_record() {
  record_view r;
  r.at = 77;
  r.stream = "order-7f3a";
  r.version = 12;
  r.time = 1'700'000'000'000'000;
  r.type = "order_placed";
  r.schema = 3;
  r.command_id = "c-1";
  r.fingerprint = 0x0123456789abcdef;
  r.index = 1;
  r.count = 2;
  r.causation = "cause";
  r.correlation = "correlation";
  r.principal = "somebody";
  r.seen = 70;
  r.payload =
      "\x81\xa5"
      "cents\x05";
  return r;
}

bool same(const record_view& a, const record_view& b) {
  return a.at == b.at && a.stream == b.stream && a.version == b.version && a.time == b.time && a.type == b.type && a.schema == b.schema &&
         a.command_id == b.command_id && a.fingerprint == b.fingerprint && a.index == b.index && a.count == b.count && a.causation == b.causation &&
         a.correlation == b.correlation && a.principal == b.principal && a.seen == b.seen && a.payload == b.payload && a.trace == b.trace;
}

const trace_context a_trace{{0x4b, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0x36}, {0xf0, 2, 3, 4, 5, 6, 7, 0xb7}, true};

/// Any text of at most `bytes_max` bytes.
std::string any_text(std::size_t bytes_max) {
  auto text = *rc::gen::arbitrary<std::string>();
  if (*rc::gen::inRange(0, 8) == 0) text.assign(bytes_max, 'x');
  text.resize(std::min(text.size(), bytes_max));
  return text;
}

errc refused(position at, std::string_view bytes) {
  const auto r = read_record(at, bytes);
  return r ? errc{0} : r.error().code;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(record)

BOOST_AUTO_TEST_CASE(any_record_is_read_back_as_it_was_written) {
  BOOST_TEST(rc::check([] {
    const auto stream = any_text(255), type = any_text(255), id = any_text(255), causation = any_text(255), correlation = any_text(255),
               principal = any_text(255), payload = any_text(100'000);
    record_view r{*rc::gen::arbitrary<position>(),
                  stream,
                  *rc::gen::arbitrary<version>(),
                  *rc::gen::arbitrary<timestamp>(),
                  type,
                  *rc::gen::arbitrary<std::uint16_t>(),
                  id,
                  *rc::gen::arbitrary<std::uint64_t>(),
                  *rc::gen::arbitrary<std::uint16_t>(),
                  *rc::gen::arbitrary<std::uint16_t>(),
                  causation,
                  correlation,
                  principal,
                  *rc::gen::arbitrary<position>(),
                  payload};
    if (*rc::gen::arbitrary<bool>()) r.trace = a_trace;
    const auto bytes = sealed(r);
    RC_ASSERT(record_bytes(bytes) == bytes.size());
    const auto back = read_record(r.at, bytes);
    RC_ASSERT(back.has_value());
    RC_ASSERT(same(*back, r));
    RC_ASSERT(back->checksum == record_checksum(bytes));
  }));
}

BOOST_AUTO_TEST_CASE(records_that_lie_together_are_told_apart) {
  std::string bytes;
  append_record(bytes, whole_record());
  const auto first = bytes.size();
  record_view small;
  small.stream = "a-1";
  append_record(bytes, small);
  BOOST_TEST(record_bytes(bytes) == first);
  BOOST_TEST(record_bytes(std::string_view{bytes}.substr(first)) == bytes.size() - first);
  BOOST_TEST(record_bytes(std::string_view{bytes}.substr(0, first - 1)) == 0u);
}

BOOST_AUTO_TEST_CASE(a_view_that_was_used_before_keeps_nothing_of_it) {
  auto first = whole_record();
  first.trace = a_trace;
  BOOST_TEST_REQUIRE(first.seen != 0u);
  record_view second;
  second.at = 5;
  record_view view;
  BOOST_TEST_REQUIRE(read_record(first.at, sealed(first), view).has_value());
  const auto bytes = sealed(second);
  BOOST_TEST_REQUIRE(read_record(second.at, bytes, view).has_value());
  BOOST_TEST(sealed(view) == bytes);
  BOOST_TEST(view.at == 5u);
  BOOST_TEST(view.seen == 0u);
  BOOST_TEST(!view.trace.is_set());
  BOOST_TEST(view.stored_bytes == bytes.size());
}

BOOST_AUTO_TEST_CASE(case_48_every_flipped_bit_is_detected) {
  const auto r = whole_record();
  auto bytes = sealed(r);
  BOOST_TEST_REQUIRE(read_record(r.at, bytes).has_value());
  std::size_t missed = 0;
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    if (refused(r.at, bytes) != errc::corrupt_record) ++missed;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
  }
  BOOST_TEST(missed == 0u);
}

BOOST_AUTO_TEST_CASE(case_48_the_error_names_the_position) {
  auto bytes = sealed(whole_record());
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  const auto r = read_record(77, bytes);
  BOOST_TEST_REQUIRE(!r.has_value());
  BOOST_TEST(r.error().place == 77u);
  BOOST_TEST(r.error().message().find("77") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(case_49_a_record_of_a_newer_program_is_no_damage) {
  constexpr std::size_t format = 8, flags = 9, reserved = 22;
  for (const auto place : {format, flags, reserved}) {
    const auto r = whole_record();
    auto bytes = sealed(r);
    bytes[place] = static_cast<char>(bytes[place] | 4);
    bytes += "a field of later times";
    BOOST_TEST((refused(r.at, bytes) == errc::corrupt_record));  // not sealed
    seal_record(bytes.data(), bytes.size(), r.at, r.time);
    const auto newer = read_record(r.at, bytes);
    BOOST_TEST_REQUIRE(!newer.has_value());
    BOOST_TEST((newer.error().code == errc::store_newer));
    BOOST_TEST(newer.error().place == r.at);
    BOOST_TEST(newer_record(r.at, bytes).has_value());
    BOOST_TEST(record_bytes(bytes) == 0u);  // its fields are unknown, and so is its end
  }
  BOOST_TEST(!newer_record(77, sealed(whole_record())).has_value());
}

BOOST_AUTO_TEST_CASE(a_trace_is_stored_only_if_it_is_sampled) {
  auto r = whole_record();
  const auto without = sealed(r);
  r.trace = a_trace;
  const auto with = sealed(r);
  BOOST_TEST(with.size() == without.size() + 24);
  BOOST_TEST((read_record(r.at, with)->trace == a_trace));
  r.trace.sampled = false;
  BOOST_TEST(sealed(r) == without);
  BOOST_TEST(!read_record(r.at, without)->trace.is_set());
}

/// What decides whether a record is of a newer program, as it was before records had traces: any flag but bit 0.
BOOST_AUTO_TEST_CASE(a_program_that_knows_no_traces_refuses_a_record_that_has_one) {
  auto r = whole_record();
  constexpr std::size_t flags = 9;
  constexpr std::uint8_t known_before = 1;
  BOOST_TEST((sealed(r)[flags] & ~known_before) == 0);
  r.trace = a_trace;
  BOOST_TEST((sealed(r)[flags] & ~known_before) == 2);
}

BOOST_AUTO_TEST_CASE(a_record_at_another_position_is_refused) {
  const auto bytes = sealed(whole_record());
  BOOST_TEST((refused(76, bytes) == errc::corrupt_record));
  BOOST_TEST((refused(78, bytes) == errc::corrupt_record));
}

BOOST_AUTO_TEST_CASE(every_truncation_and_any_garbage_is_refused_without_reading_past_the_end) {
  const auto whole = sealed(whole_record());
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const std::string cut{whole.data(), n};  // a separate string, so that a sanitizer sees a read past its end
    BOOST_TEST((refused(77, cut) == errc::corrupt_record));
    BOOST_TEST(record_bytes(cut) == 0u);
  }
  BOOST_TEST((refused(77, whole + "x") == errc::corrupt_record));
  BOOST_TEST(rc::check([](const std::string& garbage) {
    RC_ASSERT(!read_record(1, garbage).has_value());
    RC_ASSERT(record_bytes(garbage) <= garbage.size());
  }));
}

namespace {
std::string in_hex(std::string_view bytes) {
  std::string hex;
  for (const unsigned char c : bytes) {
    constexpr char digits[] = "0123456789abcdef";
    hex += digits[c >> 4];
    hex += digits[c & 15];
  }
  return hex;
}
}  // namespace

/// Format 1 must stay readable forever: the first version wrote these bytes.
BOOST_AUTO_TEST_CASE(bytes_of_format_1_stay_as_they_are) {
  record_view r;
  r.at = 1;
  r.stream = "a-1";
  r.version = 2;
  r.time = 3;
  r.type = "t";
  r.payload = "\x80";
  const auto hex = in_hex(sealed(r));
  BOOST_TEST(hex.substr(16) ==
             "01"
             "00"
             "030100000000"
             "0100"
             "0000"
             "0100"
             "0000"
             "01000000"
             "0300000000000000"
             "0200000000000000"
             "0000000000000000"
             "612d31"
             "74"
             "80");
  BOOST_TEST(hex.substr(0, 16) == "fa387711018dad7e");
}

/// The same of a record with a trace, as the first version with traces wrote it.
BOOST_AUTO_TEST_CASE(bytes_of_a_traced_record_stay_as_they_are) {
  record_view r;
  r.at = 1;
  r.stream = "a-1";
  r.version = 2;
  r.time = 3;
  r.type = "t";
  r.seen = 5;
  r.payload = "\x80";
  r.trace = a_trace;
  const auto hex = in_hex(sealed(r));
  BOOST_TEST(hex.substr(16) ==
             "01"
             "03"
             "030100000000"
             "0100"
             "0000"
             "0100"
             "0000"
             "01000000"
             "0300000000000000"
             "0200000000000000"
             "0000000000000000"
             "0500000000000000"
             "4b02030405060708090a0b0c0d0e0f36"
             "f0020304050607b7"
             "612d31"
             "74"
             "80");
}

BOOST_AUTO_TEST_SUITE_END()
