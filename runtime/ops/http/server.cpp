#include "ops/http/server.hpp"

#include <utility>

namespace annals::ops {

result<std::unique_ptr<server>> server::start(std::unique_ptr<listener> from, std::size_t threads, application& to) {
  std::unique_ptr<server> made{new server{std::move(from), to}};
  auto threads_of = pool::start(threads, [in = made.get()](connection& on) { in->exchange_.serve(on); });
  if (!threads_of) return std::move(threads_of).error();
  made->pool_ = std::move(*threads_of);
  if (auto ok = made->listener_->start(*made->pool_); !ok) return ok.error();
  return made;
}

server::~server() { close(); }

void server::close() {
  listener_->close();
  if (pool_) pool_->close();
}

}  // namespace annals::ops
