// All results in a directory as one page with charts.
#pragma once

#include "benchmarks/run.hpp"

namespace bench::report {

/// The page for the results in this directory.
std::string page_of(const std::filesystem::path& results);

/// annals-bench report
void add_report(CLI::App& app);

}  // namespace bench::report
