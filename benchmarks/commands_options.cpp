// Several runs of annals-bench commands, and the rate of an open loop.
#include "benchmarks/commands.hpp"
#include "benchmarks/medians.hpp"

#include <algorithm>
#include <string>

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

}  // namespace

figures commands_result(const commands_run& with) {
  return measured("commands", with.run, std::min(1.0, with.commands.seconds), [&](const std::filesystem::path& directory) {
    auto here = with;
    here.commands.directory = directory;
    here.commands.rate = rate_of(here);
    return medians(here.runs, "commands_per_second", [&] { return to_figures(here.commands, measure_commands(here.commands)); });
  });
}

}  // namespace bench
