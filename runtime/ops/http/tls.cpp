// Connections by TLS, over OpenSSL.
#include "ops/http/transport.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>

namespace annals::ops {
namespace {

struct free_context {
  void operator()(SSL_CTX* one) const { SSL_CTX_free(one); }
};
struct free_connection {
  void operator()(SSL* one) const { SSL_free(one); }
};

// The threads of the server block SIGPIPE, which OpenSSL's writes may raise.
class encrypted final : public transport {
public:
  encrypted(socket_handle socket, SSL* made) : socket_(std::move(socket)), ssl_(made) {
    if (ssl_ && SSL_set_fd(ssl_.get(), socket_.get()) == 1)
      SSL_set_accept_state(ssl_.get());
    else
      ssl_.reset();
  }

  progress read(std::string& into) override {
    if (!ssl_) return progress::ended;
    char block[16 * 1024];
    ERR_clear_error();
    const int got = SSL_read(ssl_.get(), block, sizeof block);
    if (got > 0) return into.append(block, static_cast<std::size_t>(got)), progress::some;
    return after(got);
  }
  progress write(std::string_view& rest) override {
    if (!ssl_) return progress::ended;
    ERR_clear_error();
    const int put = SSL_write(ssl_.get(), rest.data(), static_cast<int>(std::min<std::size_t>(rest.size(), 1 << 20)));
    if (put > 0) return rest.remove_prefix(static_cast<std::size_t>(put)), progress::some;
    return after(put);
  }
  void finish() override {
    ERR_clear_error();
    if (ssl_ && !failed_) SSL_shutdown(ssl_.get());
    ::shutdown(socket_.get(), SHUT_WR);
  }
  int fd() const override { return socket_.get(); }

private:
  progress after(int returned) {
    switch (SSL_get_error(ssl_.get(), returned)) {
      case SSL_ERROR_WANT_READ: return progress::want_read;
      case SSL_ERROR_WANT_WRITE: return progress::want_write;
      default: failed_ = true; return progress::ended;
    }
  }

  socket_handle socket_;
  std::unique_ptr<SSL, free_connection> ssl_;
  bool failed_ = false;
};

class tls_maker final : public transport_maker {
public:
  explicit tls_maker(std::unique_ptr<SSL_CTX, free_context> context) : context_(std::move(context)) {}
  std::unique_ptr<transport> make(socket_handle accepted) const override {
    return std::make_unique<encrypted>(std::move(accepted), SSL_new(context_.get()));
  }

private:
  std::unique_ptr<SSL_CTX, free_context> context_;
};

/// Why OpenSSL's last call failed.
std::string last_reason() {
  const auto code = ERR_get_error();
  const char* text = code ? ERR_reason_error_string(code) : nullptr;
  return text ? text : "OpenSSL gives no reason";
}

std::optional<error> wrong_key_file(const std::filesystem::path& key) {
  struct stat found{};
  if (::stat(key.c_str(), &found) != 0)
    return error{errc::bad_option, "the console's TLS key: " + std::error_code{errno, std::generic_category()}.message(), key.string()};
  if ((found.st_mode & S_IRWXO) != 0)
    return error{errc::bad_option, "the console's TLS key: other users can use it; take that right away (chmod o=)", key.string()};
  return std::nullopt;
}

}  // namespace

result<std::unique_ptr<transport_maker>> tls_transports(const std::filesystem::path& certificate, const std::filesystem::path& key) {
  if (auto wrong = wrong_key_file(key)) return *wrong;
  ERR_clear_error();
  std::unique_ptr<SSL_CTX, free_context> context{SSL_CTX_new(TLS_server_method())};
  if (!context) return error{errc::bad_option, "TLS cannot be used: " + last_reason()};
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) != 1)
    return error{errc::bad_option, "the console's TLS certificate: " + last_reason(), certificate.string()};
  if (SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1)
    return error{errc::bad_option, "the console's TLS key: " + last_reason(), key.string()};
  if (SSL_CTX_check_private_key(context.get()) != 1)
    return error{errc::bad_option, "the console's TLS key does not belong to the certificate", key.string()};
  return std::unique_ptr<transport_maker>{std::make_unique<tls_maker>(std::move(context))};
}

}  // namespace annals::ops
