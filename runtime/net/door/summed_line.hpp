// A log line about something that peers can cause at any rate. It gives a count, and is written at most every ten seconds.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace annals::net {

class summed_line {
public:
  using steady = std::chrono::steady_clock;
  /// The line is: `what`, how often, and the newest example.
  explicit summed_line(std::string what) : what_(std::move(what)) {}

  /// Control bytes of the example become question marks: a peer may have sent it.
  void add(std::string example) {
    for (auto& c : example)
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    ++count_;
    example_ = std::move(example);
  }
  /// When to call take(); nullopt if there is nothing to report.
  std::optional<steady::time_point> due() const { return count_ > 0 ? std::optional{due_} : std::nullopt; }
  std::string take(steady::time_point now) {
    constexpr std::chrono::seconds pause{10};
    due_ = now + pause;
    return what_ + ": " + std::to_string(std::exchange(count_, 0)) + ", the last one: " + example_;
  }

private:
  const std::string what_;
  std::uint64_t count_ = 0;
  std::string example_;
  steady::time_point due_{};
};

}  // namespace annals::net
