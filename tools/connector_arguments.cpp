#include "tools/connector_arguments.hpp"

namespace tools {
namespace {

void add_place(CLI::App& command, connector_command& into, const char* table) {
  auto* place = command.add_option_group("place", "where the store is");
  place->add_option("--store", into.at.store, "the store's directory; this process opens it as its writer, with the bank and the shop");
  auto* connect = place->add_option("--connect", into.at.connect, "the address of a node that serves it; several: of the same store");
  connect->type_name("ADDRESS:PORT")->allow_extra_args(false);
  place->require_option(1, 1);
  auto* as = command.add_option("--as", into.at.as, "as whom to connect: a file with a table [remote], TOML");
  as->needs(connect);
  connect->needs(as);
  command.add_option("--config", into.config, table)->required();
  command.add_flag("--json", into.json, "print JSON: one object per line");
}

}  // namespace

connector_commands add_connectors(CLI::App& app, connector_command& into) {
  auto* relay = app.add_subcommand("relay", "publish the events of a store to Kafka");
  add_place(*relay, into, "the table [relay], and options of the runtime before it, TOML");
  auto* intake = app.add_subcommand("intake", "take messages from Kafka as commands of the bank and the shop");
  add_place(*intake, into, "the table [intake], and options of the runtime before it, TOML");
  auto* sink = app.add_subcommand("sink", "keep read models of the shop in PostgreSQL or Redis");
  add_place(*sink, into, "the table [sink], and options of the runtime before it, TOML");
  sink->add_flag("--rebuild", into.rebuilds, "build the tables or keys again, beside those that serve, which they replace in the end");
  return {relay, intake, sink};
}

std::optional<int> connector_commands::run(const connector_command& with) const {
  if (relay->parsed()) return run_relay(with);
  if (intake->parsed()) return run_intake(with);
  if (sink->parsed()) return run_sink(with);
  return std::nullopt;
}

}  // namespace tools
