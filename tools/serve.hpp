// A store that other nodes use: the bank and the shop, behind a listener.
#pragma once

#include <annals/console.hpp>
#include <annals/listen.hpp>
#include <annals/options.hpp>
#include <annals/trace_exporter.hpp>

#include <filesystem>
#include <optional>

namespace tools {

struct serve_options {
  std::filesystem::path store;
  bool json = false;
  annals::options runtime;
  annals::listen_options listen;
  std::optional<annals::console_options> console;      // pages, and metrics for Prometheus
  std::optional<annals::trace_export_options> traces;  // where the spans of sampled commands go
};

/// Opens the store and listens, until SIGTERM or SIGINT; SIGHUP reads the peers file and the TLS files again. Prints one line when peers can
/// connect, and one with the login URL of the console. Returns the exit status: 0 after an orderly end.
int serve(serve_options with);

}  // namespace tools
