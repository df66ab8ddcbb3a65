#include "ops/access/secret.hpp"
#include "ops/access/sessions.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

namespace {

using namespace annals::ops;

struct sessions_rig {
  std::chrono::steady_clock::time_point now{std::chrono::hours{100}};
  sessions all{[this] { return now; }};
  login_failure why{};

  std::optional<session> open(std::string_view token) { return all.open(token, "127.0.0.1", why); }
  session opened() { return open(*all.new_login()).value(); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(ops_sessions)

BOOST_AUTO_TEST_CASE(secrets_differ_and_have_256_bits) {
  std::set<std::string> all;
  for (int n = 0; n < 100; ++n) {
    const auto one = new_secret().value();
    BOOST_TEST(one.size() == 43U);
    BOOST_TEST(one.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == std::string::npos);
    all.insert(one);
  }
  BOOST_TEST(all.size() == 100U);
}

BOOST_AUTO_TEST_CASE(secrets_are_compared_whole) {
  BOOST_TEST(is_same_secret("abc", "abc"));
  for (const auto* other : {"", "ab", "abd", "xbc", "abcd"}) BOOST_TEST(!is_same_secret("abc", other), other);
  BOOST_TEST(!is_same_secret("", ""));
}

BOOST_AUTO_TEST_CASE(a_token_opens_one_session) {
  sessions_rig r;
  const auto token = r.all.new_login().value();
  const auto first = r.open(token);
  BOOST_REQUIRE(first);
  BOOST_TEST(first->number == 1U);
  BOOST_TEST((first->csrf != first->secret && first->csrf != token && first->secret != token));
  BOOST_TEST(!r.open(token));
  BOOST_TEST((r.why == login_failure::wrong_token));
  BOOST_TEST(r.all.find(first->secret)->number == 1U);
  BOOST_TEST(!r.all.find(first->csrf));
  BOOST_TEST(!r.all.find(""));
  BOOST_TEST(r.opened().number == 2U);
}

BOOST_AUTO_TEST_CASE(a_session_ends_after_its_time_and_by_logging_out) {
  sessions_rig r;
  const auto one = r.opened(), other = r.opened();
  r.now += sessions::lifetime - std::chrono::seconds{1};
  BOOST_TEST(r.all.find(one.secret).has_value());
  r.all.close(one.secret);
  BOOST_TEST(!r.all.find(one.secret));
  BOOST_TEST(r.all.find(other.secret).has_value());
  r.now += std::chrono::seconds{1};
  BOOST_TEST(!r.all.find(other.secret));
  BOOST_TEST(r.all.count() == 0U);
}

BOOST_AUTO_TEST_CASE(sessions_and_waiting_tokens_are_bounded) {
  sessions_rig r;
  const auto first = r.opened();
  for (std::size_t n = 1; n < sessions::sessions_max; ++n) (void)r.opened();
  BOOST_TEST(r.all.find(first.secret).has_value());
  (void)r.opened();
  BOOST_TEST(!r.all.find(first.secret));
  BOOST_TEST(r.all.count() == sessions::sessions_max);
  const auto oldest = r.all.new_login().value();
  for (std::size_t n = 0; n < sessions::logins_max; ++n) (void)r.all.new_login();
  BOOST_TEST(!r.open(oldest));
}

BOOST_AUTO_TEST_CASE(many_wrong_tokens_are_told_to_wait_and_lock_nobody_out) {
  sessions_rig r;
  const auto right = r.all.new_login().value();
  for (std::size_t n = 0; n < sessions::wrong_max; ++n) BOOST_TEST((!r.open("wrong") && r.why == login_failure::wrong_token));
  BOOST_TEST((!r.open("wrong") && r.why == login_failure::too_many));
  BOOST_TEST(r.open(right).has_value());
  r.now += sessions::wrong_window;
  BOOST_TEST((!r.open("wrong") && r.why == login_failure::wrong_token));
}

BOOST_AUTO_TEST_SUITE_END()
