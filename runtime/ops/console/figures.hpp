// Figures that take long to find, since they count names and instances: a thread finds them when somebody looks, and answers use the
// newest ones there are.
#pragma once

#include <annals/instances.hpp>
#include <annals/statistics.hpp>
#include <annals/view.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace annals::ops {

struct figures {
  timestamp as_of = 0;
  position head = 0;  // also the number of records
  std::uint64_t streams = 0;
  std::vector<category_stats> categories;            // by name
  std::map<std::string, instance_counts> processes;  // by category; one whose instances could not be counted is missing
};

/// Thread-safe.
class cached_figures {
public:
  static constexpr std::chrono::seconds age_max{30};
  static constexpr std::chrono::seconds rest_min{2};  // between two looks, however quick they are

  ~cached_figures() { close(); }
  /// Errors: no_threads.
  result<void> start(const view& of);
  /// The newest figures. Waits for the first ones, for at most this long; null if there are none then.
  std::shared_ptr<const figures> newest(std::chrono::milliseconds at_most);
  /// Breaks off a look. Returns when the thread has ended: a look goes on to the next name, or reads at most so many records as
  /// view::count_instances() says.
  void close();

private:
  using clock = std::chrono::steady_clock;
  void run(const view& of);
  /// Null if the store cannot be read, or it was broken off; then the older figures stay.
  std::shared_ptr<const figures> find(const view& of) const;
  result<void> count_streams(const view& of, figures& into) const;

  std::mutex mutex_;
  std::condition_variable changed_;
  // guarded:
  std::shared_ptr<const figures> newest_;
  bool is_wanted_ = false;

  std::atomic<bool> closed_ = false;  // set under the mutex
  std::thread thread_;
};

}  // namespace annals::ops
