// Child processes of the test program: for code that ends a process, or needs a second one.
#pragma once

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <utility>

/// A child that reports through a pipe. The destructor kills it if it still runs.
class child_process {
public:
  /// Calls `run(report)` in a child; next() returns the numbers passed to `report`, said() the child's standard error after its end.
  template <class Run>
  explicit child_process(Run&& run) {
    int numbers[2], errors[2];
    if (::pipe(numbers) != 0 || ::pipe(errors) != 0) ::abort();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(numbers[0]);
      ::close(errors[0]);
      ::dup2(errors[1], 2);
      const rlimit no_core{0, 0};
      ::setrlimit(RLIMIT_CORE, &no_core);
      ::signal(SIGABRT, SIG_DFL);          // Boost.Test has its own
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // an aborting test must not leave a child
      // Otherwise Boost.Test would catch an exception and continue with the other tests.
      [&]() noexcept {
        run([&](std::uint64_t n) {
          if (::write(numbers[1], &n, sizeof n) != sizeof n) ::_exit(9);
        });
      }();
      ::_exit(0);
    }
    ::close(numbers[1]);
    ::close(errors[1]);
    numbers_ = numbers[0];
    errors_ = errors[0];
  }
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;
  ~child_process() {
    if (pid_ > 0) kill();
    ::close(numbers_);
    ::close(errors_);
  }

  int pid() const { return pid_; }
  /// Waits for the next number; false if the child has ended.
  bool next(std::uint64_t& n) { return ::read(numbers_, &n, sizeof n) == sizeof n; }
  void kill() {
    ::kill(pid_, SIGKILL);
    wait();
  }
  /// Waits for the child to end; returns the status of waitpid.
  int wait() {
    int status = 0;
    ::waitpid(std::exchange(pid_, 0), &status, 0);
    return status;
  }
  /// What the child wrote to standard error; waits for its end.
  std::string said() {
    std::string all;
    char part[512];
    for (ssize_t n = 0; (n = ::read(errors_, part, sizeof part)) > 0;) all.append(part, static_cast<std::size_t>(n));
    return all;
  }

private:
  int pid_ = 0;
  int numbers_ = -1;
  int errors_ = -1;
};

struct ended {
  bool aborted;
  std::string said;
};

/// Calls `run` in a child and waits for its end.
template <class Run>
ended run_in_child(Run&& run) {
  child_process child{[&](auto&&) { run(); }};
  auto said = child.said();
  const int status = child.wait();
  return {WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, std::move(said)};
}
