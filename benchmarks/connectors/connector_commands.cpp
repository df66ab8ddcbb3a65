// The command line of what measures connectors: relay, intake, sink. A build without a connector has none of its subcommands.
#include "benchmarks/command_line.hpp"
#ifdef ANNALS_BENCH_KAFKA
#include "benchmarks/connectors/intake.hpp"
#include "benchmarks/connectors/relay.hpp"
#endif
#ifdef ANNALS_BENCH_SINK
#include "benchmarks/connectors/sink.hpp"
#endif

#include <memory>

namespace bench {
namespace {

#ifdef ANNALS_BENCH_KAFKA
void add_relay(CLI::App& app) {
  struct options {
    run_options run;
    relay_bench_options relay;
  };
  auto with = std::make_shared<options>();
  auto& r = with->relay;
  auto* command = app.add_subcommand("relay", "events published to Kafka, beside librdkafka alone, and what commands lose meanwhile");
  add_run_options(*command, with->run);
  const auto positive = [&](const char* name, auto& value, const char* what) {
    command->add_option(name, value, what)->check(CLI::PositiveNumber)->capture_default_str();
  };
  command->add_option("--rows", r.rows, "which: one or several")->check(CLI::IsMember(relay_rows()))->capture_default_str();
  positive("--events", r.events, "in the log");
  positive("--streams", r.streams, "accounts that they are of");
  positive("--partitions", r.partitions, "of the topic");
  positive("--batch", r.batch, "events taken together, and of a transaction");
  positive("--relay-in-flight", r.in_flight_events, "events that the relay holds");
  positive("--runs", r.runs, "of each, and of each figure the median");
  positive("--in-flight", r.in_flight, "commands under way at once: one or several");
  positive("--aggregates", r.aggregates, "accounts of these commands");
  positive("--blocks", r.turns.blocks, "of four slices each: without, with, with, without");
  positive("--slice", r.turns.slice_seconds, "seconds of each slice");
  command->add_option("--seed", r.seed, "which account is next")->capture_default_str();
  command->callback([with] { print(with->run, relay_result(with->run, with->relay)); });
}

void add_intake(CLI::App& app) {
  struct options {
    run_options run;
    intake_bench_options intake;
  };
  auto with = std::make_shared<options>();
  auto& i = with->intake;
  auto* command = app.add_subcommand("intake", "messages of Kafka taken as deposits, beside the same by hand");
  add_run_options(*command, with->run);
  const auto positive = [&](const char* name, auto& value, const char* what) {
    command->add_option(name, value, what)->check(CLI::PositiveNumber)->capture_default_str();
  };
  positive("--messages", i.messages, "in the topic");
  positive("--aggregates", i.aggregates, "accounts");
  positive("--partitions", i.partitions, "of the topic");
  positive("--in-flight", i.in_flight, "messages without an answer: one or several");
  positive("--runs", i.runs, "of each, and of each figure the median");
  command->add_option("--seed", i.seed, "which account is next")->capture_default_str();
  command->callback([with] { print(with->run, intake_result(with->run, with->intake)); });
}

#endif

#ifdef ANNALS_BENCH_SINK
void add_sink(CLI::App& app) {
  struct options {
    run_options run;
    sink_bench_options sink;
  };
  auto with = std::make_shared<options>();
  auto& s = with->sink;
  auto* command = app.add_subcommand("sink", "events into a read model in PostgreSQL or Redis, beside the bare client library");
  add_run_options(*command, with->run);
  const auto positive = [&](const char* name, auto& value, const char* what) {
    command->add_option(name, value, what)->check(CLI::PositiveNumber)->capture_default_str();
  };
  command->add_option("--databases", s.databases, "which: one or several")->check(CLI::IsMember(sink_databases()))->capture_default_str();
  command->add_option("--workers", s.workers, "of the sink, each with a connection: one or several")->check(CLI::Range(1, 2))->capture_default_str();
  positive("--events", s.events, "in the log");
  positive("--streams", s.streams, "accounts that they are of");
  positive("--runs", s.runs, "of each, and of each figure the median");
  command->add_option("--seed", s.seed, "which account is next")->capture_default_str();
  command->callback([with] { print(with->run, sink_result(with->run, with->sink)); });
}
#endif

}  // namespace

void add_connector_commands([[maybe_unused]] CLI::App& app) {
#ifdef ANNALS_BENCH_KAFKA
  add_relay(app);
  add_intake(app);
#endif
#ifdef ANNALS_BENCH_SINK
  add_sink(app);
#endif
}

}  // namespace bench
