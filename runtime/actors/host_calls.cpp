#include "actors/host_calls.hpp"

#include "actors/waiter.hpp"

#include <annals/detail/tables.hpp>

#include <spdlog/logger.h>

#include <utility>

namespace annals::actors {

host_calls::host_calls(std::shared_ptr<spdlog::logger> log, std::function<void(const failure&)> on_failure)
    : log_(std::move(log)), on_failure_(std::move(on_failure)) {}

void host_calls::report(std::string_view who, const error& why) const noexcept {
  try {
    log_->error("{}: {}", who, why.message());
    if (!on_failure_) return;
    const detail::no_waiting marked;
    on_failure_({std::string{who}, why.message()});
  } catch (...) {
    try {
      log_->error("on_failure threw: {}", detail::current_exception_text());
    } catch (...) {}  // no memory to say so
  }
}

void host_calls::callback_threw() const noexcept {
  try {
    report("callback", error{errc::misuse, "a callback given to then() threw", detail::current_exception_text()});
  } catch (...) {}  // no memory to say so
}

}  // namespace annals::actors
