// A client that sends what a test wants, byte by byte, and reads what comes.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace world {

class raw_client {
public:
  /// `receive_bytes` > 0: a small buffer, so that a client that does not read fills up soon.
  explicit raw_client(std::uint16_t port, int receive_bytes = 0) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_bytes > 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
    const timeval patience{60, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    ::inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    BOOST_REQUIRE_EQUAL(::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  }
  raw_client(raw_client&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  raw_client(const raw_client&) = delete;
  ~raw_client() {
    if (fd_ >= 0) ::close(fd_);
  }

  raw_client& send(std::string_view text) {
    while (!text.empty()) {
      const auto put = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (put <= 0) break;  // the server may answer before it has read everything
      text.remove_prefix(static_cast<std::size_t>(put));
    }
    return *this;
  }
  /// Waits for more; empty at the end.
  std::string some() {
    char block[65536];
    const auto got = ::recv(fd_, block, sizeof block, 0);
    BOOST_REQUIRE_MESSAGE(got >= 0 || errno == ECONNRESET, "nothing came");
    return {block, static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
  }
  /// Waits until this has come, or the end: everything so far.
  std::string until(std::string_view wanted) {
    while (read_.find(wanted) == std::string::npos) {
      const auto more = some();
      if (more.empty()) break;
      read_ += more;
    }
    return read_;
  }
  std::string all() {
    for (auto more = some(); !more.empty(); more = some()) read_ += more;
    return read_;
  }
  /// Whether the server still holds the connection, and has said nothing.
  bool is_open_and_silent() const {
    char one = 0;
    return ::recv(fd_, &one, 1, MSG_DONTWAIT | MSG_PEEK) < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

private:
  int fd_;
  std::string read_;
};

}  // namespace world
