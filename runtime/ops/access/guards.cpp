#include "ops/access/guards.hpp"

#include "ops/access/secret.hpp"

#include <utility>

namespace annals::ops {
namespace {

error forbidden(std::string_view reason, std::string_view detail = {}) { return {errc::forbidden, std::string{reason}, std::string{detail}}; }

answer wrong_method(std::string_view allowed, std::string_view why) {
  auto out = refusal(405, forbidden(why));
  out.headers.emplace_back("Allow", allowed);
  return out;
}

/// The value of one cookie; nothing if there are several of that name.
std::optional<std::string_view> cookie_in(std::string_view header, std::string_view name) {
  std::optional<std::string_view> found;
  while (!header.empty()) {
    auto pair = header.substr(0, header.find(';'));
    header.remove_prefix(std::min(pair.size() + 1, header.size()));
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    if (pair.size() <= name.size() || !pair.starts_with(name) || pair[name.size()] != '=') continue;
    if (found) return std::nullopt;
    found = pair.substr(name.size() + 1);
  }
  return found;
}

bool is_json(std::string_view type) {
  constexpr std::string_view name = "application/json";
  return type.starts_with(name) && (type.size() == name.size() || type[name.size()] == ';' || type[name.size()] == ' ');
}

}  // namespace

std::optional<answer> guards::check(const request& asked) const {
  const auto host = asked.header("host");
  if (!host || !rules_.hosts.has(*host))
    return refusal(421, forbidden("the console is not known by this name", "the option `hosts` lists further names"));
  if (asked.method != "GET" && asked.method != "POST") return wrong_method("GET, POST", "only GET and POST are answered");
  if (asked.is_cut) return refusal(413, {errc::too_large, "a request body has at most 64 KiB"});
  return std::nullopt;
}

std::optional<answer> guards::check_post(const request& asked) const {
  const auto origin = asked.header("origin"), host = asked.header("host");
  if (!origin || !is_same_origin(*origin, *host, rules_.served)) return refusal(403, forbidden("a page of another origin must not send this"));
  const auto type = asked.header("content-type");
  if (!type || !is_json(*type)) return refusal(400, {errc::bad_option, "Content-Type", "application/json is needed"});
  return std::nullopt;
}

std::variant<answer, std::optional<session>> guards::check(const request& asked, const demands& route) const {
  if (route.is_post != (asked.method == "POST")) {
    if (!route.exists) return wrong_method("GET", "this cannot be sent");
    return wrong_method(route.is_post ? "POST" : "GET", route.is_post ? "this has to be sent by POST" : "this can only be read");
  }
  if (route.is_action && !rules_.actions) return wrong_method("", "actions are not switched on");
  if (route.is_post)
    if (auto wrong = check_post(asked)) return std::move(*wrong);
  // Browsers say where a request comes from. Pages of other sites have nothing to read here, with or without the cookie.
  if (route.needs_session && asked.header("sec-fetch-site") == "cross-site")
    return refusal(403, forbidden("a page of another site must not ask for this"));
  if (!route.needs_session) return std::optional<session>{};
  auto who = session_of(asked);
  if (!who) return refusal(401, forbidden("no session, or it has ended"));
  if (route.is_post && !is_same_secret(who->csrf, asked.header("x-annals-csrf").value_or("")))
    return refusal(403, forbidden("the header X-Annals-CSRF is missing or wrong"));
  return who;
}

std::optional<session> guards::session_of(const request& asked) const {
  const auto header = asked.header("cookie");
  const auto secret = header ? cookie_in(*header, rules_.cookie) : std::nullopt;
  return secret ? sessions_.find(*secret) : std::nullopt;
}

std::string guards::cookie(const request& asked, std::string_view secret) const {
  std::string out = rules_.cookie + "=" + std::string{secret} + "; HttpOnly; SameSite=Strict; Path=/";
  out += secret.empty() ? "; Max-Age=0" : "; Max-Age=" + std::to_string(std::chrono::seconds{sessions::lifetime}.count());
  if (rules_.served != scheme::plain && asked.header("origin").value_or("").starts_with("https:")) out += "; Secure";
  return out;
}

}  // namespace annals::ops
