// Who is logged in. A login token is good for one session; a session ends after 12 hours, by logging out, or when 64 newer ones exist.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annals::ops {

struct session {
  std::uint64_t number = 0;  // 1 for the first one since the console was opened
  std::string secret;        // of the cookie
  std::string csrf;          // what a POST has to show
  std::string peer;          // from which address it was opened
  std::chrono::steady_clock::time_point until;
};

enum class login_failure { wrong_token, too_many, no_secret };

/// Thread-safe.
class sessions {
public:
  using clock = std::function<std::chrono::steady_clock::time_point()>;
  static constexpr std::chrono::hours lifetime{12};
  static constexpr std::size_t sessions_max = 64;
  static constexpr std::size_t logins_max = 8;  // tokens that wait for their use
  static constexpr std::size_t wrong_max = 10;  // wrong tokens a minute
  static constexpr std::chrono::minutes wrong_window{1};

  explicit sessions(clock now = std::chrono::steady_clock::now) : now_(std::move(now)) {}

  /// A token for one login. The oldest one that waits becomes invalid when there are too many. Nothing: the system has no random bytes.
  std::optional<std::string> new_login();
  /// The session that the token opens. A right token is taken however many wrong ones came before; after too many of those, a wrong
  /// one is `too_many`.
  std::optional<session> open(std::string_view token, std::string_view peer, login_failure& why);
  /// The session of a cookie's secret.
  std::optional<session> find(std::string_view secret);
  void close(std::string_view secret);
  std::size_t count();

private:
  void drop_ended();
  login_failure count_wrong();

  clock now_;
  std::mutex mutex_;
  // guarded:
  std::vector<std::string> logins_;
  std::vector<session> open_;  // oldest first
  std::uint64_t opened_ = 0;
  std::chrono::steady_clock::time_point window_began_{};
  std::size_t wrong_ = 0;
};

}  // namespace annals::ops
