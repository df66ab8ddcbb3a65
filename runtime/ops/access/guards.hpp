// What every request has to pass before a handler sees it, in one place: Host, method, size, origin, session, CSRF header.
#pragma once

#include "ops/access/hosts.hpp"
#include "ops/access/sessions.hpp"
#include "ops/http/message.hpp"

#include <optional>
#include <string>
#include <variant>

namespace annals::ops {

/// What a route asks of who calls it.
struct demands {
  bool exists = true;
  bool is_post = false;
  bool needs_session = false;
  bool is_action = false;  // needs actions to be switched on, too
};

class guards {
public:
  struct rules {
    host_list hosts;
    scheme served = scheme::plain;
    bool actions = false;
    std::string cookie;  // its name
  };

  guards(rules keep, annals::ops::sessions& who) : rules_(std::move(keep)), sessions_(who) {}

  /// Checks what holds for every request, whatever its route. The refusal if it does not pass.
  std::optional<answer> check(const request& asked) const;
  /// Checks what the route asks for, after check(). The refusal, or the session, which is nothing where none is needed.
  std::variant<answer, std::optional<session>> check(const request& asked, const demands& route) const;

  /// The session of the request's cookie.
  std::optional<session> session_of(const request& asked) const;
  /// The value of Set-Cookie that begins a session; it ends one if `secret` is empty.
  std::string cookie(const request& asked, std::string_view secret) const;
  bool has_actions() const { return rules_.actions; }

private:
  std::optional<answer> check_post(const request& asked) const;

  rules rules_;
  annals::ops::sessions& sessions_;
};

}  // namespace annals::ops
