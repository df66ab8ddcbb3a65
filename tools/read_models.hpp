// The commands that build a read model from a store and print it: statement, report.
#pragma once

#include <filesystem>
#include <string>

namespace tools {

/// Each prints and returns the exit status.
int show_statement(const std::filesystem::path& store, const std::string& account, bool json);
int show_report(const std::filesystem::path& store, bool json);

}  // namespace tools
