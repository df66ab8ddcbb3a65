// The interface to the stores that annals is compared with: an engine takes deposits, and answers when they are durable. All failures
// are exceptions, so that a server that was started is ended while they propagate.
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
  std::uint64_t version = 0;  // of the event; the stream must be at the version before
  std::string_view payload;   // letters only
  std::chrono::steady_clock::time_point queued;
};

class engine {
public:
  virtual ~engine() = default;
  virtual std::string version() = 0;
  /// Deposits to one stream keep their order.
  virtual void submit(const deposit& d) = 0;
  /// Waits until at least one submitted deposit is durable. Appends all that are to `answered`.
  virtual void wait(std::vector<deposit>& answered) = 0;
  /// The number of stored events, as the engine counts them.
  virtual std::uint64_t count() = 0;
};

/// An engine with one thread, which takes the waiting deposits, at most `batch_max`, makes them durable, and answers all of them.
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
  /// The batch is durable when this returns.
  virtual void append(std::span<const deposit> batch) = 0;

  const std::size_t batch_max_;
  std::deque<deposit> waiting_;
};

/// Where an engine may put its files, and how many commands will be under way.
struct place {
  std::filesystem::path directory;  // empty
  std::size_t in_flight = 1;
  bool tls = false;  // over loopback, with client certificates; otherwise over a Unix socket
};

/// The engine is not available on this machine.
struct left_out : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace bench::compare
