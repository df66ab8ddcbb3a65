// What a relay tells a scrape. How far it is behind the log is with its subscription.
#include "connectors/kafka/families.hpp"
#include "connectors/kafka/relaying.hpp"

namespace annals::kafka {

annals::metrics relaying::metrics() const {
  const auto now = status();
  const auto bytes = now.is_running ? supply_.held_bytes() : 0;
  families all{"name", with_.name};
  const auto of = [](auto value) { return static_cast<double>(value); };
  all.outcomes("annals_relay_events_total", "Events that Kafka took, attempts that it refused, and events that an earlier relay had published.",
               {{"published", of(now.published)}, {"refused", of(now.refused)}, {"dropped", of(now.dropped)}});
  all.counter("annals_relay_failures_total", "Failures of Kafka or of the subscription after which the relay tries again.", of(failures()));
  all.gauge("annals_relay_position", "The last event that was published.", of(now.at));
  all.gauge("annals_relay_in_flight_events", "Events that the relay has taken and not yet acknowledged.", of(now.in_flight));
  all.gauge("annals_relay_in_flight_bytes", "Payloads of these, as stored and as published.", of(bytes));
  all.gauge("annals_relay_connected", "0 while Kafka takes nothing.", now.is_running && now.is_connected ? 1 : 0);
  all.gauge("annals_relay_running", "0 once the relay has ended.", now.is_running ? 1 : 0);
  return all.made();
}

}  // namespace annals::kafka
