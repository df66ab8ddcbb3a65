// Ends waits: those on a descriptor, and those that only let time pass.
#pragma once

#include <atomic>
#include <chrono>

namespace annals::connectors {

/// Any thread may call.
class stopper {
public:
  stopper();
  ~stopper();
  stopper(const stopper&) = delete;
  stopper& operator=(const stopper&) = delete;

  void stop();
  bool is_stopped() const { return stopped_; }
  /// Returns false if it was stopped.
  bool pause(std::chrono::milliseconds time) const;

  enum class ready { socket, time_out, stopped };
  /// Waits for a socket, as poll() does.
  ready wait(int socket, bool to_write, std::chrono::milliseconds time_out) const;

private:
  std::atomic<bool> stopped_{false};
  int descriptor_ = -1;  // readable once it is stopped; -1 if there was none: then waits are short
};

/// Growing pauses, from `first` on, each twice the one before.
class pauses {
public:
  pauses(std::chrono::milliseconds first, std::chrono::milliseconds most) : first_(first), most_(most), next_(first) {}
  std::chrono::milliseconds next() {
    const auto now = next_;
    next_ = next_ * 2 < most_ ? next_ * 2 : most_;
    return now;
  }
  void begin_again() { next_ = first_; }

private:
  std::chrono::milliseconds first_, most_, next_;
};

}  // namespace annals::connectors
