// What annals is compared with: somebody else's store, seen as one thing that takes deposits and answers when they are
// durable. Whatever goes wrong is an exception, so that a server that was started is ended on the way out.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace bench::compare {

inline constexpr std::string_view event_type = "money_deposited";

struct deposit {
  std::size_t account = 0;
  std::string_view stream;    // its name
  std::uint64_t version = 0;  // that the event gets: the stream must be at the one before
  std::string_view payload;   // letters only
  std::chrono::steady_clock::time_point queued;
};

class engine {
public:
  virtual ~engine() = default;
  virtual std::string version() = 0;
  /// What is of one stream stays in order.
  virtual void submit(const deposit& d) = 0;
  /// Waits until at least one of those submitted is durable, and adds those that are.
  virtual void wait(std::vector<deposit>& answered) = 0;
  /// How many events it holds, counted by itself.
  virtual std::uint64_t count() = 0;
};

/// One thread that takes what waits, `batch_max` at most, makes it durable, and answers all of it.
class batching_engine : public engine {
public:
  static constexpr auto all_that_waits = std::numeric_limits<std::size_t>::max();

  explicit batching_engine(std::size_t batch_max) : batch_max_(batch_max) {}

  void submit(const deposit& d) final { waiting_.push_back(d); }
  void wait(std::vector<deposit>& answered) final {
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(batch_max_, waiting_.size()));
    const auto first = answered.insert(answered.end(), waiting_.begin(), end);
    waiting_.erase(waiting_.begin(), end);
    append({first, answered.end()});
  }

private:
  /// Durable when it returns.
  virtual void append(std::span<const deposit> batch) = 0;

  const std::size_t batch_max_;
  std::deque<deposit> waiting_;
};

/// Where an engine may put its files, and how many commands will be under way.
struct place {
  std::filesystem::path directory;  // empty
  std::size_t in_flight = 1;
};

/// The engine cannot be had on this machine.
struct left_out : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace bench::compare
