// annals-bench: the benchmarks, for anyone who doubts the figures. README.md in this folder says how to read them. The command line of the
// subcommands is here, in reading_commands.cpp and in connectors/, and only there: a file that sees CLI11 compiles the whole of it.
#include "benchmarks/command_line.hpp"
#include "benchmarks/commands.hpp"
#include "benchmarks/compare/compare.hpp"
#include "benchmarks/limits.hpp"
#include "benchmarks/memory.hpp"
#include "benchmarks/remote.hpp"
#include "benchmarks/report/measure.hpp"
#include "benchmarks/report/report.hpp"
#include "benchmarks/shop.hpp"
#include "benchmarks/watched.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace bench {
namespace {

void add_limits(CLI::App& app) {
  struct options {
    run_options run;
    double seconds = 7;
  };
  auto with = std::make_shared<options>();
  auto* command = app.add_subcommand("limits", "what the disk and LMDB can do by themselves");
  add_run_options(*command, with->run);
  command->add_option("--seconds", with->seconds, "for all figures together")->check(CLI::PositiveNumber)->capture_default_str();
  command->callback([with] { print(with->run, limits_result(with->run, with->seconds)); });
}

std::string check_rate(const std::string& text) {
  if (text == "half") return {};
  try {
    std::size_t read = 0;
    if (std::stod(text, &read) > 0 && read == text.size()) return {};
  } catch (const std::exception&) {
  }
  return "a number of commands a second, or 'half': " + text;
}

void add_commands(CLI::App& app) {
  auto with = std::make_shared<commands_run>();
  auto* command = app.add_subcommand("commands", "deposits through the whole path, answered when durable");
  auto& c = with->commands;
  add_run_options(*command, with->run);
  const auto positive = [&](const char* name, auto& value, const char* what) {
    command->add_option(name, value, what)->check(CLI::PositiveNumber)->capture_default_str();
  };
  positive("--aggregates", c.aggregates, "accounts");
  positive("--in-flight", c.in_flight, "commands under way at once");
  command->add_option("--rate", with->rate, "an open loop: commands a second, or 'half' of what the closed loop reaches")->check(check_rate);
  positive("--seconds", c.seconds, "of measuring, after the warm-up");
  command->add_option("--warm-up", c.warm_up_seconds, "seconds before that")->check(CLI::NonNegativeNumber)->capture_default_str();
  positive("--runs", with->runs, "runs with a store of their own; of each figure the median");
  positive("--slices", c.slices, "split the time into this many parts, and show the disk's longest sync in each");
  command->add_option("--seed", c.seed, "which account is next")->capture_default_str();
  command->add_option("--scrape", c.scrape_ms, "read the metrics every so many ms meanwhile, as a scrape does; 0: never")->capture_default_str();
  command->add_option("--trace-ratio", c.runtime.trace_ratio, "of the commands that are traced; nothing exports the spans")->capture_default_str();
  command->add_option("--shards", c.runtime.shards, "of the runtime; 0: its default")->capture_default_str();
  command->add_option("--threads", c.runtime.threads, "of the runtime's workers; 0: its default")->capture_default_str();
  command->callback([with] { print(with->run, commands_result(*with)); });
}

void add_compare(CLI::App& app) {
  auto with = std::make_shared<compare_options>();
  with->engines = engine_names();
  auto* command = app.add_subcommand("compare", "the same work through annals and through other stores");
  add_run_options(*command, with->run);
  const auto positive = [&](const char* name, auto& value, const char* what) {
    command->add_option(name, value, what)->check(CLI::PositiveNumber)->capture_default_str();
  };
  positive("--aggregates", with->work.aggregates, "streams");
  positive("--runs", with->runs, "of each engine; its figures are those of the run with the median throughput");
  positive("--in-flight", with->in_flight, "commands under way at once: one or several");
  positive("--seconds", with->work.seconds, "of each measurement, after the warm-up");
  command->add_option("--warm-up", with->work.warm_up_seconds, "seconds before that")->check(CLI::NonNegativeNumber)->capture_default_str();
  command->add_option("--seed", with->work.seed, "which stream is next")->capture_default_str();
  command->add_option("--engines", with->engines, "which of them; ratios need annals")->check(CLI::IsMember(engine_names()))->capture_default_str();
  command->callback([with] {
    try {
      print(with->run, compare_result(*with));
    } catch (const std::exception& e) {
      std::fprintf(stderr, "annals-bench: %s\n", e.what());
      std::exit(1);
    }
  });
}

void add_remote(CLI::App& app) {
  struct options {
    run_options run;
    remote_bench_options remote;
  };
  auto with = std::make_shared<options>();
  auto* command = app.add_subcommand("remote", "deposits from another process over loopback, plain and with TLS");
  add_run_options(*command, with->run);
  command->add_option("--in-flight", with->remote.in_flight, "commands under way at once; several values")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->add_option("--aggregates", with->remote.aggregates, "accounts")->check(CLI::PositiveNumber)->capture_default_str();
  command->add_option("--seconds", with->remote.seconds, "of measuring, after the warm-up")->check(CLI::PositiveNumber)->capture_default_str();
  command->add_option("--warm-up", with->remote.warm_up_seconds, "seconds before that")->check(CLI::NonNegativeNumber)->capture_default_str();
  command->callback([with] { print(with->run, remote_result(with->run, with->remote)); });
}

void add_replica(CLI::App& app) {
  struct options {
    run_options run;
    replica_bench_options replica;
  };
  auto with = std::make_shared<options>();
  auto* command = app.add_subcommand("replica", "a replica that catches up, and then follows while its source is written");
  add_run_options(*command, with->run);
  command->add_option("--events", with->replica.events, "that it catches up with")->check(CLI::PositiveNumber)->capture_default_str();
  command->add_option("--rate", with->replica.rate, "commands a second of the source meanwhile; 0: none")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option("--seconds", with->replica.seconds, "of following")->check(CLI::PositiveNumber)->capture_default_str();
  command->callback([with] { print(with->run, replica_result(with->run, with->replica)); });
}

void add_shop(CLI::App& app) {
  struct options {
    run_options run;
    shop_options shop;
  };
  auto with = std::make_shared<options>();
  auto* command = app.add_subcommand("shop", "orders through inventory, payment and shipping, by the process manager");
  auto& s = with->shop;
  add_run_options(*command, with->run);
  command->add_option("--orders", s.orders, "to place")->check(CLI::PositiveNumber)->capture_default_str();
  command->add_option("--in-flight", s.in_flight, "orders under way at once")->check(CLI::PositiveNumber)->capture_default_str();
  command->add_option("--skus", s.skus, "that orders choose from")->check(CLI::PositiveNumber)->capture_default_str();
  command->add_option("--lines", s.lines, "of an order")->check(CLI::Range(1, 1'000))->capture_default_str();
  command->add_option("--seed", s.seed, "what is ordered")->capture_default_str();
  command->callback([with] { print(with->run, shop_result(with->run, with->shop)); });
}

void add_watched(CLI::App& app) {
  struct options {
    run_options run;
    watched_options watched;
  };
  auto with = std::make_shared<options>();
  auto& w = with->watched;
  auto* command = app.add_subcommand("watched", "what scrapes and traces cost: deposits with them and without, in turn");
  add_run_options(*command, with->run);
  const auto positive = [&](const char* name, auto& value, const char* what) {
    command->add_option(name, value, what)->check(CLI::PositiveNumber)->capture_default_str();
  };
  positive("--aggregates", w.aggregates, "accounts");
  positive("--in-flight", w.turns.in_flight, "commands under way at once");
  positive("--blocks", w.turns.blocks, "of four slices each: without, with, with, without");
  positive("--slice", w.turns.slice_seconds, "seconds of each slice");
  command->add_option("--rows", w.rows, "which: one or several")->check(CLI::IsMember(watched_rows()))->capture_default_str();
  positive("--scrape", w.scrape_ms, "ms between two scrapes");
  positive("--trace-one-in", w.trace_one_in, "commands");
  command->add_option("--warm-up", w.warm_up_seconds, "seconds before each row")->check(CLI::NonNegativeNumber)->capture_default_str();
  command->add_option("--seed", w.seed, "which account is next")->capture_default_str();
  command->callback([with] { print(with->run, watched_result(with->run, with->watched)); });
}

void add_memory(CLI::App& app) {
  struct options {
    run_options run;
    memory_options memory;
  };
  auto with = std::make_shared<options>();
  auto& m = with->memory;
  auto* command = app.add_subcommand("memory", "what idle aggregates cost");
  add_run_options(*command, with->run);
  command->add_option("--aggregates", m.aggregates, "accounts, each opened by one command")->check(CLI::PositiveNumber)->capture_default_str();
  command->add_option("--resident", m.resident_max, "how many may stay in memory; 0: all")->capture_default_str();
  command->callback([with] { print(with->run, memory_result(with->run, with->memory)); });
}

void add_report(CLI::App& app) {
  struct options {
    std::string results;
    bool measures = false;
    report::measure_options measure;
  };
  auto with = std::make_shared<options>();
  auto& m = with->measure;
  auto* command = app.add_subcommand("report", "DIR/report.html, with plots of all results in DIR");
  command->add_option("DIR", with->results, "with the *.json that the other subcommands print with --json")->required();
  auto* measure = command->add_flag("--measure", with->measures, "first measure a grid into DIR");
  const auto positive = [&](const char* name, auto& value, const char* what) {
    command->add_option(name, value, what)->check(CLI::PositiveNumber)->capture_default_str()->needs(measure);
  };
  positive("--in-flight", m.in_flight, "commands under way at once, each of these");
  positive("--aggregates", m.aggregates, "accounts, each of these");
  positive("--seconds", m.seconds, "of measuring in each run");
  positive("--runs", m.runs, "for each, and of each figure the median");
  positive("--orders", m.orders, "for the shop to place");
  command->add_option("--directory", m.run.directory, "where the stores go; on the disk to be measured")->capture_default_str()->needs(measure);
  command->callback([with] {
    const std::filesystem::path results{with->results};
    if (with->measures) report::measure_all(results, with->measure);
    fmt::print("{}\n", report::write_report(results).string());
  });
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a server that is gone is an error of the call
  CLI::App app{"annals-bench: how fast, on this machine"};
  app.require_subcommand(1);
  bench::add_limits(app);
  bench::add_commands(app);
  bench::add_compare(app);
  bench::add_shop(app);
  bench::add_remote(app);
  bench::add_replica(app);
  bench::add_watched(app);
  bench::add_memory(app);
  bench::add_reading_commands(app);
  bench::add_connector_commands(app);
  bench::add_report(app);
  CLI11_PARSE(app, argc, argv);
}
