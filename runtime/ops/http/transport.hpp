// The bytes of one connection, plain or by TLS. Never waits by itself.
#pragma once

#include <annals/result.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace annals::ops {

/// Owns a file descriptor.
class socket_handle {
public:
  socket_handle() = default;
  explicit socket_handle(int fd) : fd_(fd) {}
  socket_handle(socket_handle&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  socket_handle& operator=(socket_handle&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~socket_handle();
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

private:
  int fd_ = -1;
};

enum class progress { some, want_read, want_write, ended };

class transport {
public:
  virtual ~transport() = default;
  /// Appends what has come, at most 16 KiB. `ended`: the other side sends no more, or the connection failed.
  virtual progress read(std::string& into) = 0;
  /// Removes from `rest` what was written.
  virtual progress write(std::string_view& rest) = 0;
  /// Says goodbye; what was written before still arrives.
  virtual void finish() = 0;
  virtual int fd() const = 0;
};

/// Makes the transport of each accepted socket. Thread-safe.
class transport_maker {
public:
  virtual ~transport_maker() = default;
  virtual std::unique_ptr<transport> make(socket_handle accepted) const = 0;
};

std::unique_ptr<transport_maker> plain_transports();
/// Errors: bad_option, with the file.
result<std::unique_ptr<transport_maker>> tls_transports(const std::filesystem::path& certificate, const std::filesystem::path& key);

}  // namespace annals::ops
