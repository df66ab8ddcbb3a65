// librdkafka's mock cluster: a broker in this process, on loopback, that keeps messages in memory. What is measured beside it shares the
// processors with it, whether it is annals or the bare library.
#pragma once

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace bench {

class kafka_cluster {
public:
  /// Real brokers run on other machines: with `in_background` the threads of these run when no other wants the processor.
  explicit kafka_cluster(bool in_background = false);
  kafka_cluster(const kafka_cluster&) = delete;
  kafka_cluster& operator=(const kafka_cluster&) = delete;
  ~kafka_cluster();

  std::string brokers() const;
  void topic(const std::string& name, int partitions);

private:
  void begin();
  rd_kafka_t* handle_ = nullptr;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
};

struct end_kafka {
  void operator()(rd_kafka_t* one) const { rd_kafka_destroy(one); }
};
using kafka_client = std::unique_ptr<rd_kafka_t, end_kafka>;

/// Delivery reports come to `on_delivery`, with `opaque`.
kafka_client kafka_client_of(rd_kafka_type_t kind, const std::map<std::string, std::string>& properties,
                             void (*on_delivery)(rd_kafka_t*, const rd_kafka_message_t*, void*) = nullptr, void* opaque = nullptr);

}  // namespace bench
