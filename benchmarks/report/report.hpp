// All results in a directory as one page with charts.
#pragma once

#include "benchmarks/run.hpp"

namespace bench::report {

/// The page for the results in this directory.
std::string page_of(const std::filesystem::path& results);

/// Writes it to report.html in the same directory, whose path this returns.
std::filesystem::path write_report(const std::filesystem::path& results);

}  // namespace bench::report
