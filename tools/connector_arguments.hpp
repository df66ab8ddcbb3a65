// The arguments of `annals relay`, `annals intake` and `annals sink`.
#pragma once

#include "tools/connectors.hpp"

#include <CLI/CLI.hpp>

#include <optional>

namespace tools {

struct connector_commands {
  CLI::App* relay;
  CLI::App* intake;
  CLI::App* sink;

  /// Runs the one that was given, if any: its exit status.
  std::optional<int> run(const connector_command& with) const;
};

/// Declares the subcommands, of which the one that is given fills in `into`.
connector_commands add_connectors(CLI::App& app, connector_command& into);

}  // namespace tools
