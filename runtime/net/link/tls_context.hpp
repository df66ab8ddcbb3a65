// What TLS needs of this node: CA, certificate and key, checked together before anything uses them. Connections use what is in memory, so
// a file that is missing or half written later breaks nothing.
#pragma once

#include <annals/link_options.hpp>
#include <annals/result.hpp>

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace annals::net {

struct ssl_freed {
  void operator()(SSL* one) const { SSL_free(one); }
};
using ssl_ptr = std::unique_ptr<SSL, ssl_freed>;

/// Reads and checks the files. Errors: bad_option, naming the file: it cannot be read, is not what it should be, has expired, does not
/// belong to the others, or is a key that other users can read.
result<std::shared_ptr<SSL_CTX>> load_tls(const tls_files& files);

/// One side of a connection; null if there is no memory. The socket stays the caller's.
ssl_ptr tls_over(SSL_CTX& context, int socket, bool accepts);

/// What this thread's last call of OpenSSL complained of, or `otherwise`. Forgets it.
std::string tls_complaint(std::string otherwise);

}  // namespace annals::net
