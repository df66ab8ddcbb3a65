// A forked child gets a copy of the memory and the open files, but only one thread. It must not use what its parent has
// opened: each child opens the store for itself.
#pragma once

#include <annals/result.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace annals::store {

/// The number of forks between the first process and this one. Costs one load.
inline std::atomic<std::uint32_t> forks_so_far{0};
inline std::uint32_t forks() { return forks_so_far.load(std::memory_order_relaxed); }

/// Remembers the process in which an object was created.
class home_process {
public:
  bool is_this_one() const { return made_after_ == forks(); }

private:
  std::uint32_t made_after_ = forks();
};

/// The error for a child that uses something its parent has opened.
error used_after_fork();

/// One T for each process. A child begins with a new one, because a thread that does not exist in the child may hold the
/// mutex of the parent's. Never destroyed, since threads may outlive everything else. Thread-safe.
template <class T>
class per_process {
public:
  T& get() {
    auto* found = current_.load(std::memory_order_acquire);
    while (!found || !found->home.is_this_one()) {
      auto made = std::make_unique<place>();
      if (current_.compare_exchange_strong(found, made.get(), std::memory_order_acq_rel)) return made.release()->value;
    }
    return found->value;
  }

private:
  struct place {
    home_process home;
    T value;
  };
  std::atomic<place*> current_{nullptr};
};

/// A file descriptor that is closed in forked children. A lock on it belongs to the open file, so a child would hold the lock, too.
class unshared_descriptor {
public:
  explicit unshared_descriptor(int fd);
  unshared_descriptor(unshared_descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)), home_(other.home_) {}
  unshared_descriptor& operator=(unshared_descriptor&&) = delete;
  ~unshared_descriptor();
  int get() const { return fd_; }

private:
  int fd_;
  home_process home_;
};

}  // namespace annals::store
