// What all subcommands share: where files go, how figures are printed, and what the machine could do immediately before
// and after.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace bench {

using figures = nlohmann::ordered_json;  // flat numbers and texts, lists for series

struct run_options {
  std::string directory = ".";  // the working directory's file system, since /tmp may be in memory
  bool json = false;
};

/// A directory that is removed with this object. Ends the process with a message if it cannot be created.
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

/// Measures in a work directory. The result has the name of the benchmark, what `measure` returned (parameters included), the machine,
/// and the machine's limits before and after. Each measurement of the limits takes about `limit_seconds`.
figures measured(std::string_view name, const run_options& with, double limit_seconds, const measurement& measure);

/// Measures likewise, and prints the result.
void run(std::string_view name, const run_options& with, double limit_seconds, const measurement& measure);

/// Prints a result as one JSON object, or as text.
void print(const run_options& with, const figures& all);

/// Rounded to one decimal; more would be noise.
double rounded(double figure);

}  // namespace bench
