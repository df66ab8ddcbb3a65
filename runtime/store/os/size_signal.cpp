#include "store/os/size_signal.hpp"

#include <ctime>

namespace annals::store {
namespace {

sigset_t size_signal() {
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, SIGXFSZ);
  return one;
}

}  // namespace

void block_size_signal() {
  const auto one = size_signal();
  pthread_sigmask(SIG_BLOCK, &one, nullptr);
}

size_signal_blocked::size_signal_blocked() {
  const auto one = size_signal();
  pthread_sigmask(SIG_BLOCK, &one, &before_);
}

size_signal_blocked::~size_signal_blocked() {
  if (sigismember(&before_, SIGXFSZ) == 1) return;
  const auto one = size_signal();
  constexpr timespec at_once{};
  while (sigtimedwait(&one, nullptr, &at_once) == SIGXFSZ) {
  }
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace annals::store
