// annals-bench: what a sceptic runs. How to read the figures is in README.md beside this file.
#include "benchmarks/commands.hpp"
#include "benchmarks/limits.hpp"
#include "benchmarks/memory.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

namespace {

/// Where the files go: the working directory's file system, since /tmp may be memory.
struct work_directory {
  std::filesystem::path path;
  explicit work_directory(const std::string& parent) {
    auto name = (std::filesystem::path{parent} / "annals-bench-XXXXXX").string();
    if (!::mkdtemp(name.data())) {
      std::perror("annals-bench: a directory for the run");
      std::exit(1);
    }
    path = name;
  }
  work_directory(const work_directory&) = delete;
  work_directory& operator=(const work_directory&) = delete;
  ~work_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
};

void run_limits(const std::filesystem::path& directory, double seconds, bool json) {
  const auto sync = bench::measure_sync(directory, static_cast<std::size_t>(seconds * 2'000) + 10);
  const auto one = bench::measure_raw_lmdb(directory, 200, 1, seconds);
  const auto some = bench::measure_raw_lmdb(directory, 200, 1'024, seconds);
  if (json)
    fmt::print("{{\"fdatasync_p50_us\":{:.1f},\"fdatasync_p99_us\":{:.1f},\"raw_lmdb_batch_1_per_second\":{:.0f},"
               "\"raw_lmdb_batch_1024_per_second\":{:.0f}}}\n",
               sync.p50_us, sync.p99_us, one, some);
  else
    fmt::print("write 4 KiB + fdatasync      {:>12.1f} us p50  {:>10.1f} us p99\nraw LMDB, 1 record a commit  {:>12.0f} records/s\n"
               "raw LMDB, 1,024 a commit     {:>12.0f} records/s\n",
               sync.p50_us, sync.p99_us, one, some);
}

void run_commands(const bench::commands_options& with, bool json) {
  const auto f = bench::measure_commands(with);
  const auto ratio = f.commands_per_second / f.raw_lmdb_per_second;
  if (json) {
    fmt::print("{{\"aggregates\":{},\"in_flight\":{},\"commands\":{},\"commands_per_second\":{:.0f},\"p50_us\":{:.1f},\"p99_us\":{:.1f},"
               "\"max_us\":{:.1f},\"commits_per_second\":{:.1f},\"mean_batch\":{:.1f},\"mean_record_bytes\":{:.1f},"
               "\"peak_memory_bytes\":{},\"projection_behind\":{},\"raw_lmdb_per_second\":{:.0f},\"ratio_to_raw_lmdb\":{:.3f}}}\n",
               with.aggregates, with.in_flight, f.commands, f.commands_per_second, f.p50_us, f.p99_us, f.max_us, f.commits_per_second,
               f.mean_batch, f.mean_record_bytes, f.peak_memory_bytes, f.projection_behind, f.raw_lmdb_per_second, ratio);
    return;
  }
  fmt::print("{} aggregates, {} in flight, durable answers\n", with.aggregates, with.in_flight);
  fmt::print("  commands/s        {:>12.0f}\n  latency us        {:>12.1f} p50 {:>10.1f} p99 {:>10.1f} max\n", f.commands_per_second, f.p50_us,
             f.p99_us, f.max_us);
  fmt::print("  commits/s         {:>12.1f}, {:.1f} records each\n  peak memory       {:>12.1f} MB\n", f.commits_per_second, f.mean_batch,
             static_cast<double>(f.peak_memory_bytes) / 1e6);
  fmt::print("  raw LMDB          {:>12.0f} records/s of {:.0f} bytes, the same batch, same run: ratio {:.2f}\n", f.raw_lmdb_per_second,
             f.mean_record_bytes, ratio);
}

void run_memory(const std::filesystem::path& directory, std::size_t aggregates, bool json) {
  const auto f = bench::measure_memory(directory, aggregates);
  fmt::print(fmt::runtime(json ? "{{\"aggregates\":{},\"heap_bytes_an_aggregate\":{:.0f}}}\n"
                               : "{} idle accounts, one command each: {:.0f} bytes of heap an account\n"),
             f.aggregates, f.heap_bytes_an_aggregate);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"annals-bench: how fast, on this machine"};
  app.require_subcommand(1);
  std::string directory = ".";
  bool json = false;
  double limit_seconds = 2;
  bench::commands_options with;
  auto* limits = app.add_subcommand("limits", "what the disk and LMDB can do by themselves");
  limits->add_option("--seconds", limit_seconds, "for each figure")->check(CLI::PositiveNumber)->capture_default_str();
  auto* commands = app.add_subcommand("commands", "deposits through the whole path, answered when durable");
  commands->add_option("--aggregates", with.aggregates, "accounts")->check(CLI::PositiveNumber)->capture_default_str();
  commands->add_option("--in-flight", with.in_flight, "commands under way at once")->check(CLI::PositiveNumber)->capture_default_str();
  commands->add_option("--seconds", with.seconds, "of measuring, behind the warm-up")->check(CLI::PositiveNumber)->capture_default_str();
  commands->add_option("--warm-up", with.warm_up_seconds, "seconds before that")->capture_default_str();
  std::size_t idle_aggregates = 100'000;
  auto* memory = app.add_subcommand("memory", "what an idle aggregate costs");
  memory->add_option("--aggregates", idle_aggregates, "accounts")->check(CLI::PositiveNumber)->capture_default_str();
  for (auto* c : {limits, commands, memory}) {
    c->add_option("--directory", directory, "where the files go; on the disk to be measured")->capture_default_str();
    c->add_flag("--json", json, "print one JSON object");
  }
  CLI11_PARSE(app, argc, argv);
  const work_directory place{directory};
  if (limits->parsed()) {
    run_limits(place.path, limit_seconds, json);
  } else if (memory->parsed()) {
    run_memory(place.path, idle_aggregates, json);
  } else {
    with.directory = place.path;
    run_commands(with, json);
  }
}
