// The command line of what reads: query, replay, recover, rehydrate.
#include "benchmarks/command_line.hpp"
#include "benchmarks/query.hpp"
#include "benchmarks/recover.hpp"
#include "benchmarks/rehydrate.hpp"
#include "benchmarks/replay.hpp"

#include <memory>

namespace bench {
namespace {

void add_query(CLI::App& app) {
  struct options {
    run_options run;
    query_options query;
  };
  auto with = std::make_shared<options>();
  auto& q = with->query;
  auto* command = app.add_subcommand("query", "balances by message, by direct read, and from the streams, alone and with concurrent writers");
  add_run_options(*command, with->run);
  const auto positive = [&](const char* name, auto& value, const char* what) {
    command->add_option(name, value, what)->check(CLI::PositiveNumber)->capture_default_str();
  };
  positive("--aggregates", q.aggregates, "accounts");
  positive("--in-flight", q.in_flight, "queries by message under way at once");
  positive("--threads", q.threads, "that read directly: one or several");
  positive("--rate", q.rate, "concurrent deposits a second, which the projector applies");
  positive("--seconds", q.seconds, "of each measurement");
  command->add_option("--seed", q.seed, "which account is next")->capture_default_str();
  command->callback([with] { print(with->run, query_result(with->run, with->query)); });
}

void add_replay(CLI::App& app) {
  struct options {
    run_options run;
    replay_options replay;
  };
  auto with = std::make_shared<options>();
  auto& r = with->replay;
  auto* command = app.add_subcommand("replay", "a read model built from the log, compared with reading alone and with SQLite");
  add_run_options(*command, with->run);
  command->add_option("--events", r.history.events, "in the log")->check(CLI::PositiveNumber)->capture_default_str();
  command->add_option("--streams", r.history.streams, "accounts that they are of")->check(CLI::PositiveNumber)->capture_default_str();
  command->add_option("--partitions", r.partitions, "threads that share the model by stream: one or several")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  command->add_option("--runs", r.runs, "of each; the best counts")->check(CLI::PositiveNumber)->capture_default_str();
  command->add_option("--seed", r.history.seed, "which account is next")->capture_default_str();
  command->callback([with] { print(with->run, replay_result(with->run, with->replay)); });
}

void add_recover(CLI::App& app) {
  struct options {
    run_options run;
    recover_options recover;
  };
  auto with = std::make_shared<options>();
  auto& r = with->recover;
  auto* command = app.add_subcommand("recover", "from opening a store to the first answer, with and without derived/");
  add_run_options(*command, with->run);
  command->add_option("--events", r.events, "in the log: one or several")->check(CLI::PositiveNumber)->capture_default_str();
  command->add_option("--streams", r.history.streams, "accounts that they are of")->check(CLI::PositiveNumber)->capture_default_str();
  command->add_option("--seed", r.history.seed, "which account is next")->capture_default_str();
  command->callback([with] { print(with->run, recover_result(with->run, with->recover)); });
}

void add_rehydrate(CLI::App& app) {
  struct options {
    run_options run;
    rehydrate_options rehydrate;
  };
  auto with = std::make_shared<options>();
  auto& r = with->rehydrate;
  auto& h = r.history;
  auto* command = app.add_subcommand("rehydrate", "a stream that lies scattered in the log, warm, cold, and from a snapshot");
  add_run_options(*command, with->run);
  const auto positive = [&](const char* name, auto& value, const char* what) {
    command->add_option(name, value, what)->check(CLI::PositiveNumber)->capture_default_str();
  };
  positive("--events", h.events, "in the log");
  positive("--streams", h.streams, "accounts that they are of");
  positive("--long-streams", h.long_streams, "of these, the ones that are loaded, in turn");
  command->add_option("--long-events", h.long_events, "of each of them, evenly over the log")
      ->check(CLI::Range(1'000, 1'000'000))  // streams of this length have snapshots
      ->capture_default_str();
  positive("--rounds", r.rounds, "over all of them, once they are warm");
  command->add_option("--seed", h.seed, "which account is next")->capture_default_str();
  command->callback([with] { print(with->run, rehydrate_result(with->run, with->rehydrate)); });
}

}  // namespace

void add_reading_commands(CLI::App& app) {
  add_query(app);
  add_replay(app);
  add_recover(app);
  add_rehydrate(app);
}

}  // namespace bench
