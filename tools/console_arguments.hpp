// The arguments of `annals console`.
#pragma once

#include "tools/console.hpp"

#include <CLI/CLI.hpp>

#include <string>

namespace tools {

/// Declares the subcommand, which fills in `into`.
CLI::App* add_console(CLI::App& app, console_command& into);

}  // namespace tools
