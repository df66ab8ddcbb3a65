// Login, logout, and who is logged in.
#include "ops/console/moments.hpp"
#include "ops/console/routes.hpp"

#include <annals/version.hpp>

namespace annals::ops {
namespace {

/// Why a person cannot act; empty if he can.
std::string_view why_no_actions(const site& of) {
  if (!of.is_inside()) return "This console runs beside the program and only reads its store.";
  if (!of.options.actions) return "Actions are not switched on.";
  return {};
}

json session_json(const call& c, const session& who) {
  const auto why = why_no_actions(c.site);
  const auto left = std::chrono::duration_cast<std::chrono::microseconds>(who.until - std::chrono::steady_clock::now());
  return {{"principal", principal_of(who)},
          {"csrf", who.csrf},
          {"ends", time_text(now() + left.count())},
          {"actions", why.empty()},
          {"why_no_actions", why.empty() ? json{} : text(why)},
          {"mode", c.site.is_inside() ? "inside" : "beside"},
          {"store", {{"id", c.site.store_id}, {"name", text(c.site.options.title)}}},
          {"version", text(library_version)},
          {"build", text(library_version)},
          {"started", c.site.is_inside() ? json(time_text(c.site.started)) : json{}},
          {"now", time_text(now())}};
}

answer refuse(login_failure why) {
  switch (why) {
    case login_failure::wrong_token: return refusal(403, {errc::forbidden, "this login link is wrong, or was used already"});
    case login_failure::too_many: {
      auto out = refusal(429, {errc::overloaded, "too many wrong logins", "wait a minute"});
      out.headers.emplace_back("Retry-After", "60");
      return out;
    }
    case login_failure::no_secret: break;
  }
  return refusal(500, {errc::store_failed, "the system gives no random bytes"});
}

}  // namespace

std::string principal_of(const session& who) { return "console session " + std::to_string(who.number); }

answer login(call& c) {
  const auto body = json::parse(c.asked.body, nullptr, false);
  if (!body.is_object() || !body.contains("token") || !body["token"].is_string())
    return answer_of(error{errc::bad_option, "body", "{\"token\": …} is needed"});
  auto why = login_failure::wrong_token;
  const auto who = c.site.sessions.open(body["token"].get_ref<const std::string&>(), c.asked.peer, why);
  if (!who) return refuse(why);
  auto out = answer_of(session_json(c, *who));
  out.headers.emplace_back("Set-Cookie", c.site.guard->cookie(c.asked, who->secret));
  return out;
}

answer logout(call& c) {
  c.site.sessions.close(c.who->secret);
  answer out;
  out.status = 204;
  out.headers.emplace_back("Set-Cookie", c.site.guard->cookie(c.asked, {}));
  return out;
}

answer show_session(call& c) { return answer_of(session_json(c, *c.who)); }

}  // namespace annals::ops
