// Accepts connections, and reads their requests in one thread without waiting for any of them. A thread of the pool gets a request when
// all of it is there: a client that sends slowly, or never ends its headers, holds nothing but a socket, and that for 5 s at most.
#pragma once

#include "ops/http/pool.hpp"

#include <annals/result.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace annals::ops {

class listener {
public:
  static constexpr std::chrono::seconds request_time_max{5};
  static constexpr std::size_t reading_max = 128;  // one more takes the place of the oldest

  /// Binds. Errors: bad_option, with the address: not an address of this machine, or taken.
  static result<std::unique_ptr<listener>> bind(const std::string& address, std::uint16_t port, std::unique_ptr<transport_maker> make);
  ~listener();

  std::uint16_t port() const { return port_; }
  /// The socket, as long as this exists.
  int fd() const { return socket_.get(); }
  /// Begins to accept. `to` must live until close(). Errors: no_threads.
  result<void> start(pool& to);
  /// Returns when the thread has ended.
  void close();

private:
  using clock = connection::clock;
  static constexpr std::chrono::milliseconds pause{100};  // before something that failed is tried again
  listener(socket_handle socket, socket_handle wake, std::uint16_t port, std::unique_ptr<transport_maker> make)
      : socket_(std::move(socket)), wake_(std::move(wake)), port_(port), make_(std::move(make)) {}

  void run(pool& to);
  /// After the sockets could not be waited for: false if the listener is to end.
  bool recover();
  int wait_time(clock::time_point now) const;
  void accept_all(clock::time_point now);
  void advance(std::unique_ptr<connection>& one, pool& to);

  socket_handle socket_;
  socket_handle wake_;
  std::uint16_t port_;
  std::unique_ptr<transport_maker> make_;
  std::thread thread_;
  // of the thread:
  std::vector<std::unique_ptr<connection>> reading_;  // oldest first
  clock::time_point accept_after_{};                  // accepting failed: do not try before
};

}  // namespace annals::ops
