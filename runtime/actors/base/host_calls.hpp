// The host's own functions that the runtime calls: what they throw ends neither an actor nor the process.
#pragma once

#include <annals/options.hpp>
#include <annals/result.hpp>

#include <functional>
#include <memory>
#include <string_view>

namespace spdlog {
class logger;
}

namespace annals::actors {

/// Outlives the runtime with those who hold on to it. Thread-safe.
class host_calls {
public:
  host_calls(std::shared_ptr<spdlog::logger> log, const options& with);

  /// Tells the log and the host of something that stopped.
  void report(std::string_view who, const error& why) const noexcept;
  /// Tells them of an event that is set aside.
  void report(const parked_notice& parked) const noexcept;
  /// Within a catch: a callback that was given to then() has thrown.
  void callback_threw() const noexcept;

private:
  std::shared_ptr<spdlog::logger> log_;
  std::function<void(const failure&)> on_failure_;
  std::function<void(const parked_notice&)> on_parked_;
};

}  // namespace annals::actors
