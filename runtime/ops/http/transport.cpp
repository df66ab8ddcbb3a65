#include "ops/http/transport.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace annals::ops {
namespace {

class plain final : public transport {
public:
  explicit plain(socket_handle socket) : socket_(std::move(socket)) {}

  progress read(std::string& into) override {
    char block[16 * 1024];
    const auto got = ::recv(socket_.get(), block, sizeof block, 0);
    if (got > 0) return into.append(block, static_cast<std::size_t>(got)), progress::some;
    return got < 0 && is_passing() ? progress::want_read : progress::ended;
  }
  progress write(std::string_view& rest) override {
    const auto put = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (put >= 0) return rest.remove_prefix(static_cast<std::size_t>(put)), progress::some;
    return is_passing() ? progress::want_write : progress::ended;
  }
  void finish() override { ::shutdown(socket_.get(), SHUT_WR); }
  int fd() const override { return socket_.get(); }

private:
  static bool is_passing() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }
  socket_handle socket_;
};

class plain_maker final : public transport_maker {
public:
  std::unique_ptr<transport> make(socket_handle accepted) const override { return std::make_unique<plain>(std::move(accepted)); }
};

}  // namespace

socket_handle::~socket_handle() {
  if (fd_ >= 0) ::close(fd_);
}

std::unique_ptr<transport_maker> plain_transports() { return std::make_unique<plain_maker>(); }

}  // namespace annals::ops
