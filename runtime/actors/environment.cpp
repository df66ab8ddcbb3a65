#include "actors/environment.hpp"

#include <annals/detail/tables.hpp>

#include <spdlog/logger.h>

namespace annals::actors {
namespace {

/// A callback of the host's: what it throws is its own, and no actor's end.
template <class Told>
void tell(spdlog::logger& logger, std::string_view name, const std::function<void(const Told&)>& callback, const Told& what) {
  if (!callback) return;
  try {
    callback(what);
  } catch (...) {
    logger.error("{} threw: {}", name, detail::current_exception_text());
  }
}

}  // namespace

void environment::send(const command& cmd) const { shards[cmd.stream_hash % shards.size()].put(cmd); }

void environment::report(std::string_view who, const error& why) const {
  logger->error("{}: {}", who, why.message());
  tell(*logger, "on_failure", options.on_failure, failure{std::string{who}, why.message()});
}

void environment::report(const parked_notice& parked) const {
  logger->warn("{}: {} at position {} of stream {} is parked after {} attempts: {}", parked.owner, parked.type, parked.at, parked.stream,
               parked.attempts, parked.error);
  tell(*logger, "on_parked", options.on_parked, parked);
}

}  // namespace annals::actors
