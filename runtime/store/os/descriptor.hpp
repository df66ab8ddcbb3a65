// A file descriptor that closes itself.
#pragma once

#include <unistd.h>

#include <utility>

namespace annals::store {

class descriptor {
public:
  explicit descriptor(int fd) : fd_(fd) {}
  descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  descriptor& operator=(descriptor&&) = delete;
  ~descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  /// Hands the descriptor over: from now on the caller closes it.
  int release() { return std::exchange(fd_, -1); }

private:
  int fd_;
};

}  // namespace annals::store
