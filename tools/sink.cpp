#include "tools/connectors.hpp"
#include "tools/sink_models.hpp"
#include "tools/worked_on.hpp"

#include <annals/config.hpp>
#include <annals/connector_config.hpp>
#include <annals/sink.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tools {
namespace {

using annals::errc;
using annals::error;
using annals::result;

/// One that runs, and what was said of it.
struct running_sink {
  std::string_view name;
  annals::sink sink;
  std::string waiting;

  void look() {
    const auto now = sink.status();
    auto text = now.waiting ? now.waiting->message() : std::string{};
    if (!text.empty() && text != waiting) fmt::print(stderr, "annals: sink {}: {}\n", name, text);
    waiting = std::move(text);
  }
  std::optional<error> stopped() const {
    auto why = sink.status().stopped;
    if (why) why->detail = fmt::format("sink {}, position {}: {}", name, why->place, why->detail);
    return why;
  }
};

error no_such_model(const std::string& name, const sink_models& in) {
  std::string known;
  for (const auto& one : in.all) known.append(known.empty() ? "" : ", ").append(one.name);
  return {errc::bad_option, "models", fmt::format("\"{}\" is none of those in {}: {}", name, in.database, known)};
}

/// All of the database if there are no names.
result<sink_models> chosen(const annals::config::sink_settings& with) {
  auto of = with.redis ? models_in_redis() : models_in_postgresql();
  if (!of || with.models.empty()) return of;
  std::vector<sink_model> some;
  for (const auto& name : with.models) {
    const auto found = std::find_if(of->all.begin(), of->all.end(), [&](const sink_model& one) { return one.name == name; });
    if (found == of->all.end()) return no_such_model(name, *of);
    some.push_back(*found);
  }
  of->all = std::move(some);
  return of;
}

result<std::vector<running_sink>> started(const annals::node& from, const sink_models& models, const annals::config::sink_settings& with,
                                          bool rebuilds) {
  std::vector<running_sink> all;
  for (const auto& one : models.all) {
    auto made = one.start(from, with);
    if (!made) return std::move(made).error();
    if (rebuilds)
      if (auto ok = made->rebuild(); !ok) return std::move(ok).error();
    all.push_back({one.name, std::move(*made), {}});
  }
  return all;
}

}  // namespace

int run_sink(const connector_command& with) {
  const auto settings = annals::config::load_sink(with.config);
  if (!settings) return fail(settings.error());
  const auto runtime = annals::config::load(with.config);
  if (!runtime) return fail(runtime.error());
  const auto models = chosen(*settings);
  if (!models) return fail(models.error());
  const awaited_signals signals;
  worked_on on;
  if (auto ok = on.open(with.at, *runtime, signals); !ok) return fail(ok.error());
  auto all = on.with([&](const annals::node& node) { return started(node, *models, *settings, with.rebuilds); });
  if (!all) return fail(all.error());
  for (const auto& one : *all)
    if (with.json)
      fmt::print("{{\"ok\":true,\"model\":{}}}\n", json_text(one.name));
    else
      fmt::print("{} is kept in {}\n", one.name, models->database);
  std::fflush(stdout);
  const auto why = on.wait_for_end(signals, [&]() -> std::optional<error> {
    for (auto& one : *all) {
      one.look();
      if (auto stopped = one.stopped()) return stopped;
    }
    return std::nullopt;
  });
  for (auto& one : *all) one.sink.close();
  on.close();
  return why ? fail(*why) : 0;
}

}  // namespace tools
