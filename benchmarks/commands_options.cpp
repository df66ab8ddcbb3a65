// annals-bench commands
#include "benchmarks/commands.hpp"
#include "benchmarks/medians.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace bench {
namespace {

/// The rate as given; "half" is half of the rate that a closed loop reaches in the same directory.
double rate_of(const commands_run& with) {
  if (with.rate.empty()) return 0;
  if (with.rate != "half") return std::stod(with.rate);
  auto closed = with.commands;
  closed.slices = 1;
  return measure_commands(closed).commands_per_second / 2;
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

}  // namespace

figures commands_result(const commands_run& with) {
  return measured("commands", with.run, std::min(1.0, with.commands.seconds), [&](const std::filesystem::path& directory) {
    auto here = with;
    here.commands.directory = directory;
    here.commands.rate = rate_of(here);
    return medians(here.runs, "commands_per_second", [&] { return to_figures(here.commands, measure_commands(here.commands)); });
  });
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
  command->add_option("--shards", c.runtime.shards, "of the runtime; 0: its default")->capture_default_str();
  command->add_option("--threads", c.runtime.threads, "of the runtime's workers; 0: its default")->capture_default_str();
  command->callback([with] { print(with->run, commands_result(*with)); });
}

}  // namespace bench
