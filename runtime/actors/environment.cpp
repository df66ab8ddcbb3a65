#include "actors/environment.hpp"

#include <spdlog/logger.h>
#include <xxhash.h>

namespace annals::actors {

void environment::send(command cmd) const {
  const auto hash = XXH3_64bits(cmd.stream.data(), cmd.stream.size());
  shards[hash % shards.size()].put(std::move(cmd));
}

void environment::report(std::string_view who, const error& why) const {
  logger->error("{}: {}", who, why.message());
  if (options.on_failure) options.on_failure({std::string{who}, why.message()});
}

}  // namespace annals::actors
