// Case 78: what is parked is said, by callback, in the log and in health; and a query that waits for it does not get less than it asked for.
#include "store/log/record.hpp"
#include "support/picky.hpp"
#include "support/printed.hpp"
#include "support/repeating.hpp"
#include "support/virtual_engine.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <mutex>

using namespace annals;
using namespace world;

namespace {

/// What a host hears.
class heard {
public:
  options hearing() {
    auto with = memory_engine::quiet();
    with.on_parked = [this](const parked_notice& one) {
      const std::lock_guard lock{mutex_};
      notices_.push_back(one);
      throw std::runtime_error("a callback that throws");
    };
    with.log_sink = [this](log_level level, std::string_view line) {
      const std::lock_guard lock{mutex_};
      if (level == log_level::warning || level == log_level::info) lines_.emplace_back(line);
    };
    return with;
  }
  std::vector<parked_notice> notices() {
    const std::lock_guard lock{mutex_};
    return notices_;
  }
  std::size_t lines_with(std::string_view text) {
    const std::lock_guard lock{mutex_};
    const auto has_it = [&](const auto& line) { return line.find(text) != std::string::npos; };
    return static_cast<std::size_t>(std::count_if(lines_.begin(), lines_.end(), has_it));
  }

private:
  std::mutex mutex_;
  std::vector<parked_notice> notices_;
  std::vector<std::string> lines_;
};

void check_notice(const parked_notice& one, std::string_view owner, position at, std::string_view stream, std::uint32_t attempts) {
  BOOST_TEST(one.owner == owner);
  BOOST_TEST(one.at == at);
  BOOST_TEST(one.stream == stream);
  BOOST_TEST(one.type == "noted");
  BOOST_TEST(one.attempts == attempts);
  BOOST_TEST(one.error.find("does not like") != std::string::npos);
}

template <class P>
result<std::int64_t> count_at(rig<P>& r, std::string_view key, token at) {
  auto answer = detail::await(*r.e.engine->ask("picky", "sum_of", encoded(sum_of{std::string{key}}), at_least{at, std::chrono::seconds{60}}));
  if (!answer) return std::move(answer).error();
  return detail::decoded_answer<std::int64_t>(answer->bytes);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(parked_notices)

BOOST_AUTO_TEST_CASE(case_78_a_projection_says_once_what_it_parks_and_is_not_well) {
  parks_streams::begin();
  memory_store store;
  {
    heard host;
    rig<parks_streams> r{store, host.hearing()};
    BOOST_TEST(r.e.engine->health().well());
    r.write("a", "bad one");
    r.write("a", "behind it");
    wait_until([&] { return r.parked().size() == 2; });
    wait_until([&] { return host.notices().size() == 1; });
    check_notice(host.notices()[0], "picky", 1, "counter-a", 3);
    BOOST_TEST(host.lines_with("picky: noted at position 1 of stream counter-a is parked after 3 attempts") == 1u);
    BOOST_TEST(!r.e.engine->health().well());
    BOOST_TEST(!r.retry(1).has_value());  // who asks for it hears that it failed again
    BOOST_TEST(host.notices().size() == 1u);
  }
  for (const bool has_images : {true, false}) {
    if (!has_images) *store.images = {};
    heard host;
    rig<parks_streams> r{store, host.hearing()};
    BOOST_TEST(r.parked().size() == 2u);
    BOOST_TEST(!r.e.engine->health().well());
    BOOST_TEST(host.lines_with("picky: an earlier run has parked 1 events, the first at position 1") == 1u);
    r.write("b", "bad two");
    wait_until([&] { return host.notices().size() == 1; });
    check_notice(host.notices()[0], "picky", r.e.log->durable(), "counter-b", 3);
    BOOST_TEST(r.skip(r.e.log->durable()).has_value());
  }
  parks_streams::cures = true;
  heard host;
  rig<parks_streams> r{store, host.hearing()};
  BOOST_TEST(r.e.engine->health().well());
  BOOST_TEST(host.notices().empty());
}

BOOST_AUTO_TEST_CASE(case_78_so_does_a_process_manager) {
  begin();
  memory_store store;
  {
    heard host;
    repeating_rig e{store, host.hearing()};
    const auto bad = e.write("x bad");
    e.write("x 2");
    e.wait_for_parked(2);
    wait_until([&] { return host.notices().size() == 1; });
    check_notice(host.notices()[0], "repeating", bad, "repeating-x", 3);
    BOOST_TEST(!e.engine->health().well());
  }
  heard host;
  repeating_rig e{store, host.hearing()};
  e.wait_for_parked(2);
  e.engine->settle(60s).value();
  BOOST_TEST(host.notices().empty());
  BOOST_TEST(host.lines_with("repeating: an earlier run has parked 1 events") == 1u);
}

BOOST_AUTO_TEST_CASE(case_78_and_a_subscription) {
  heard host;
  memory_store store;
  virtual_engine e{store, true, {}, host.hearing()};
  e.note("a");
  member one{e, "mail", {.failure = {1, std::chrono::milliseconds{1}}}};
  BOOST_TEST(one.positions().size() == 1u);
  one.nack(1, "does not like it");
  e.settle();
  BOOST_TEST_REQUIRE(host.notices().size() == 1u);
  check_notice(host.notices()[0], "subscription/mail", 1, "counter-a", 1);
  BOOST_TEST(!e.engine().health().well());
}

BOOST_AUTO_TEST_CASE(case_78_a_query_that_waits_for_what_is_parked_says_so) {
  parks_streams::begin();
  memory_store store;
  rig<parks_streams> r{store};
  r.write("b", "fine");
  const auto bad = r.e.send("a", note{"bad one"}).value();
  const auto behind = r.e.send("a", note{"behind it"}).value();
  const auto other = r.e.send("b", note{"fine"}).value();
  for (const auto& written : {bad, behind}) {
    const auto refused = count_at(r, "a", written.token.at > 0 ? written.token : token{0, written.at});
    BOOST_TEST_REQUIRE(!refused.has_value());
    BOOST_TEST((refused.error().code == errc::parked));
    BOOST_TEST(refused.error().place == written.at);
  }
  BOOST_TEST(count_at(r, "b", {0, other.at}).value() == 2);
  parks_streams::cures = true;
  BOOST_TEST(r.retry(bad.at).value() == bad.at);
  BOOST_TEST(count_at(r, "a", {0, behind.at}).value() == 2);
}

/// A receipt's token is that of the command's last event.
BOOST_AUTO_TEST_CASE(case_78_the_first_event_of_the_command_counts_too) {
  parks_events::begin();
  memory_store store;
  const auto record = [&](position at, std::uint16_t index, std::string text) {
    const auto payload = encoded(noted{std::move(text)});
    record_view r;
    r.stream = "counter-a";
    r.version = at;
    r.type = noted::about.name;
    r.schema = noted::about.schema;
    r.index = index;
    r.count = 2;
    r.payload = payload;
    std::string bytes;
    store::append_record(bytes, r);
    store::seal_record(bytes.data(), bytes.size(), at, 1);
    store.log->records.push_back(bytes);
  };
  record(1, 0, "bad one");
  record(2, 1, "fine");
  rig<parks_events> r{store};
  const auto refused = count_at(r, "a", {0, 2});
  BOOST_TEST_REQUIRE(!refused.has_value());
  BOOST_TEST((refused.error().code == errc::parked));
  BOOST_TEST(refused.error().place == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
