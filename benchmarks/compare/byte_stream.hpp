// A client's end of a connection to a server on this machine: a Unix socket, or TLS with client certificates over loopback.
#pragma once

#include "benchmarks/other_process.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

namespace bench::compare {

/// Its calls block. They throw std::runtime_error if the connection fails.
class byte_stream {
public:
  virtual ~byte_stream() = default;
  virtual int descriptor() const = 0;
  /// Returns when the kernel has everything.
  virtual void write(std::string_view bytes) = 0;
  /// Reads at least one byte. Returns 0 if the server has closed the connection.
  virtual std::size_t read(char* to, std::size_t room) = 0;
  /// Whether read() can return more without a system call.
  virtual bool has_more() const { return false; }
};

/// Null if nobody listens there.
std::unique_ptr<byte_stream> connect_local(const std::filesystem::path& socket);
/// Null if nobody listens there, or the handshake fails.
std::unique_ptr<byte_stream> connect_tls(std::uint16_t port, const credentials& with);

/// New ones, in a directory of their own. Throws `left_out` without the openssl command.
credentials certificates_in(const std::filesystem::path& directory);

/// A port of 127.0.0.1 that is free now.
std::uint16_t free_port();

}  // namespace bench::compare
