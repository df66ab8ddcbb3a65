#include "store/os/forks.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <vector>

namespace annals::store {
namespace {

/// Descriptors that forked children close. Never destroyed: a static object may close a store after this.
struct unshared {
  std::mutex mutex;
  std::vector<int> all;
};
unshared& descriptors() {
  static auto* one = new unshared;
  return *one;
}

/// Held during the fork, so that the child gets a consistent list.
void before_fork() { descriptors().mutex.lock(); }
void in_parent() { descriptors().mutex.unlock(); }
void in_child() {
  forks_so_far.fetch_add(1, std::memory_order_relaxed);
  for (const int fd : descriptors().all) ::close(fd);
  descriptors().all.clear();
  descriptors().mutex.unlock();
}

[[maybe_unused]] const int watches_forks = ::pthread_atfork(before_fork, in_parent, in_child);

}  // namespace

error used_after_fork() {
  return {errc::misuse, "the parent process opened this store before a fork", "open the store again in the child after the parent has closed it"};
}

unshared_descriptor::unshared_descriptor(int fd) : fd_(fd) {
  const std::lock_guard lock{descriptors().mutex};
  descriptors().all.push_back(fd);
}

unshared_descriptor::~unshared_descriptor() {
  if (fd_ < 0 || !home_.is_this_one()) return;  // the child's fork handler has closed it
  // A forked child keeps this descriptor open until its fork handlers have run, so closing it here would not release the lock.
  struct flock whole{};
  whole.l_type = F_UNLCK;
  whole.l_whence = SEEK_SET;
  ::fcntl(fd_, F_OFD_SETLK, &whole);
  const std::lock_guard lock{descriptors().mutex};
  std::erase(descriptors().all, fd_);
  ::close(fd_);
}

}  // namespace annals::store
