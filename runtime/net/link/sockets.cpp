#include "net/link/sockets.hpp"

#include "store/os/size_signal.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <optional>
#include <system_error>
#include <utility>

namespace annals::net {
namespace {

using clock = std::chrono::steady_clock;

std::string system_message() { return std::error_code{errno, std::generic_category()}.message(); }

using addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

result<addresses> addresses_of(const std::string& host, std::uint16_t port) {
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const auto code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found); code != 0)
    return error{errc::bad_option, "no such address", address_text(host, port) + ": " + ::gai_strerror(code)};
  return addresses{found, &freeaddrinfo};
}

bool is_loopback(const addrinfo& one) {
  if (one.ai_family == AF_INET) return (ntohl(reinterpret_cast<const sockaddr_in*>(one.ai_addr)->sin_addr.s_addr) >> 24) == 127;
  return one.ai_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6*>(one.ai_addr)->sin6_addr);
}

error tls_is_missing(const std::string& host, std::uint16_t port) {
  return {errc::bad_option, "TLS is missing: without it nodes connect on loopback addresses only", address_text(host, port)};
}

/// Waits for one address of a peer, with one deadline for all of it.
class wait_for {
public:
  wait_for(int socket, clock::time_point deadline, const interruption& stop) : socket_(socket), deadline_(deadline), stop_(stop) {}

  std::optional<error> until(short events) const {
    for (;;) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - clock::now()).count();
      if (left <= 0) return error{errc::timed_out, "no answer in time"};
      pollfd watched[] = {{socket_, events, 0}, {stop_.descriptor(), POLLIN, 0}};
      const auto ready = ::poll(watched, 2, static_cast<int>(std::min<long long>(left, 60'000)));
      if (ready < 0 && errno != EINTR) return error{errc::unreachable, system_message()};
      if (watched[1].revents != 0) return error{errc::closed, "the dialer was closed"};
      if (ready > 0 && watched[0].revents != 0) return std::nullopt;
    }
  }

  /// Repeats a call of OpenSSL until it succeeds.
  template <class Call>
  std::optional<error> until_done(SSL* tls, Call&& call, const char* doing) const {
    for (;;) {
      ERR_clear_error();
      const int done = call();
      if (done == 1) return std::nullopt;
      const auto why = SSL_get_error(tls, done);
      if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) {
        if (const long checked = SSL_get_verify_result(tls); checked != X509_V_OK) {
          ERR_clear_error();
          return error{errc::unreachable, std::string{"the peer's certificate: "} + X509_verify_cert_error_string(checked)};
        }
        return error{errc::unreachable, std::string{doing} + ": " + tls_complaint("the peer closed the connection")};
      }
      if (auto failed = until(why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT)) return failed;
    }
  }

private:
  int socket_;
  clock::time_point deadline_;
  const interruption& stop_;
};

result<connected> connect_to(const addrinfo& at, SSL_CTX* context, clock::time_point deadline, const interruption& stop) {
  store::descriptor socket{::socket(at.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (socket.get() < 0) return error{errc::unreachable, system_message()};
  const wait_for wait{socket.get(), deadline, stop};
  if (::connect(socket.get(), at.ai_addr, at.ai_addrlen) != 0) {
    if (errno != EINPROGRESS && errno != EINTR) return error{errc::unreachable, system_message()};
    if (auto failed = wait.until(POLLOUT)) return *std::move(failed);
    int code = 0;
    socklen_t size = sizeof code;
    if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &code, &size) != 0) code = errno;
    if (code != 0) return error{errc::unreachable, std::error_code{code, std::generic_category()}.message()};
  }
  const int on = 1;
  (void)::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  if (!context) {
    if (auto failed = wait.until(POLLIN)) return *std::move(failed);
    return connected{std::move(socket), nullptr};
  }
  auto tls = tls_over(*context, socket.get(), false);
  if (!tls) return error{errc::unreachable, "no memory for TLS"};
  if (auto failed = wait.until_done(tls.get(), [&] { return SSL_do_handshake(tls.get()); }, "TLS")) return *std::move(failed);
  // Only now does the peer say whether it takes this node's certificate.
  char first;
  if (auto failed = wait.until_done(tls.get(), [&] { return SSL_peek(tls.get(), &first, 1); }, "TLS")) return *std::move(failed);
  return connected{std::move(socket), std::move(tls)};
}

}  // namespace

void block_signals_of_writes() {
  store::block_size_signal();
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &one, nullptr);
}

std::string address_text(const std::string& host, std::uint16_t port) {
  const auto text = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return text + ":" + std::to_string(port);
}

result<listening> listen_on(const std::string& host, std::uint16_t port, bool only_loopback) {
  if (host.empty()) return error{errc::bad_option, "an address to listen on is missing", address_text(host, port)};
  auto found = addresses_of(host, port);
  if (!found) return std::move(found).error();
  const auto& at = **found;
  if (only_loopback && !is_loopback(at)) return tls_is_missing(host, port);
  const auto failed = [&] { return error{errc::bad_option, "cannot listen: " + system_message(), address_text(host, port)}; };
  store::descriptor socket{::socket(at.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (socket.get() < 0) return failed();
  const int on = 1;
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) return failed();
  if (::bind(socket.get(), at.ai_addr, at.ai_addrlen) != 0 || ::listen(socket.get(), SOMAXCONN) != 0) return failed();
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&bound), &size) != 0) return failed();
  const auto chosen =
      bound.ss_family == AF_INET ? reinterpret_cast<sockaddr_in*>(&bound)->sin_port : reinterpret_cast<sockaddr_in6*>(&bound)->sin6_port;
  return listening{std::move(socket), ntohs(chosen)};
}

interruption::interruption() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void interruption::set() { (void)::eventfd_write(event_.get(), 1); }

result<connected> connect_to(const std::string& host, std::uint16_t port, SSL_CTX* tls, clock::time_point deadline, const interruption& stop) {
  auto found = addresses_of(host, port);
  if (!found) return std::move(found).error();
  error last{errc::unreachable, "no address", {}};
  for (const auto* at = found->get(); at; at = at->ai_next) {
    if (!tls && !is_loopback(*at)) return tls_is_missing(host, port);
    auto made = connect_to(*at, tls, deadline, stop);
    if (made) return made;
    last = std::move(made).error();
    if (last.code != errc::unreachable) break;
  }
  last.detail = address_text(host, port);
  return last;
}

}  // namespace annals::net
