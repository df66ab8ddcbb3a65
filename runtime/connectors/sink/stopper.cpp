#include "connectors/sink/stopper.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

namespace annals::connectors {
namespace {
using steady = std::chrono::steady_clock;
constexpr std::chrono::milliseconds without_descriptor{50};
}  // namespace

stopper::stopper() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

stopper::~stopper() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void stopper::stop() {
  stopped_ = true;
  const std::uint64_t one = 1;
  if (descriptor_ >= 0) [[maybe_unused]]
    const auto written = ::write(descriptor_, &one, sizeof one);
}

bool stopper::pause(std::chrono::milliseconds time) const { return wait(-1, false, time) != ready::stopped; }

stopper::ready stopper::wait(int socket, bool to_write, std::chrono::milliseconds time_out) const {
  const auto until = steady::now() + time_out;
  while (!stopped_) {
    // Rounded up, so that the last moment is no busy loop. poll() leaves out a negative descriptor.
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady::now());
    if (left.count() <= 0) return ready::time_out;
    const auto at_once = descriptor_ < 0 ? std::min(left, without_descriptor) : std::min<std::chrono::milliseconds>(left, std::chrono::hours{1});
    const short wanted = to_write ? POLLIN | POLLOUT : POLLIN;
    pollfd both[] = {{socket, wanted, 0}, {descriptor_, POLLIN, 0}};
    const auto found = ::poll(both, 2, static_cast<int>(at_once.count()));
    if (found < 0 && errno != EINTR) return ready::time_out;
    if (found > 0 && both[0].revents != 0) return ready::socket;
  }
  return ready::stopped;
}

}  // namespace annals::connectors
