#include "actors/base/host_calls.hpp"

#include "actors/base/waiter.hpp"

#include <annals/detail/tables.hpp>

#include <spdlog/logger.h>

#include <utility>

namespace annals::actors {

namespace {

/// Calls a function of the host, if there is one. Exceptions are logged and do not propagate to the actor.
template <class What>
void tell(spdlog::logger& log, std::string_view name, const std::function<void(const What&)>& callback, const What& what) {
  if (!callback) return;
  const detail::no_waiting marked;
  try {
    callback(what);
  } catch (...) {
    log.error("{} threw: {}", name, detail::current_exception_text());
  }
}

}  // namespace

host_calls::host_calls(std::shared_ptr<spdlog::logger> log, const options& with)
    : log_(std::move(log)), on_failure_(with.on_failure), on_parked_(with.on_parked) {}

void host_calls::report(std::string_view source, const error& why) const noexcept {
  try {
    log_->error("{}: {}", source, why.message());
    tell(*log_, "on_failure", on_failure_, failure{std::string{source}, why.message()});
  } catch (...) {
  }  // no memory to report it
}

void host_calls::report(const parked_notice& parked) const noexcept {
  try {
    log_->warn("{}: {} at position {} of stream {} is parked after {} attempts: {}", parked.owner, parked.type, parked.at, parked.stream,
               parked.attempts, parked.error);
    tell(*log_, "on_parked", on_parked_, parked);
  } catch (...) {
  }  // no memory to report it
}

void host_calls::callback_threw() const noexcept {
  try {
    report("callback", error{errc::misuse, "a callback given to then() threw", detail::current_exception_text()});
  } catch (...) {
  }  // no memory to report it
}

}  // namespace annals::actors
