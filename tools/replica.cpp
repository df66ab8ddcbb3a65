#include "tools/replica.hpp"

#include "config/hosted.hpp"
#include "tools/awaited_signals.hpp"
#include "tools/output.hpp"

#include <annals/replica.hpp>

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <string>

namespace tools {
namespace {

/// Prints what changes about a replica.
class told {
public:
  explicit told(bool json) : json_(json) {}

  void look(const annals::replica_lag& now) {
    if (!has_caught_up_ && now.source_head > 0 && now.events == 0) {
      has_caught_up_ = true;
      say("caught up", now);
    }
    const auto waiting = now.waiting ? now.waiting->message() : std::string{};
    if (waiting != waiting_) say(waiting.empty() ? "follows again" : waiting, now);
    waiting_ = waiting;
  }

private:
  void say(std::string_view what, const annals::replica_lag& now) const {
    if (json_)
      fmt::print("{{\"position\":{},\"events_behind\":{},\"seconds_behind\":{:.6f},\"state\":{}}}\n", now.at, now.events,
                 std::chrono::duration<double>(now.behind).count(), json_text(what));
    else
      fmt::print("position {}, {} events behind: {}\n", now.at, now.events, what);
    std::fflush(stdout);
  }

  const bool json_;
  bool has_caught_up_ = false;
  std::string waiting_;
};

}  // namespace

int run_replica(const replica_options& with) {
  const awaited_signals signals;
  auto from = connect(with.from);
  if (!from) return fail(from.error());
  auto copy = annals::replica::open(with.store, *from, with.runtime);
  if (!copy) return fail(copy.error());
  if (auto ok = copy->host(annals::config::hosted()); !ok) return fail(ok.error());
  if (auto ok = copy->start(); !ok) return fail(ok.error());
  told line{with.json};
  for (;;) {
    const int signal = signals.next();
    const auto now = copy->lag();
    line.look(now);
    if (now.stopped) {
      copy->close();
      return fail(*now.stopped);
    }
    if (signal == SIGTERM || signal == SIGINT) break;
  }
  copy->close();
  return 0;
}

int promote(const std::filesystem::path& store, bool json) {
  const auto begun = annals::promote(store);
  if (!begun) return fail(begun.error());
  if (json)
    fmt::print("{{\"ok\":true,\"history\":\"{:016x}\",\"position\":{},\"former_history\":\"{:016x}\"}}\n", begun->head.history, begun->head.at,
               begun->former);
  else
    fmt::print("{} takes commands now: history {:016x} begins after position {}, where it continues {:016x}\n", store.string(), begun->head.history,
               begun->head.at, begun->former);
  return 0;
}

}  // namespace tools
