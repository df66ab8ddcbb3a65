#include "benchmarks/report/measure.hpp"

#include "benchmarks/commands.hpp"
#include "benchmarks/compare/compare.hpp"
#include "benchmarks/memory.hpp"
#include "benchmarks/must.hpp"
#include "benchmarks/shop.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace bench::report {
namespace {

struct job {
  std::string name;  // of the file
  std::function<figures()> result;
};

std::vector<job> all_jobs(const measure_options& with) {
  std::vector<job> jobs;
  const auto add_commands = [&](std::size_t aggregates, std::size_t in_flight, const std::string& rate, const std::string& name) {
    commands_run run;
    run.run = with.run;
    run.rate = rate;
    run.runs = with.runs;
    run.commands.aggregates = aggregates;
    run.commands.in_flight = in_flight;
    run.commands.seconds = with.seconds;
    run.commands.warm_up_seconds = std::min(run.commands.warm_up_seconds, with.seconds);
    jobs.push_back({name, [run] { return commands_result(run); }});
  };
  for (const auto aggregates : with.aggregates) {
    for (const auto in_flight : with.in_flight)
      add_commands(aggregates, in_flight, "", fmt::format("commands-{}-aggregates-{}-in-flight", aggregates, in_flight));
    const auto most = *std::max_element(with.in_flight.begin(), with.in_flight.end());
    add_commands(aggregates, most, "half", fmt::format("commands-{}-aggregates-half-rate", aggregates));
  }
  jobs.push_back({"shop", [with] { return shop_result(with.run, {.orders = with.orders}); }});
  const auto idle = *std::max_element(with.aggregates.begin(), with.aggregates.end());
  jobs.push_back({fmt::format("memory-{}-aggregates", idle), [=] { return memory_result(with.run, {.aggregates = idle}); }});
  compare_options other;
  other.run = with.run;
  other.work.seconds = with.seconds;
  other.work.warm_up_seconds = std::min(other.work.warm_up_seconds, with.seconds);
  other.runs = with.runs;
  jobs.push_back({"compare", [other] { return compare_result(other); }});
  return jobs;
}

void save(const job& what, const std::filesystem::path& file) {
  const auto result = what.result();
  std::ofstream out{file};
  out << result.dump() << '\n';
  out.close();
  if (!out) fail("writing " + file.string());
}

/// Measures in a process of its own: the memory of one benchmark must not show in the figures of the next.
void save_apart(const job& what, const std::filesystem::path& file) {
  std::fflush(nullptr);
  const auto child = ::fork();
  if (child < 0) fail("no process to measure in");
  if (child == 0) {
    try {
      save(what, file);
    } catch (const std::exception& e) {
      fail(e.what());
    }
    std::_Exit(0);
  }
  int status = 0;
  if (::waitpid(child, &status, 0) != child || status != 0) fail("measuring " + file.string() + " failed");
}

}  // namespace

void measure_all(const std::filesystem::path& results, const measure_options& with) {
  std::error_code failed;
  std::filesystem::create_directories(results, failed);
  if (failed) fail(results.string() + ": " + failed.message());
  const auto jobs = all_jobs(with);
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const auto file = results / (jobs[i].name + ".json");
    fmt::print("{:>{}} of {}  {}\n", i + 1, std::to_string(jobs.size()).size(), jobs.size(), file.string());
    save_apart(jobs[i], file);
  }
}

}  // namespace bench::report
