// The arguments of `annals serve`.
#pragma once

#include <CLI/CLI.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace tools {

struct serve_command {
  std::string store;
  std::string config;
  std::string listen;
  std::optional<std::uint16_t> console_port;
  bool console_acts = false;
  std::string traces;  // the endpoint
  std::string service;
  bool json = false;
};

/// Declares the subcommand, which fills in `into`.
CLI::App* add_serve(CLI::App& app, serve_command& into);

/// Reads the file, and serves.
int run_serve(const serve_command& what);

}  // namespace tools
