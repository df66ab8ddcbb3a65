// A server that takes connections and never says anything.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string>

namespace connectors {

class silent_listener {
public:
  silent_listener() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    auto* const address = reinterpret_cast<sockaddr*>(&at);
    if (::bind(socket_, address, size) != 0 || ::listen(socket_, 64) != 0 || ::getsockname(socket_, address, &size) != 0)
      throw std::runtime_error{"no port"};
    port_ = std::to_string(ntohs(at.sin_port));
  }
  silent_listener(const silent_listener&) = delete;
  silent_listener& operator=(const silent_listener&) = delete;
  ~silent_listener() { ::close(socket_); }

  const std::string& port() const { return port_; }

private:
  int socket_;
  std::string port_;
};

}  // namespace connectors
