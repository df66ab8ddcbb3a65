#include "actors/environment.hpp"

#include <spdlog/logger.h>
#include <xxhash.h>

namespace annals::actors {

const caf::actor& environment::shard_of(std::string_view stream) const {
  return shards[XXH3_64bits(stream.data(), stream.size()) % shards.size()];
}

void environment::report(std::string_view who, const error& why) const {
  logger->error("{}: {}", who, why.message());
  if (options.on_failure) options.on_failure({std::string{who}, why.message()});
}

}  // namespace annals::actors
