// A store that other nodes use: the bank and the shop, behind a listener.
#pragma once

#include <annals/listen.hpp>
#include <annals/options.hpp>

#include <filesystem>

namespace tools {

struct serve_options {
  std::filesystem::path store;
  bool json = false;
  annals::options runtime;
  annals::listen_options listen;
};

/// Opens the store and listens, until SIGTERM or SIGINT; SIGHUP reads the peers file and the TLS files again. Prints one line when peers can
/// connect. Returns the exit status: 0 after an orderly end.
int serve(serve_options with);

}  // namespace tools
