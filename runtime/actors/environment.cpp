#include "actors/environment.hpp"

#include <spdlog/logger.h>

namespace annals::actors {

void environment::send(const command& cmd) const { shards[cmd.stream_hash % shards.size()].put(cmd); }

void environment::report(std::string_view who, const error& why) const {
  logger->error("{}: {}", who, why.message());
  if (options.on_failure) options.on_failure({std::string{who}, why.message()});
}

}  // namespace annals::actors
