// Children of the test program: what ends a process, or needs another one.
#pragma once

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <utility>

/// A child that reports through a pipe. Killed with its object, if it still runs then.
class child_process {
public:
  /// `run(report)` in a child; `report(number)` arrives at next(). Its standard error arrives in the end, in said().
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
      ::signal(SIGABRT, SIG_DFL);  // Boost.Test has its own
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that aborts leaves no child behind
      // Boost.Test would catch what it throws, and go on with the other tests.
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
  /// Waits for the next number; false when the child has ended.
  bool next(std::uint64_t& n) { return ::read(numbers_, &n, sizeof n) == sizeof n; }
  void kill() {
    ::kill(pid_, SIGKILL);
    wait();
  }
  /// Waits for its end; the status of waitpid.
  int wait() {
    int status = 0;
    ::waitpid(std::exchange(pid_, 0), &status, 0);
    return status;
  }
  /// What it wrote to standard error, when it has ended.
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

/// Runs it in a child until it ends.
template <class Run>
ended run_in_child(Run&& run) {
  child_process child{[&](auto&&) { run(); }};
  auto said = child.said();
  const int status = child.wait();
  return {WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, std::move(said)};
}
