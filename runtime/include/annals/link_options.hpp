/// How nodes are connected: TLS, and how soon a silent peer is given up.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>

namespace annals {

/// PEM files. runtime::listen(), remote::connect() and listener::reload() read them. A handle reads them again before each new link; if
/// they cannot be used then, it keeps those that it read before.
struct tls_files {
  std::filesystem::path ca;           ///< the CA that signs the certificates of all nodes, this one's among them; no other is accepted
  std::filesystem::path certificate;  ///< this node's certificate, followed by those between it and the CA, if there are any
  std::filesystem::path key;          ///< the certificate's key, without a passphrase; other users must not be able to read it
};

struct link_options {
  /// TLS 1.3, with a certificate on both sides. Without it, nodes connect on loopback addresses only.
  std::optional<tls_files> tls = std::nullopt;
  /// How often an idle link shows that it is alive, 10 ms to 1 hour. A shorter time finds a frozen peer sooner, and wakes both nodes more
  /// often.
  std::chrono::milliseconds heartbeat = std::chrono::seconds{2};
  /// When nothing has come for so long, the link is lost; an attempt that takes longer has failed. At least twice the heartbeat, at most
  /// 24 hours.
  std::chrono::milliseconds time_out = std::chrono::seconds{10};
};

}  // namespace annals
