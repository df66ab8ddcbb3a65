// Other systems that are fed from a store, or feed it: Kafka, and read models in PostgreSQL or Redis. Each runs until SIGTERM or SIGINT, and ends in
// bounded time. A build without the connector says so.
#pragma once

#include "tools/where.hpp"

#include <annals/remote.hpp>
#include <annals/runtime.hpp>

#include <memory>
#include <string>

namespace tools {

struct connector_command {
  where at;
  std::string config;     // the connector's table, and options of the runtime
  bool rebuilds = false;  // sink only
  bool json = false;
};

/// Publishes the events of the store. Returns the exit status: 0 after an orderly end.
int run_relay(const connector_command& with);
/// Takes messages as commands of the bank and the shop: intake_orders.hpp says which.
int run_intake(const connector_command& with);
/// Keeps the shop's read models of one database: sink_models.hpp says which.
int run_sink(const connector_command& with);

/// The events of the demo on their way to Kafka.
class publication {
public:
  virtual ~publication() = default;
  /// Waits until Kafka has everything up to the head; gives up when it takes nothing for 10 s. Returns what there is to see, as text or as one
  /// JSON object. Errors: what keeps the relay from going on; closed after a signal.
  virtual annals::result<std::string> finish(const annals::node& on, bool as_json) = 0;
};
annals::result<std::unique_ptr<publication>> publish_demo(annals::runtime& from, const std::string& brokers);
annals::result<std::unique_ptr<publication>> publish_demo(annals::remote& from, const std::string& brokers);

}  // namespace tools
