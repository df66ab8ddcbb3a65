#include "tools/serve.hpp"

#include "config/hosted.hpp"
#include "tools/awaited_signals.hpp"
#include "tools/output.hpp"

#include <annals/keys.hpp>
#include <annals/runtime.hpp>

#include <fmt/format.h>

#include <cstdlib>
#include <optional>
#include <thread>

namespace tools {
namespace {

using annals::errc;
using annals::error;

/// A start over a long log takes long. A signal ends the process then: nothing has been taken, and the next start finds a sound store.
class interruptible_start {
public:
  explicit interruptible_start(const awaited_signals& signals)
      : thread_([&signals](const std::stop_token& started) {
          while (!started.stop_requested())
            if (is_end(signals.next())) std::_Exit(0);
        }) {}

private:
  std::jthread thread_;
};

void say(const serve_options& with, const annals::listener& door, const std::string& key) {
  const auto host = with.listen.at.substr(0, with.listen.at.rfind(':'));
  const auto address = fmt::format("{}:{}", host, door.port());
  if (with.json)
    fmt::print("{{\"ok\":true,\"address\":{},\"name\":{},\"key\":{}}}\n", json_text(address), json_text(with.listen.name), json_text(key));
  else
    fmt::print("listening at {} as {}, public key {}\n", address, with.listen.name, key);
  std::fflush(stdout);
}

void reload(annals::listener& door) {
  const auto done = door.reload();
  if (done)
    fmt::print(stderr, "annals: reloaded\n");
  else
    fmt::print(stderr, "annals: not reloaded, nothing has changed: {}\n", done.error().message());
}

}  // namespace

int serve(serve_options with) {
  if (with.listen.at.empty()) return fail({errc::bad_option, "no address to listen at", "--listen ADDRESS:PORT, or `at` in the table [listen]"});
  const awaited_signals signals;
  const auto key = annals::public_key_in(with.listen.key);
  if (!key) return fail(key.error());
  auto starting = std::make_optional<interruptible_start>(signals);
  auto rt = annals::runtime::open(with.store, with.runtime);
  if (!rt) return fail(rt.error());
  if (auto ok = annals::config::host_all(*rt); !ok) return fail(ok.error());
  if (auto ok = rt->start(); !ok) return fail(ok.error());
  starting.reset();
  auto door = rt->listen(with.listen);
  if (!door) return fail(door.error());
  say(with, *door, *key);
  for (;;) {
    const int signal = signals.next();
    if (signal == SIGHUP) reload(*door);
    if (is_end(signal)) break;
    if (auto stopped = rt->health().journal_stopped) return fail(*stopped);
  }
  rt->close();
  return 0;
}

}  // namespace tools
