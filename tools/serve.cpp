#include "tools/serve.hpp"

#include "config/hosted.hpp"
#include "tools/awaited_signals.hpp"
#include "tools/interruptible_start.hpp"
#include "tools/output.hpp"

#include <annals/keys.hpp>
#include <annals/runtime.hpp>

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>

namespace tools {
namespace {

using annals::errc;
using annals::error;

void say(const serve_options& with, const annals::listener& door, const std::string& key, const std::string& console) {
  const auto host = with.listen.at.substr(0, with.listen.at.rfind(':'));
  const auto address = fmt::format("{}:{}", host, door.port());
  if (with.json)
    fmt::print("{{\"ok\":true,\"address\":{},\"name\":{},\"key\":{}{}}}\n", json_text(address), json_text(with.listen.name), json_text(key),
               console.empty() ? "" : ",\"console\":" + json_text(console));
  else
    fmt::print("listening at {} as {}, public key {}\n{}", address, with.listen.name, key, console.empty() ? "" : "console at " + console + "\n");
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
  std::optional<annals::trace_exporter> traces;  // ends after the runtime, so that it sends the last spans, too
  auto starting = std::make_optional<interruptible_start>(signals);
  auto rt = annals::runtime::open(with.store, with.runtime);
  if (!rt) return fail(rt.error());
  if (auto ok = annals::config::host_all(*rt); !ok) return fail(ok.error());
  if (with.console && with.console->actions)
    if (auto ok = annals::host_operators(*rt); !ok) return fail(ok.error());
  if (auto ok = rt->start(); !ok) return fail(ok.error());
  starting.reset();
  if (with.traces) {
    auto started = annals::trace_exporter::start(rt->spans(), *with.traces);
    if (!started) return fail(started.error());
    traces.emplace(std::move(*started));
  }
  auto door = rt->listen(with.listen);
  if (!door) return fail(door.error());
  std::optional<annals::console> console;
  if (with.console) {
    auto opened = annals::console::open(*rt, *with.console);
    if (!opened) return fail(opened.error());
    console.emplace(std::move(*opened));
  }
  say(with, *door, *key, console ? console->url() : std::string{});
  for (;;) {
    const int signal = signals.next();
    if (signal == SIGHUP) reload(*door);
    if (is_end(signal)) break;
    if (auto stopped = rt->health().journal_stopped) return fail(*stopped);
  }
  if (console) console->close();
  rt->close();
  if (traces) traces->close();
  return 0;
}

}  // namespace tools
