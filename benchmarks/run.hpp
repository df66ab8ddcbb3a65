// What all subcommands share: where the files go, how the figures are printed, and what the machine itself could do
// right before and right after.
#pragma once

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace bench {

using figures = nlohmann::ordered_json;  // flat numbers and texts, lists for series

struct run_options {
  std::string directory = ".";  // the working directory's file system, since /tmp may be memory
  bool json = false;
};

/// --directory and --json.
void add_run_options(CLI::App& command, run_options& with);

/// A directory that goes with its owner. Ends the process with a message when there can be none.
class work_directory {
public:
  explicit work_directory(const std::string& parent);
  work_directory(const work_directory&) = delete;
  work_directory& operator=(const work_directory&) = delete;
  ~work_directory();
  const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

using measurement = std::function<figures(const std::filesystem::path&)>;

/// Measures in a work directory. The result names the benchmark, holds what `measure` returned (its parameters, too),
/// the machine, and the machine's limits before and after, each of which takes about `limit_seconds`.
figures measured(std::string_view name, const run_options& with, double limit_seconds, const measurement& measure);

/// Prints it.
void run(std::string_view name, const run_options& with, double limit_seconds, const measurement& measure);

/// A result as one JSON object, or as text.
void print(const run_options& with, const figures& all);

/// One decimal: what is behind it is noise.
double rounded(double figure);

}  // namespace bench
