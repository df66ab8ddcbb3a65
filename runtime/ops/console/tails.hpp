// Live tails: what comes to the log, as server-sent events. Only so many at a time.
#pragma once

#include "ops/console/site.hpp"

#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace annals::ops {

/// Counts the tails, and wakes them when the console closes. Thread-safe.
class tails {
public:
  explicit tails(std::size_t most) : most_(most) {}

  /// A place among them; false if there is none.
  bool enter();
  void leave();
  std::size_t count();
  /// Waits for the time, or until close(). False: it is closed.
  bool wait(std::chrono::milliseconds time);
  void close();

private:
  std::size_t most_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t count_ = 0;  // guarded
  bool closed_ = false;    // guarded
};

struct tail_request {
  std::optional<position> after;  // not set: begins with the last 50 records
  std::string prefix;
  std::string type;
};

/// One tail. Gives its place back in the end.
class tail final : public event_source {
public:
  static constexpr std::chrono::minutes lifetime{15};
  static constexpr std::chrono::milliseconds beat_every{500};
  static constexpr std::chrono::milliseconds turn{100};
  static constexpr std::size_t records_a_turn = 200;
  static constexpr position behind_max = 2'000;
  static constexpr std::uint64_t looked_at_max = 20'000;

  tail(site& of, tail_request what) : site_(of), what_(std::move(what)) {}
  ~tail() override {
    if (has_place_) site_.tails->leave();
  }
  /// Takes a place. False: there is none.
  bool enter() { return has_place_ = site_.tails->enter(); }
  bool next(std::string& into) override;

private:
  using clock = std::chrono::steady_clock;
  bool begin(std::string& into);
  bool read_on(std::string& into);
  void pass_over(std::string& into, position head);
  void say(std::string& into, std::string_view event, const json& data) const;
  bool wants(const record_view& record) const;

  site& site_;
  tail_request what_;
  bool has_place_ = false;
  bool has_begun_ = false;
  position looked_at_ = 0;
  clock::time_point began_ = clock::now();
  clock::time_point last_beat_{};
};

}  // namespace annals::ops
