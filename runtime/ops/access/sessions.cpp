#include "ops/access/sessions.hpp"

#include "ops/access/secret.hpp"

#include <algorithm>
#include <utility>

namespace annals::ops {

std::optional<std::string> sessions::new_login() {
  auto token = new_secret();
  if (!token) return std::nullopt;
  const std::lock_guard lock{mutex_};
  if (logins_.size() == logins_max) logins_.erase(logins_.begin());
  logins_.push_back(*token);
  return token;
}

std::optional<session> sessions::open(std::string_view token, std::string_view peer, login_failure& why) {
  auto secret = new_secret(), csrf = new_secret();
  if (!secret || !csrf) return why = login_failure::no_secret, std::nullopt;
  const std::lock_guard lock{mutex_};
  // Compares all of them, so that the time says nothing about which one is near.
  auto used = logins_.end();
  for (auto each = logins_.begin(); each != logins_.end(); ++each)
    if (is_same_secret(*each, token)) used = each;
  if (used == logins_.end()) return why = count_wrong(), std::nullopt;
  logins_.erase(used);
  drop_ended();
  if (open_.size() == sessions_max) open_.erase(open_.begin());
  open_.push_back({++opened_, std::move(*secret), std::move(*csrf), std::string{peer}, now_() + lifetime});
  return open_.back();
}

std::optional<session> sessions::find(std::string_view secret) {
  const std::lock_guard lock{mutex_};
  drop_ended();
  const session* found = nullptr;
  for (const auto& each : open_)
    if (is_same_secret(each.secret, secret)) found = &each;
  if (!found) return std::nullopt;
  return *found;
}

void sessions::close(std::string_view secret) {
  const std::lock_guard lock{mutex_};
  std::erase_if(open_, [&](const session& each) { return is_same_secret(each.secret, secret); });
}

std::size_t sessions::count() {
  const std::lock_guard lock{mutex_};
  drop_ended();
  return open_.size();
}

void sessions::drop_ended() {
  std::erase_if(open_, [now = now_()](const session& each) { return each.until <= now; });
}

login_failure sessions::count_wrong() {
  const auto now = now_();
  if (wrong_ == 0 || now - window_began_ >= wrong_window) {
    window_began_ = now;
    wrong_ = 0;
  }
  return ++wrong_ > wrong_max ? login_failure::too_many : login_failure::wrong_token;
}

}  // namespace annals::ops
