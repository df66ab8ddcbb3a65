#include "ops/http/listener.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace annals::ops {
namespace {

struct socket_address {
  sockaddr_storage bytes{};
  socklen_t size = 0;
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&bytes); }
};

bool parse(const std::string& address, std::uint16_t port, socket_address& into) {
  auto* four = reinterpret_cast<sockaddr_in*>(&into.bytes);
  if (::inet_pton(AF_INET, address.c_str(), &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons(port);
    into.size = sizeof(sockaddr_in);
    return true;
  }
  auto* six = reinterpret_cast<sockaddr_in6*>(&into.bytes);
  if (::inet_pton(AF_INET6, address.c_str(), &six->sin6_addr) != 1) return false;
  six->sin6_family = AF_INET6;
  six->sin6_port = htons(port);
  into.size = sizeof(sockaddr_in6);
  return true;
}

std::string name_of(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET)
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, text, sizeof text);
  else
    ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, text, sizeof text);
  return text;
}

std::uint16_t port_of(const sockaddr_storage& address) {
  return ntohs(address.ss_family == AF_INET ? reinterpret_cast<const sockaddr_in&>(address).sin_port
                                            : reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
}

error cannot_listen(const std::string& address, std::uint16_t port) {
  const std::string host = address.find(':') == std::string::npos ? address : "[" + address + "]";
  return {errc::bad_option, "the console cannot listen at " + host + ":" + std::to_string(port),
          std::error_code{errno, std::generic_category()}.message()};
}

/// Writes a fixed answer to a client that gets no thread, as far as it takes it at once.
void turn_away(connection& one, std::string_view status) {
  one.offer("HTTP/1.1 " + std::string{status} + "\r\nConnection: close\r\nContent-Length: 0\r\nCache-Control: no-store\r\n\r\n");
}

}  // namespace

result<std::unique_ptr<listener>> listener::bind(const std::string& address, std::uint16_t port, std::unique_ptr<transport_maker> make) {
  socket_address at;
  if (!parse(address, port, at)) return error{errc::bad_option, "address", "\"" + address + "\" is not an IP address"};
  socket_handle socket{::socket(at.bytes.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  socket_handle wake{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  if (!socket || !wake) return cannot_listen(address, port);
  const int on = 1;
  // Takes over the port of a server that has ended; one that runs keeps it.
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(socket.get(), at.get(), at.size) != 0 || ::listen(socket.get(), 128) != 0) return cannot_listen(address, port);
  if (::getsockname(socket.get(), at.get(), &at.size) != 0) return cannot_listen(address, port);
  return std::unique_ptr<listener>{new listener{std::move(socket), std::move(wake), port_of(at.bytes), std::move(make)}};
}

listener::~listener() { close(); }

result<void> listener::start(pool& to) {
  reading_.reserve(reading_max);  // so that the thread needs no memory for it
  try {
    thread_ = start_thread([this, &to] { run(to); });
  } catch (const std::system_error& why) {
    return no_threads(why);
  }
  return {};
}

void listener::close() {
  if (!thread_.joinable()) return;
  const std::uint64_t one = 1;
  (void)!::write(wake_.get(), &one, sizeof one);
  thread_.join();
  reading_.clear();
}

int listener::wait_time(clock::time_point now) const {
  auto until = clock::time_point::max();
  for (const auto& each : reading_) until = std::min(until, each->until());
  if (accept_after_ > now) until = std::min(until, accept_after_);
  if (until == clock::time_point::max()) return -1;
  return static_cast<int>(std::max<std::int64_t>(0, std::chrono::ceil<std::chrono::milliseconds>(until - now).count()));
}

void listener::run(pool& to) {
  std::vector<pollfd> asked;
  asked.reserve(reading_max + 2);
  for (;;) {
    auto now = clock::now();
    asked.assign({{wake_.get(), POLLIN, 0}, {accept_after_ > now ? -1 : socket_.get(), POLLIN, 0}});
    for (const auto& each : reading_) asked.push_back({each->fd(), static_cast<short>(each->wants_write() ? POLLOUT : POLLIN), 0});
    if (::poll(asked.data(), asked.size(), wait_time(now)) < 0) {
      if (errno == EINTR) continue;
      if (!recover()) return;
      continue;
    }
    if (asked[0].revents != 0) return;
    now = clock::now();
    for (std::size_t at = 0; at < reading_.size(); ++at)
      if (asked[at + 2].revents != 0)
        advance(reading_[at], to);
      else if (reading_[at]->until() <= now)
        reading_[at].reset();
    std::erase(reading_, nullptr);
    if (asked[1].revents != 0) accept_all(now);
  }
}

bool listener::recover() {
  // No memory, or more connections than the process may have by now: the oldest makes room.
  if (!reading_.empty()) reading_.erase(reading_.begin());
  pollfd woken{wake_.get(), POLLIN, 0};
  if (::poll(&woken, 1, static_cast<int>(pause.count())) >= 0) return woken.revents == 0;
  std::this_thread::sleep_for(pause);
  std::uint64_t closed = 0;
  return ::read(wake_.get(), &closed, sizeof closed) < 0;
}

void listener::accept_all(clock::time_point now) {
  try {
    for (;;) {
      socket_address from;
      from.size = sizeof from.bytes;
      socket_handle socket{::accept4(socket_.get(), from.get(), &from.size, SOCK_NONBLOCK | SOCK_CLOEXEC)};
      if (!socket) {
        // A connection that its client has given up is gone; whatever else is wrong may still be wrong at once.
        if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR && errno != ECONNABORTED) accept_after_ = now + pause;
        return;
      }
      const int on = 1, bytes = 64 * 1024;  // a small send buffer: a client that never reads is noticed soon
      ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
      if (reading_.size() >= reading_max) reading_.erase(reading_.begin());
      reading_.push_back(std::make_unique<connection>(make_->make(std::move(socket)), name_of(from.bytes), now + request_time_max));
    }
  } catch (const std::bad_alloc&) {
    accept_after_ = now + pause;
  }
}

void listener::advance(std::unique_ptr<connection>& one, pool& to) {
  try {
    switch (one->advance()) {
      case connection::stage::reading: return;
      case connection::stage::complete:
        if (to.add(one)) return;
        turn_away(*one, "503 Service Unavailable");
        break;
      case connection::stage::too_large: turn_away(*one, "431 Request Header Fields Too Large"); break;
      case connection::stage::ended: break;
    }
  } catch (const std::bad_alloc&) {
    // The connection ends; there may be memory for the next one.
  }
  one.reset();
}

}  // namespace annals::ops
