/// How a runtime lets other nodes in: the options of runtime::listen(), and the listener that it returns. The other side is remote.hpp.
#pragma once

#include <annals/link_options.hpp>
#include <annals/result.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace annals {

namespace net {
class serving;
}

struct listen_options {
  /// "ADDRESS:PORT", or "[ADDRESS]:PORT" for IPv6; port 0 lets the system choose. Without TLS only a loopback address.
  std::string at;
  /// This node's name, as peers see it in their messages. They know it by its key.
  std::string name;
  /// This node's key, a file that `annals keys new` made. No other user may have access to it.
  std::filesystem::path key;
  /// Who may come in, and what each may do: config/peers.toml is an example with every key.
  std::filesystem::path peers;
  /// TLS, and how soon a silent peer is given up.
  link_options link = {};

  // The credit of one handle: what it may have outstanding, each 1 to 1,048,576 calls. A call is outstanding until the handle has
  // confirmed its answer.
  std::uint32_t commands_max = 16'384;  ///< send()
  std::uint32_t questions_max = 1'024;  ///< all calls that are neither of the other two
  std::uint32_t deliveries_max = 256;   ///< calls of a subscription's members: next, ack, nack …
  /// Bytes of each of the three, 64 KiB to 4 GiB. One call that is larger may go alone.
  std::uint64_t bytes_max = std::uint64_t{64} << 20;
  /// Bytes of the calls and unconfirmed answers of all peers together, 64 MiB to 1 TiB. A peer may use no more than it leaves free for the
  /// others, so a single peer gets half. Calls beyond that are answered `overloaded`. Answers to commands may exceed the limit.
  std::uint64_t memory_max = std::uint64_t{512} << 20;
  /// Handles that one peer may have at a time, 1 to 65,536.
  std::size_t sessions_max = 64;
  /// How long a handle's answers and its memberships are kept when its link is lost, up to 24 hours. After that, its commands are still
  /// safe by their ids.
  std::chrono::milliseconds session_kept = std::chrono::minutes{1};
  /// Threads for calls that read the disk (history, states, the log), 1 to 64.
  std::size_t threads = 2;
};

/// What a listener has seen. Only grows.
struct listener_counts {
  std::uint64_t links = 0;            ///< links whose peer was let in
  std::uint64_t refused = 0;          ///< links whose peer could not prove its name, or spoke another version
  std::uint64_t malformed = 0;        ///< links that were closed because what came was malformed
  std::uint64_t overrun = 0;          ///< links that were closed because the peer exceeded a limit: its credit, sessions_max
  std::uint64_t timed_out = 0;        ///< closed because the peer did not say who it is within 2 s, or opened no link within link.time_out
  std::uint64_t forbidden_calls = 0;  ///< calls for which the peer had no right
};

/// What lets other nodes into a runtime. It ends when it is destroyed, as by close(), or when its runtime closes. Thread-safe.
class [[nodiscard]] listener {
public:
  listener(listener&&) noexcept;
  listener& operator=(listener&&) noexcept;
  ~listener();

  /// The port, also when the system has chosen it.
  std::uint16_t port() const;
  listener_counts counts() const;
  /// Reads the peers file and the TLS files again. After an error nothing has changed. From here on each call is decided by the new
  /// rights. If a peer's keys have changed, its links are closed; links that stand keep their certificates. Errors: bad_option, which names
  /// the file, and the line in a peers file; closed.
  result<void> reload();
  /// Takes no new calls, waits until those that were taken are answered, at most this long, and ends all links. The runtime goes on.
  void close(std::chrono::milliseconds at_most = std::chrono::seconds{10});

private:
  friend class runtime;
  explicit listener(std::shared_ptr<net::serving> of);
  std::shared_ptr<net::serving> of_;
};

}  // namespace annals
