#include "ops/access/guards.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace annals::ops;

struct guards_rig {
  explicit guards_rig(bool actions = true, scheme served = scheme::plain, std::vector<std::string> hosts = {})
      : all{{host_list{"127.0.0.1", hosts}, served, actions, "annals_7180"}, who} {
    login_failure why{};
    in = who.open(*who.new_login(), "127.0.0.1", why).value();
  }
  request get() const { return {.method = "GET", .headers = {{"host", "localhost:7180"}, {"cookie", "annals_7180=" + in.secret}}}; }
  request post() const {
    auto out = get();
    out.method = "POST";
    for (const auto& each :
         {std::pair{"origin", std::string{"http://localhost:7180"}}, {"content-type", "application/json"}, {"x-annals-csrf", in.csrf}})
      out.headers.emplace_back(each);
    return out;
  }
  /// The status of the refusal; 0 if it passes.
  int status(const request& asked, const demands& route) const {
    if (const auto refused = all.check(asked)) return refused->status;
    const auto passed = all.check(asked, route);
    const auto* refused = std::get_if<answer>(&passed);
    return refused ? refused->status : 0;
  }

  sessions who;
  guards all;
  session in;
};

request with(request from, std::string_view name, std::string_view value) {
  std::erase_if(from.headers, [&](const auto& each) { return each.first == name; });
  if (!value.empty()) from.headers.emplace_back(name, value);
  return from;
}

constexpr demands open_to_all{};
constexpr demands reading{.needs_session = true};
constexpr demands action{.is_post = true, .needs_session = true, .is_action = true};
constexpr demands login{.is_post = true};

}  // namespace

BOOST_AUTO_TEST_SUITE(ops_guards)

BOOST_AUTO_TEST_CASE(names_in_host) {
  BOOST_TEST((name_in_host("LocalHost:7180") == "localhost"));
  BOOST_TEST((name_in_host("[::1]:7180") == "::1"));
  BOOST_TEST((name_in_host("a") == "a"));
  for (const auto* wrong : {"", ":80", "a:", "a:b", "a:123456", "[::1", "[::1]x", "a:80:90", "::1"}) BOOST_TEST(!name_in_host(wrong), wrong);
}

BOOST_AUTO_TEST_CASE(only_known_names_are_answered) {
  const guards_rig r{true, scheme::plain, {"Console.example.org", "db:9000"}};
  for (const auto* known : {"localhost", "localhost:1", "127.0.0.1:7180", "[::1]:7180", "console.example.org", "CONSOLE.example.org:443", "db"})
    BOOST_TEST(r.status(with(r.get(), "host", known), reading) == 0, known);
  for (const auto* unknown :
       {"evil.example", "evil.example:7180", "localhost.evil.example", "127.0.0.1.evil.example", "localhost.", "example.org", ""})
    BOOST_TEST(r.status(with(r.get(), "host", unknown), reading) == 421, unknown);
  auto twice = r.get();
  twice.headers.emplace_back("host", "localhost");
  BOOST_TEST(r.status(twice, reading) == 421);
}

