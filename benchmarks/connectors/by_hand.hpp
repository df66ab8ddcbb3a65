// What an intake is measured against: a loop that takes the same messages with a bare consumer and sends the same commands.
#pragma once

#include "benchmarks/connectors/kafka_cluster.hpp"

#include <annals/runtime.hpp>

#include <cstddef>
#include <string>

namespace bench {

/// Deposits each message with its id (key: the account; value: cents), with so many in flight, until all are answered: messages/s. It keeps no
/// order within an account, commits no offsets, and an error ends it.
double deposit_by_hand(annals::runtime& to, const kafka_cluster& from, const std::string& topic, std::size_t count, std::size_t in_flight);

}  // namespace bench
