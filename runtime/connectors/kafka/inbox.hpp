// Answers on their way from the node's threads to the intake's, and word that there are messages.
#pragma once

#include <annals/result.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

namespace annals::kafka {

/// Answers may come when the intake is gone: after close() it lives until the last one has come.
class inbox : public std::enable_shared_from_this<inbox> {
public:
  /// Of one command that was sent. The callback of an answer holds nothing but its address, so it needs no memory.
  struct reply {
    inbox* to = nullptr;
    std::uint64_t entry = 0;
    std::uint32_t attempt = 0;
    std::unique_ptr<error> why{};  ///< null: the command was accepted

    void put() { to->put(*this); }
  };

  // The intake's thread:

  /// put() comes once.
  reply& expect(std::uint64_t entry, std::uint32_t attempt);
  /// Puts the answers into `into`, which is empty, and takes over its memory.
  void take(std::vector<reply*>& into);
  void release(reply& one);
  /// Waits until so many answers are there or, with `for_messages`, messages.
  void wait(std::chrono::milliseconds at_most, std::size_t enough = 1, bool for_messages = false);
  void close();

  // Any thread:

  void put(reply& one);
  void put_messages();

private:
  static constexpr auto nobody_waits = static_cast<std::size_t>(-1);
  std::deque<reply> replies_;
  std::vector<reply*> free_;
  std::uint64_t expected_ = 0;  // changes no more once it is closed

  std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  std::vector<reply*> all_;
  std::uint64_t put_ = 0;
  std::size_t wanted_ = nobody_waits;
  bool has_messages_ = false;
  std::shared_ptr<inbox> self_;
};

}  // namespace annals::kafka
