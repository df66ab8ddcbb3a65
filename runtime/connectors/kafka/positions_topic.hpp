// The positions of a relay in Kafka, for exactly once. Each transaction ends with a record in a topic of one partition, compacted:
//
//   key:    the relay's name
//   value:  a described `published` (a msgpack map with field names, codec.hpp)
//
// A record holds what Kafka has and the log may not know of yet: the events of its transaction, and those of earlier ones whose acknowledgement
// was not yet stored. A relay that starts asks its subscription which of them are settled. That is all a relay needs when it starts: the subscription
// never hands out again what is acknowledged, a parked event that is retried was never published, and a position that a restored log uses for another
// event has another checksum.
#pragma once

#include "connectors/kafka/client.hpp"

#include <annals/describe.hpp>
#include <annals/record.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace annals::kafka {

struct published {
  std::string by;  ///< life of a relay: another one after each start, and after each time that it was fenced
  std::vector<std::uint64_t> positions;
  std::vector<std::uint64_t> checksums;  ///< of the record at each position
  static constexpr auto about = annals::describe<&published::by, &published::positions, &published::checksums>("published", 1);
};

/// The newest committed record of this key; empty if there is none. Creates the topic if it is missing. Waits until all that other
/// transactions have written to the topic by now is decided. Errors: unreachable; forbidden; undecodable; those of make_client().
result<std::optional<published>> newest_published(const std::string& topic, const std::string& name, const properties& connection,
                                                  const std::function<bool()>& is_over);

}  // namespace annals::kafka
