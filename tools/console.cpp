#include "tools/console.hpp"

#include "config/hosted.hpp"
#include "tools/awaited_signals.hpp"
#include "tools/output.hpp"

#include <annals/store_view.hpp>

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <utility>

namespace tools {
namespace {

void say_login(const std::string& url, bool json) {
  if (json)
    fmt::print("{{\"ok\":true,\"url\":{}}}\n", json_text(url));
  else
    fmt::print("{}\nopen this address in a browser; it is good for one login\n", url);
  std::fflush(stdout);
}

}  // namespace

int run_console(console_command command) {
  const awaited_signals signals;
  auto view = annals::store_view::open(command.store, annals::config::hosted());
  if (!view) return fail(view.error());
  if (command.with.title.empty()) command.with.title = std::filesystem::absolute(command.store).lexically_normal().filename().string();
  auto console = annals::console::open(std::move(*view), std::move(command.with));
  if (!console) return fail(console.error());
  say_login(console->url(), command.json);
  for (;;) {
    const int signal = signals.next();
    if (is_end(signal)) return 0;
    if (signal != SIGHUP) continue;
    const auto url = console->new_login();
    if (!url) return fail(url.error());
    say_login(*url, command.json);
  }
}

}  // namespace tools
