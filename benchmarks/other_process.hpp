// A node of annals in a process of its own, for benchmarks: a fork, made before this process has threads.
#pragma once

#include "benchmarks/run.hpp"

#include <annals/remote.hpp>
#include <annals/runtime.hpp>

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace bench {

/// Keys, a peers file and, if asked, a CA and certificates, in a directory.
struct credentials {
  std::filesystem::path directory;
  std::string server_key, client_key;  // public
  bool has_tls = false;

  /// TLS needs the openssl command.
  static credentials made_in(const std::filesystem::path& directory, bool with_tls);
  annals::listen_options listening(const std::string& at) const;
  annals::remote_options calling() const;
};

/// Runs `serve` in a child. It returns the port that it listens on, and then waits until this object goes.
class other_process {
public:
  /// `serve` gets a function that it calls with its port once it is ready; that returns when it has to end.
  using ready = std::function<void(std::uint16_t port)>;
  explicit other_process(const std::function<void(const ready&)>& serve);
  ~other_process();
  other_process(const other_process&) = delete;
  other_process& operator=(const other_process&) = delete;
  std::uint16_t port() const { return port_; }

private:
  pid_t child_ = -1;
  int to_child_ = -1;
  std::uint16_t port_ = 0;
};

/// What a child hands to its parent.
void write_row(const std::filesystem::path& file, const figures& row);
figures read_row(const std::filesystem::path& file);

}  // namespace bench
