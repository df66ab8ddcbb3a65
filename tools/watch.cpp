// `annals stats --watch`: figures again and again, and how fast they change.
#include "tools/awaited_signals.hpp"
#include "tools/names.hpp"
#include "tools/stats.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>

namespace tools {
namespace {

using steady = std::chrono::steady_clock;

struct look {
  annals::store_stats seen;
  steady::time_point when;
  annals::timestamp time;
};

annals::result<look> look_now(const annals::view& from) {
  auto seen = from.stats(annals::figures::quick);
  if (!seen) return std::move(seen).error();
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return look{std::move(*seen), steady::now(), std::chrono::duration_cast<std::chrono::microseconds>(now).count()};
}

/// How fast a figure has changed since the look before; 0 at the first.
class rates {
public:
  rates(const std::optional<look>& before, const look& now) : before_(before ? &before->seen : nullptr) {
    if (before) seconds_ = std::chrono::duration<double>(now.when - before->when).count();
  }
  template <class Figure>
  double of(const annals::store_stats& now, Figure&& figure) const {
    if (!before_ || seconds_ <= 0) return 0;
    return (static_cast<double>(figure(now)) - static_cast<double>(figure(*before_))) / seconds_;
  }

private:
  const annals::store_stats* before_;
  double seconds_ = 0;
};

std::uint64_t records_of(const annals::store_stats& s) { return s.readable; }
std::uint64_t bytes_of(const annals::store_stats& s) { return s.log_bytes + s.front_bytes + s.derived_bytes; }

std::uint64_t parked_in(const annals::store_stats& s) {
  auto parked = s.derived ? s.derived->parked : 0;
  for (const auto& one : s.subscriptions) parked += one.parked;
  return parked;
}

struct behind {
  std::string name;
  std::uint64_t lag = 0;
};

/// The follower that is the furthest behind the head, by its checkpoint.
std::optional<behind> last_follower(const annals::store_stats& s) {
  std::optional<behind> last;
  const auto take = [&](std::string name, std::uint64_t lag) {
    if (!last || lag > last->lag) last = behind{std::move(name), lag};
  };
  if (s.derived)
    for (const auto& one : s.derived->followers) take(one.name, one.lag);
  for (const auto& one : s.subscriptions) take("subscription " + one.name, one.lag);
  return last;
}

std::string in_json(const look& now, const rates& change) {
  const auto& s = now.seen;
  const auto last = last_follower(s);
  return fmt::format(R"({{"time":"{}","records":{},"records_per_second":{:.1f},"durable":{},"parked":{},)"
                     R"("bytes":{},"bytes_per_second":{:.1f},"last_follower":{},"behind":{}}})"
                     "\n",
                     time_text(now.time), s.readable, change.of(s, records_of), s.durable, parked_in(s), bytes_of(s), change.of(s, bytes_of),
                     last ? json_text(last->name) : "null", last ? std::to_string(last->lag) : "null");
}

std::string count(std::uint64_t number) { return grouped(static_cast<std::int64_t>(number)); }
std::string per_second(double rate) { return grouped(static_cast<std::int64_t>(rate)) + "/s"; }

std::string in_a_line(const look& now, const rates& change) {
  const auto& s = now.seen;
  auto line = fmt::format("{}  {} records, {}  {} bytes, {}  {} parked", time_text(now.time), count(s.readable), per_second(change.of(s, records_of)),
                          count(bytes_of(s)), per_second(change.of(s, bytes_of)), count(parked_in(s)));
  if (const auto last = last_follower(s)) line += fmt::format("  {} is {} behind", shown_name(last->name), count(last->lag));
  return line + "\n";
}

std::string in_place(const look& now, const rates& change) {
  const auto& s = now.seen;
  std::string table = fmt::format("  {}  store {}\n", time_text(now.time), s.store_id);
  const auto row = [&](std::string_view name, std::uint64_t number, const std::string& more = {}) {
    table += fmt::format("  {:<28}{:>20}  {}\n", name, count(number), more);
  };
  row("records", s.readable, per_second(change.of(s, records_of)));
  row("durable up to", s.durable);
  for (const auto& one : s.subscriptions)
    row("  subscription " + shown_name(one.name), one.at, fmt::format("{} behind, {} parked", count(one.lag), count(one.parked)));
  if (s.derived) {
    for (const auto& one : s.derived->followers) row("  " + shown_name(one.name), one.at, fmt::format("checkpoint {} behind", count(one.lag)));
    row("parked events", parked_in(s));
  } else
    table += fmt::format("  no derived state: {}\n", s.why_no_derived);
  row("bytes", bytes_of(s), per_second(change.of(s, bytes_of)));
  return table;
}

/// Whether it is time to end.
bool ends_while_waiting(const awaited_signals& signals, steady::time_point until) {
  constexpr std::chrono::nanoseconds longest{50'000'000};
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(until - steady::now());
    if (is_end(signals.next(std::clamp<std::chrono::nanoseconds>(left, std::chrono::nanoseconds{0}, longest).count()))) return true;
    if (left.count() <= 0) return false;
  }
}

}  // namespace

int watch_stats(const where& place, std::chrono::milliseconds pause, bool json) {
  constexpr std::string_view from_the_top = "\x1b[H\x1b[2J";
  const awaited_signals signals;
  const bool is_terminal = !json && ::isatty(STDOUT_FILENO) == 1;
  return with_view(place, [&](const annals::view& from) -> annals::result<void> {
    for (std::optional<look> before;;) {
      auto now = look_now(from);
      if (!now) return std::move(now).error();
      const rates change{before, *now};
      fmt::print("{}", json ? in_json(*now, change) : is_terminal ? std::string{from_the_top} + in_place(*now, change) : in_a_line(*now, change));
      if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) return {};  // with_output() says why
      if (ends_while_waiting(signals, now->when + pause)) return {};
      before = std::move(*now);
    }
  });
}

}  // namespace tools
