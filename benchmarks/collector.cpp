#include "benchmarks/collector.hpp"

#include "benchmarks/must.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string_view>

namespace bench {
namespace {

/// Takes what a client sends until it pauses, refuses it, and hangs up.
void refuse(int client) {
  char bytes[65'536];
  pollfd at{client, POLLIN, 0};
  while (::poll(&at, 1, 50) == 1 && ::recv(client, bytes, sizeof bytes, 0) > 0) {
  }
  constexpr std::string_view answer = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  if (::send(client, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) return;
}

}  // namespace

collector::collector(kind of) {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  auto* const address = reinterpret_cast<sockaddr*>(&at);
  if (socket_ < 0 || ::bind(socket_, address, size) != 0 || ::getsockname(socket_, address, &size) != 0) fail("no collector could be started");
  port_ = ntohs(at.sin_port);
  if (of == kind::gone) return;  // the port stays taken, and nothing listens there
  if (::listen(socket_, 16) != 0) fail("no collector could be started");
  if (of == kind::slow) return;  // the system accepts, and nothing answers
  answering_ = std::jthread{[this](const std::stop_token& end) {
    pollfd at{socket_, POLLIN, 0};
    while (!end.stop_requested()) {
      if (::poll(&at, 1, 100) != 1) continue;
      const int client = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
      if (client < 0) continue;
      refuse(client);
      ::close(client);
    }
  }};
}

collector::~collector() {
  answering_ = {};
  ::close(socket_);
}

}  // namespace bench
