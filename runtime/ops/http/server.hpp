// A listener, its pool and what they serve.
#pragma once

#include "ops/http/exchange.hpp"
#include "ops/http/listener.hpp"
#include "ops/http/pool.hpp"

namespace annals::ops {

class server {
public:
  /// Begins to serve. `to` must live until the server is destroyed. Errors: no_threads.
  static result<std::unique_ptr<server>> start(std::unique_ptr<listener> from, std::size_t threads, application& to);
  /// As close().
  ~server();
  std::uint16_t port() const { return listener_->port(); }
  /// Accepts nothing more, breaks off all connections, and waits until no request is being handled.
  void close();

private:
  server(std::unique_ptr<listener> from, application& to) : listener_(std::move(from)), exchange_(to, listener_->fd()) {}

  std::unique_ptr<listener> listener_;
  exchange exchange_;
  std::unique_ptr<pool> pool_;
};

}  // namespace annals::ops
