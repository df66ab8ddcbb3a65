// TCP as somebody speaks it who knows nothing of links.
#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

class raw_socket {
public:
  explicit raw_socket(int fd) : fd_(fd) {
    if (fd_ < 0) throw std::runtime_error("no socket");
  }
  raw_socket(raw_socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~raw_socket() {
    if (fd_ >= 0) ::close(fd_);
  }

  static raw_socket to(std::uint16_t port) {
    raw_socket made{::socket(AF_INET, SOCK_STREAM, 0)};
    const auto at = loopback(port);
    if (::connect(made.fd_, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) throw std::runtime_error("cannot connect");
    return made;
  }

  /// False: the other end is closed.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  /// What comes until the other end closes the connection.
  std::string read_to_the_end() {
    std::string all;
    for (char block[4096];;) {
      const auto got = ::recv(fd_, block, sizeof block, 0);
      if (got <= 0) return all;
      all.append(block, static_cast<std::size_t>(got));
    }
  }
  int fd() const { return fd_; }

  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    at.sin_port = htons(port);
    return at;
  }

private:
  int fd_;
};

/// Listens on a port of the system's choice.
class raw_listener {
public:
  raw_listener() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const auto at = raw_socket::loopback(0);
    if (::bind(socket_.fd(), reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 || ::listen(socket_.fd(), 16) != 0)
      throw std::runtime_error("cannot listen");
  }
  std::uint16_t port() const {
    sockaddr_in at{};
    socklen_t size = sizeof at;
    ::getsockname(socket_.fd(), reinterpret_cast<sockaddr*>(&at), &size);
    return ntohs(at.sin_port);
  }
  raw_socket accept() { return raw_socket{::accept(socket_.fd(), nullptr, nullptr)}; }

private:
  raw_socket socket_;
};
