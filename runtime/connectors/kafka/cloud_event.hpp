// A record as a message of Kafka: CloudEvents 1.0, Kafka protocol binding in binary mode (github.com/cloudevents/spec, cloudevents/bindings/
// kafka-protocol-binding.md). kafka_relay.hpp lists the headers.
#pragma once

#include <annals/kafka_relay.hpp>
#include <annals/record.hpp>

#include <librdkafka/rdkafka.h>

#include <memory>
#include <string>
#include <string_view>

namespace annals::kafka {

struct end_headers {
  void operator()(rd_kafka_headers_t* one) const { rd_kafka_headers_destroy(one); }
};

/// Errors: undecodable.
result<std::string> payload_of(const record_view& record, payload_format format);
using message_headers = std::unique_ptr<rd_kafka_headers_t, end_headers>;
message_headers headers_of(const record_view& record, std::string_view store_id, std::string_view source, payload_format format);

}  // namespace annals::kafka
