#include "benchmarks/compare/byte_stream.hpp"

#include "benchmarks/compare/server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace bench::compare {
namespace {

struct socket_owner {
  explicit socket_owner(int number) : fd(number) {}
  socket_owner(socket_owner&& other) noexcept : fd(std::exchange(other.fd, -1)) {}
  ~socket_owner() {
    if (fd >= 0) ::close(fd);
  }
  int fd;
};

class local_stream final : public byte_stream {
public:
  explicit local_stream(socket_owner socket) : socket_(std::move(socket)) {}
  int descriptor() const override { return socket_.fd; }
  void write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const auto n = ::send(socket_.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n < 0) throw std::runtime_error("writing to a server");
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  std::size_t read(char* to, std::size_t room) override {
    const auto n = ::recv(socket_.fd, to, room, 0);
    if (n < 0) throw std::runtime_error("reading from a server");
    return static_cast<std::size_t>(n);
  }

private:
  socket_owner socket_;
};

struct ssl_deleter {
  void operator()(SSL* s) const { SSL_free(s); }
  void operator()(SSL_CTX* s) const { SSL_CTX_free(s); }
};

class tls_stream final : public byte_stream {
public:
  tls_stream(socket_owner socket, std::unique_ptr<SSL_CTX, ssl_deleter> context)
      : socket_(std::move(socket)), context_(std::move(context)), tls_(SSL_new(context_.get())) {
    SSL_set_fd(tls_.get(), socket_.fd);
  }
  bool shake_hands() { return SSL_connect(tls_.get()) == 1; }
  int descriptor() const override { return socket_.fd; }
  void write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const int n = SSL_write(tls_.get(), bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), 1 << 30)));
      if (n <= 0) throw std::runtime_error("writing to a server over TLS");
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  std::size_t read(char* to, std::size_t room) override {
    const int n = SSL_read(tls_.get(), to, static_cast<int>(std::min<std::size_t>(room, 1 << 30)));
    if (n > 0) return static_cast<std::size_t>(n);
    if (SSL_get_error(tls_.get(), n) == SSL_ERROR_ZERO_RETURN) return 0;
    throw std::runtime_error("reading from a server over TLS");
  }
  bool has_more() const override { return SSL_pending(tls_.get()) > 0; }

private:
  socket_owner socket_;
  std::unique_ptr<SSL_CTX, ssl_deleter> context_;
  std::unique_ptr<SSL, ssl_deleter> tls_;
};

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return at;
}

template <class Address>
bool connects(int fd, const Address& to) {
  return ::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
}

}  // namespace

std::unique_ptr<byte_stream> connect_local(const std::filesystem::path& socket) {
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  const auto name = socket.string();
  if (name.size() >= sizeof at.sun_path) throw std::runtime_error("the path of a socket is too long: " + name);
  name.copy(at.sun_path, name.size());
  socket_owner made{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!connects(made.fd, at)) return nullptr;
  return std::make_unique<local_stream>(std::move(made));
}

std::unique_ptr<byte_stream> connect_tls(std::uint16_t port, const credentials& with) {
  std::unique_ptr<SSL_CTX, ssl_deleter> context{SSL_CTX_new(TLS_client_method())};
  SSL_CTX_set_mode(context.get(), SSL_MODE_AUTO_RETRY);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  const auto file = [&](const char* name) { return (with.directory / name).string(); };
  if (SSL_CTX_load_verify_locations(context.get(), file("ca.pem").c_str(), nullptr) != 1 ||
      SSL_CTX_use_certificate_chain_file(context.get(), file("node.pem").c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context.get(), file("node.key").c_str(), SSL_FILETYPE_PEM) != 1)
    throw std::runtime_error("the certificates cannot be used");
  socket_owner socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!connects(socket.fd, loopback(port))) return nullptr;
  const int at_once = 1;
  (void)::setsockopt(socket.fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
  auto made = std::make_unique<tls_stream>(std::move(socket), std::move(context));
  if (!made->shake_hands()) return nullptr;
  return made;
}

credentials certificates_in(const std::filesystem::path& directory) {
  (void)find_program("openssl");
  return credentials::made_in(directory / "certificates", true);
}

std::uint16_t free_port() {
  const socket_owner probe{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  auto at = loopback(0);
  socklen_t size = sizeof at;
  if (::bind(probe.fd, reinterpret_cast<const sockaddr*>(&at), size) != 0 || ::getsockname(probe.fd, reinterpret_cast<sockaddr*>(&at), &size) != 0)
    throw std::runtime_error("no free port");
  return ntohs(at.sin_port);
}

}  // namespace bench::compare
