// The results in a directory: each *.json file is a result that annals-bench printed.
#pragma once

#include "benchmarks/run.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bench::report {

struct result {
  std::string file;  // its path
  std::string name;  // without the folder
  figures all;

  std::string benchmark() const { return text("benchmark"); }
  bool has(const char* key) const { return all.contains(key); }
  /// These three end the process with a message that names the file if there is no such value.
  double number(const char* key) const { return number_in(all, key); }
  double number_in(const figures& object, const char* key) const;
  std::string text(const char* key) const { return text_in(all, key); }
  std::string text_in(const figures& object, const char* key) const;
  /// A list of objects; empty if there is no such list.
  std::vector<figures> rows(const char* key) const;
  /// The median time of a small synced write, immediately before or after the measurement.
  std::optional<double> sync_p50_us(const char* limits) const;
};

/// The results in the order of benchmarks and parameters. Ends the process with a message that names the file if one is not a result,
/// or the directory if it has none.
std::vector<result> read_results(const std::filesystem::path& directory);

/// The command of these results of one benchmark, with the options that it was called with; where the results differ, all values in
/// braces.
std::vector<std::string> command_line(const std::vector<result>& of);

/// True for what was asked for, as opposed to what was measured.
bool is_parameter(std::string_view key);

}  // namespace bench::report
