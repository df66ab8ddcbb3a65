// `annals console`: the pages about a store, beside the program that writes it.
#pragma once

#include <annals/console.hpp>

#include <filesystem>

namespace tools {

struct console_command {
  std::filesystem::path store;
  annals::console_options with;
  bool json = false;
};

/// Prints the login URL, and serves until SIGINT or SIGTERM. SIGHUP prints a new login URL. Returns the exit status.
int run_console(console_command command);

}  // namespace tools
