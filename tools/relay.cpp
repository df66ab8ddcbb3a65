#include "tools/connectors.hpp"
#include "tools/worked_on.hpp"

#include <annals/config.hpp>
#include <annals/connector_config.hpp>
#include <annals/kafka_relay.hpp>

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace tools {
namespace {

annals::kafka::relay_options relay_of(const annals::config::relay_settings& from) {
  annals::kafka::relay_options with;
  with.name = from.name;
  with.brokers = from.brokers;
  with.source = from.source;
  with.topic_prefix = from.topic_prefix;
  with.categories = from.categories;
  with.types = from.types;
  with.from = from.from;
  with.failure = from.failure;
  with.parked_max = from.parked_max;
  const bool is_msgpack = from.format == annals::config::relay_format::msgpack;
  with.format = is_msgpack ? annals::kafka::payload_format::msgpack : annals::kafka::payload_format::json;
  with.exactly_once = from.exactly_once;
  with.positions_topic = from.positions_topic;
  with.batch_events_max = from.batch_events_max;
  with.in_flight_max = from.in_flight_max;
  with.properties = from.properties;
  with.background = from.background;
  with.stop_max = from.stop_max;
  return with;
}

void say_what_was_published(const annals::kafka::relay_status& now, bool json) {
  if (json)
    fmt::print("{{\"published\":{},\"dropped\":{},\"refused\":{},\"position\":{}}}\n", now.published, now.dropped, now.refused, now.at);
  else
    fmt::print("published {} events, the last one at position {}; {} attempts were refused\n", now.published, now.at, now.refused);
}

}  // namespace

int run_relay(const connector_command& with) {
  const auto settings = annals::config::load_relay(with.config);
  if (!settings) return fail(settings.error());
  const auto runtime = annals::config::load(with.config);
  if (!runtime) return fail(runtime.error());
  const awaited_signals signals;
  worked_on on;
  if (auto ok = on.open(with.at, *runtime, signals); !ok) return fail(ok.error());
  auto out = on.with([&](auto& node) { return annals::kafka::relay::start(node, relay_of(*settings)); });
  if (!out) return fail(out.error());
  if (with.json)
    fmt::print("{{\"ok\":true,\"name\":{},\"brokers\":{}}}\n", json_text(settings->name), json_text(settings->brokers));
  else
    fmt::print("{} publishes to {}\n", settings->name, settings->brokers);
  std::fflush(stdout);
  const auto why = on.wait_for_end(signals, [&]() -> std::optional<annals::error> {
    const auto now = out->status();
    if (now.is_running) return std::nullopt;
    return now.last_error.value_or(annals::error{annals::errc::closed, "the relay has ended"});
  });
  out->stop();
  say_what_was_published(out->status(), with.json);
  on.close();
  return why ? fail(*why) : 0;
}

}  // namespace tools
