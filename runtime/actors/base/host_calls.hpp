// Calls from the runtime to functions of the host. Exceptions thrown there end neither an actor nor the process.
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

/// Shared; may outlive the runtime. Thread-safe.
class host_calls {
public:
  host_calls(std::shared_ptr<spdlog::logger> log, const options& with);

  /// Logs the error and tells the host (on_failure). `source`: the part of the runtime that failed.
  void report(std::string_view source, const error& why) const noexcept;
  /// Logs that an event was parked and tells the host (on_parked).
  void report(const parked_notice& parked) const noexcept;
  /// Call within a catch block: reports that a callback given to then() has thrown.
  void callback_threw() const noexcept;

private:
  std::shared_ptr<spdlog::logger> log_;
  std::function<void(const failure&)> on_failure_;
  std::function<void(const parked_notice&)> on_parked_;
};

}  // namespace annals::actors
