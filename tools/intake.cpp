#include "tools/connectors.hpp"
#include "tools/intake_orders.hpp"
#include "tools/worked_on.hpp"

#include <annals/config.hpp>
#include <annals/connector_config.hpp>
#include <annals/kafka_intake.hpp>

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace tools {
namespace {

annals::kafka::intake_options intake_of(const annals::config::intake_settings& from) {
  annals::kafka::intake_options with;
  with.group = from.group;
  with.brokers = from.brokers;
  with.topics = from.topics;
  with.map = [](const annals::kafka::message& one) { return order_of(one); };
  with.dead_letter_topic = from.dead_letter_topic;
  with.id_prefix = from.id_prefix;
  with.in_flight_max = from.in_flight_max;
  with.commit_every = from.commit_every;
  with.stop_max = from.stop_max;
  with.properties = from.properties;
  with.dead_letter_properties = from.dead_letter_properties;
  return with;
}

void say_what_was_taken(const annals::kafka::intake_status& now, bool json) {
  if (json)
    fmt::print("{{\"taken\":{},\"accepted\":{},\"refused\":{}}}\n", now.taken, now.accepted, now.refused);
  else
    fmt::print("{} messages taken: {} became commands, {} were refused\n", now.taken, now.accepted, now.refused);
}

}  // namespace

int run_intake(const connector_command& with) {
  const auto settings = annals::config::load_intake(with.config);
  if (!settings) return fail(settings.error());
  const auto runtime = annals::config::load(with.config);
  if (!runtime) return fail(runtime.error());
  const awaited_signals signals;
  worked_on on;
  if (auto ok = on.open(with.at, *runtime, signals); !ok) return fail(ok.error());
  auto in = on.with([&](annals::node& node) { return annals::kafka::intake::start(node, intake_of(*settings)); });
  if (!in) return fail(in.error());
  if (with.json)
    fmt::print("{{\"ok\":true,\"group\":{},\"brokers\":{}}}\n", json_text(settings->group), json_text(settings->brokers));
  else
    fmt::print("{} takes from {}\n", settings->group, settings->brokers);
  std::fflush(stdout);
  const auto why = on.wait_for_end(signals, [&]() -> std::optional<annals::error> {
    const auto now = in->status();
    if (now.is_running) return std::nullopt;
    return now.last_error.value_or(annals::error{annals::errc::closed, "the intake has ended"});
  });
  in->stop();
  say_what_was_taken(in->status(), with.json);
  on.close();
  return why ? fail(*why) : 0;
}

}  // namespace tools
