// librdkafka alone: a producer that publishes messages that are made beforehand, and a consumer that reads and drops them.
#pragma once

#include "benchmarks/connectors/kafka_cluster.hpp"
#include "benchmarks/connectors/rate_of.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace bench {

struct bare_message {
  std::string key;
  std::string value;
  std::vector<std::pair<std::string, std::string>> headers;
  std::int64_t time_ms = 0;
};

/// Publishes all, with the settings of a relay, until each has its delivery report: messages/s. With `transaction` > 0, in transactions of so
/// many messages.
double produce_bare(const kafka_cluster& to, const std::string& topic, const std::vector<bare_message>& all, std::size_t transaction);

/// A member of a group that has subscribed, and reads what is there from the beginning.
kafka_client consumer_of(const kafka_cluster& from, const std::string& topic, const std::string& group);

/// Reads this many as a member of a group: messages/s.
double consume_bare(const kafka_cluster& from, const std::string& topic, std::size_t count);

}  // namespace bench
