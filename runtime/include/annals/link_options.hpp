/// How nodes are connected: TLS, and how soon a silent peer is given up.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>

namespace annals {

/// PEM files, read when a link system is opened and when it is told to reload; nothing reads them in between.
struct tls_files {
  std::filesystem::path ca;           ///< who signs the certificates of all nodes, this one's among them; only these nodes get in
  std::filesystem::path certificate;  ///< this node's, followed by what leads to the CA, if anything does
  std::filesystem::path key;          ///< the certificate's, without a passphrase; other users must not be able to read it
};

struct link_options {
  /// TLS 1.3, with a certificate on both sides. Without it, nodes connect on loopback addresses only.
  std::optional<tls_files> tls = std::nullopt;
  /// How often an idle connection says that it is alive, 10 ms to 1 hour. Shorter finds a frozen peer sooner and wakes both nodes more often.
  std::chrono::milliseconds heartbeat = std::chrono::seconds{2};
  /// A connection from which nothing has come for so long is lost; a dial that takes longer has failed. At least twice the heartbeat.
  std::chrono::milliseconds time_out = std::chrono::seconds{10};
};

}  // namespace annals
