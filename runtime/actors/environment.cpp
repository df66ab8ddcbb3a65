#include "actors/environment.hpp"

namespace annals::actors {

void environment::send(const command& cmd) const { shards[cmd.stream_hash % shards.size()].put(cmd); }

}  // namespace annals::actors
