// One connection, with what was read of its request. It serves one request: a browser opens another for the next one, so no idle
// connection ever holds a thread.
#pragma once

#include "ops/http/transport.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace annals::ops {

constexpr std::size_t head_bytes_max = 16 * 1024;
constexpr std::size_t body_bytes_max = 64 * 1024;

class connection {
public:
  using clock = std::chrono::steady_clock;
  enum class stage { reading, complete, too_large, ended };

  connection(std::unique_ptr<transport> bytes, std::string peer, clock::time_point until)
      : bytes_(std::move(bytes)), peer_(std::move(peer)), until_(until) {}

  /// Reads what has come.
  stage advance();
  /// Whether it waits for the socket to be writable (a TLS handshake may), not readable.
  bool wants_write() const { return wants_write_; }
  clock::time_point until() const { return until_; }  // the whole request has to be there by then
  int fd() const { return bytes_->fd(); }
  const std::string& peer() const { return peer_; }

  std::string_view head() const { return std::string_view{buffer_}.substr(0, head_end_); }
  std::string_view body() const;
  /// Whether there is more of it than is read: Content-Length is above the bound, or not a number, or it comes in chunks.
  bool has_unread_body() const { return unread_body_; }

  /// Writes all of it. Waits for a reader that makes progress at least every 5 s. False: the connection failed, or the time is up.
  bool write(std::string_view text);
  /// Writes what is taken at once, and ends it.
  void offer(std::string_view text);
  bool is_broken() const { return broken_; }
  /// Ends it. If the client is still sending, reads for a moment, or the system would throw the answer away.
  void finish();

private:
  stage after_reading();
  void read_lengths();

  std::unique_ptr<transport> bytes_;
  std::string peer_;
  clock::time_point until_;
  std::string buffer_;
  std::size_t head_end_ = 0;  // 0: not read yet
  std::size_t body_size_ = 0;
  bool unread_body_ = false;
  bool wants_write_ = false;
  bool broken_ = false;
};

}  // namespace annals::ops
