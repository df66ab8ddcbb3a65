/// How a runtime lets other nodes in: runtime::listen().
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
  /// "ADDRESS:PORT", "[ADDRESS]:PORT" for IPv6; port 0 lets the system choose. Without TLS only a loopback address.
  std::string at;
  /// This node's name, for messages of its peers.
  std::string name;
  /// This node's key, a file that `annals keys new` made. No other user may have access to it.
  std::filesystem::path key;
  /// Who may come in, and what each may do: config/peers.toml is an example with every key.
  std::filesystem::path peers;
  /// TLS, and how soon a silent peer is given up.
  link_options link = {};

  /// What one handle of a peer may have outstanding: commands, questions (every other call), calls of subscriptions; and bytes of each of
  /// the three. 1 to 1,048,576 calls; 64 KiB to 4 GiB.
  std::uint32_t commands_max = 16'384;
  std::uint32_t questions_max = 1'024;
  std::uint32_t deliveries_max = 256;
  std::uint64_t bytes_max = std::uint64_t{64} << 20;
  /// Handles of one peer at a time.
  std::size_t sessions_max = 64;
  /// How long the answers of a handle are kept when its link is lost. After that, its commands are still safe by their ids.
  std::chrono::milliseconds session_kept = std::chrono::minutes{1};
  /// Threads for calls that read the disk: history, states, the log. 1 to 64.
  std::size_t threads = 2;
};

/// What a listener has seen. Only grows.
struct listener_counts {
  std::uint64_t links = 0;            ///< peers that were let in
  std::uint64_t refused = 0;          ///< links that could not prove a name, or spoke another version
  std::uint64_t malformed = 0;        ///< links that were closed for what they sent
  std::uint64_t overrun = 0;          ///< links that were closed because they exceeded their credit
  std::uint64_t timed_out = 0;        ///< links that did not say who they are
  std::uint64_t forbidden_calls = 0;  ///< calls for which the peer has no right
};

/// An open door of a runtime. Ends when it is destroyed, or when its runtime closes. Thread-safe.
class [[nodiscard]] listener {
public:
  listener(listener&&) noexcept;
  listener& operator=(listener&&) noexcept;
  ~listener();

  /// The port, also when the system has chosen it.
  std::uint16_t port() const;
  listener_counts counts() const;
  /// Reads the peers file and the TLS files again, all or nothing: after an error nothing has changed. Peers that are gone, and rights that
  /// are taken away, end at once with `forbidden`. Errors: bad_option, with file and line.
  result<void> reload();
  /// Takes nothing new, waits until what was taken is answered, at most this long, and ends all links. The runtime goes on.
  void close(std::chrono::milliseconds at_most = std::chrono::seconds{10});

private:
  friend class runtime;
  explicit listener(std::shared_ptr<net::serving> of);
  std::shared_ptr<net::serving> of_;
};

}  // namespace annals
