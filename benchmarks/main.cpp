// annals-bench: the benchmarks, for anyone who doubts the figures. README.md in this folder says how to read them.
#include "benchmarks/commands.hpp"
#include "benchmarks/compare/compare.hpp"
#include "benchmarks/limits.hpp"
#include "benchmarks/memory.hpp"
#include "benchmarks/query.hpp"
#include "benchmarks/recover.hpp"
#include "benchmarks/rehydrate.hpp"
#include "benchmarks/replay.hpp"
#include "benchmarks/report/report.hpp"
#include "benchmarks/shop.hpp"

#include <CLI/CLI.hpp>

int main(int argc, char** argv) {
  CLI::App app{"annals-bench: how fast, on this machine"};
  app.require_subcommand(1);
  bench::add_limits(app);
  bench::add_commands(app);
  bench::add_compare(app);
  bench::add_shop(app);
  bench::add_memory(app);
  bench::add_query(app);
  bench::add_replay(app);
  bench::add_recover(app);
  bench::add_rehydrate(app);
  bench::report::add_report(app);
  CLI11_PARSE(app, argc, argv);
}
