// What others may know and do about one TCP connection, from any thread and for as long as they like.
#pragma once

#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace annals::net {

class connection {
public:
  explicit connection(int socket) : socket_(socket) {}
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// Ends it, as if the peer had. What the kernel has taken still arrives.
  void cut() {
    const std::lock_guard lock{mutex_};
    if (socket_ >= 0) ::shutdown(socket_, SHUT_RDWR);
  }
  /// The same, once nothing is unsent.
  void cut_when_sent() {
    cuts_when_sent_ = true;
    if (unsent_bytes == 0) cut();
  }
  /// The I/O thread says how much waits.
  void now_unsent(std::size_t bytes) {
    unsent_bytes.store(bytes, std::memory_order_relaxed);
    if (bytes == 0 && cuts_when_sent_.load(std::memory_order_relaxed)) cut();
  }
  /// Its socket is about to be closed.
  void gone() {
    const std::lock_guard lock{mutex_};
    socket_ = -1;
  }
  bool is_gone() const {
    const std::lock_guard lock{mutex_};
    return socket_ < 0;
  }

  /// Bytes that the peer's kernel or this one's has not taken yet.
  std::atomic<std::size_t> unsent_bytes{0};
  /// Whether the peer has said who it is.
  std::atomic<bool> has_introduced_itself{false};
  /// Whether a link was opened over it. From then on the link's owner decides how long it stays.
  std::atomic<bool> has_link{false};
  /// Was cut because it opened no link.
  std::atomic<bool> is_idle{false};
  const std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();

private:
  std::atomic<bool> cuts_when_sent_{false};
  mutable std::mutex mutex_;
  int socket_;  // guarded
};

/// What a link system has met that no node of annals sends. Only grows.
struct link_counters {
  std::atomic<std::uint64_t> foreign_messages{0};   ///< dropped: of another type, from a stranger, after the end of a link
  std::atomic<std::uint64_t> oversized{0};          ///< connections that were cut because they announced more than a message
  std::atomic<std::uint64_t> failed_handshakes{0};  ///< connections that did not agree on TLS
  std::atomic<std::uint64_t> strangers{0};          ///< connections that ended without an introduction, and had said something else
  std::atomic<std::uint64_t> silent{0};             ///< connections that were cut because they did not introduce themselves, or opened no link
  std::atomic<std::uint64_t> refused_links{0};      ///< links beyond links_max, or refused by their owner
};

}  // namespace annals::net