BOOST_AUTO_TEST_CASE(methods_and_sizes) {
  const guards_rig r;
  for (const auto* method : {"PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "CONNECT"}) {
    auto asked = r.get();
    asked.method = method;
    BOOST_TEST(r.status(asked, reading) == 405, method);
  }
  BOOST_TEST(r.status(r.get(), action) == 405);
  BOOST_TEST(r.status(r.post(), reading) == 405);
  BOOST_TEST(r.status(r.post(), {.exists = false}) == 405);
  auto large = r.post();
  large.is_cut = true;
  BOOST_TEST(r.status(large, action) == 413);
}

BOOST_AUTO_TEST_CASE(a_session_is_needed) {
  const guards_rig r;
  BOOST_TEST(r.status(r.get(), reading) == 0);
  BOOST_TEST(r.status(with(r.get(), "cookie", ""), open_to_all) == 0);
  for (const auto& cookie : {std::string{}, std::string{"annals_7180="}, std::string{"annals_7180=wrong"}, "annals_7181=" + r.in.secret,
                             "annals_7180=" + r.in.secret + "x", "annals_7180=" + r.in.secret + "; annals_7180=" + r.in.secret})
    BOOST_TEST(r.status(with(r.get(), "cookie", cookie), reading) == 401, cookie);
  BOOST_TEST(r.status(with(r.get(), "cookie", "a=b; annals_7180=" + r.in.secret + ";c=d"), reading) == 0);
}

BOOST_AUTO_TEST_CASE(an_action_needs_all_of_it) {
  const guards_rig r;
  BOOST_TEST(r.status(r.post(), action) == 0);
  BOOST_TEST(r.status(with(r.post(), "cookie", ""), action) == 401);
  for (const auto& csrf : {std::string{}, std::string{"wrong"}, r.in.secret})
    BOOST_TEST(r.status(with(r.post(), "x-annals-csrf", csrf), action) == 403);
  for (const auto* origin : {"", "null", "http://evil.example", "https://localhost:7180", "http://localhost:7181", "http://127.0.0.1:7180"})
    BOOST_TEST(r.status(with(r.post(), "origin", origin), action) == 403, origin);
  for (const auto* type : {"", "text/plain", "application/x-www-form-urlencoded", "application/jsonp"})
    BOOST_TEST(r.status(with(r.post(), "content-type", type), action) == 400, type);
  BOOST_TEST(r.status(with(r.post(), "content-type", "application/json; charset=utf-8"), action) == 0);
  const guards_rig off{false};
  BOOST_TEST(off.status(off.post(), action) == 405);
  BOOST_TEST(off.status(off.post(), {.is_post = true, .needs_session = true}) == 0);
}

BOOST_AUTO_TEST_CASE(a_login_needs_the_origin_and_no_session) {
  const guards_rig r;
  const auto asked = with(with(r.post(), "cookie", ""), "x-annals-csrf", "");
  BOOST_TEST(r.status(asked, login) == 0);
  BOOST_TEST(r.status(with(asked, "origin", "http://evil.example"), login) == 403);
}

BOOST_AUTO_TEST_CASE(pages_of_other_sites_read_nothing) {
  const guards_rig r;
  BOOST_TEST(r.status(with(r.get(), "sec-fetch-site", "cross-site"), reading) == 403);
  BOOST_TEST(r.status(with(r.get(), "sec-fetch-site", "same-origin"), reading) == 0);
  BOOST_TEST(r.status(with(r.get(), "sec-fetch-site", "none"), reading) == 0);
  BOOST_TEST(r.status(with(r.get(), "sec-fetch-site", "cross-site"), open_to_all) == 0);  // a link to the console leads there
}

BOOST_AUTO_TEST_CASE(the_scheme_is_that_of_the_server_or_of_its_proxy) {
  BOOST_TEST(is_same_origin("http://A", "a", scheme::plain));
  BOOST_TEST(!is_same_origin("https://a", "a", scheme::plain));
  BOOST_TEST(is_same_origin("https://a", "a", scheme::encrypted));
  BOOST_TEST(!is_same_origin("http://a", "a", scheme::encrypted));
  BOOST_TEST((is_same_origin("http://a", "a", scheme::either) && is_same_origin("https://a", "a", scheme::either)));
}

BOOST_AUTO_TEST_CASE(the_cookie_is_strict_and_secure_where_it_can_be) {
  const guards_rig r, proxied{true, scheme::either};
  const auto plain = r.all.cookie(r.post(), "s");
  BOOST_TEST(plain == "annals_7180=s; HttpOnly; SameSite=Strict; Path=/; Max-Age=43200");
  BOOST_TEST(r.all.cookie(r.post(), "") == "annals_7180=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0");
  BOOST_TEST(proxied.all.cookie(with(r.post(), "origin", "https://localhost:7180"), "s") == plain + "; Secure");
  BOOST_TEST(proxied.all.cookie(r.post(), "s") == plain);
}

BOOST_AUTO_TEST_SUITE_END()
