#include "benchmarks/connectors/kafka_cluster.hpp"

#include "benchmarks/connectors/idle_time.hpp"
#include "benchmarks/must.hpp"

#include <thread>

namespace bench {
namespace {

void be_quiet(const rd_kafka_t*, int, const char*, const char*) {}

}  // namespace

kafka_cluster::kafka_cluster(bool in_background) {
  if (in_background) {  // threads have the priority of those that begin them
    std::thread{[this] {
      be_idle();
      begin();
    }}.join();
  } else {
    begin();
  }
}

void kafka_cluster::begin() {
  char why[256];
  auto* const conf = rd_kafka_conf_new();
  rd_kafka_conf_set_log_cb(conf, be_quiet);
  handle_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
  if (handle_ == nullptr) fail(std::string{"librdkafka: "} + why);
  cluster_ = rd_kafka_mock_cluster_new(handle_, 1);
  if (cluster_ == nullptr) fail("librdkafka has no mock cluster");
}

kafka_cluster::~kafka_cluster() {
  rd_kafka_mock_cluster_destroy(cluster_);
  rd_kafka_destroy(handle_);
}

std::string kafka_cluster::brokers() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }

void kafka_cluster::topic(const std::string& name, int partitions) {
  const auto why = rd_kafka_mock_topic_create(cluster_, name.c_str(), partitions, 1);
  if (why != RD_KAFKA_RESP_ERR_NO_ERROR) fail("topic " + name + ": " + rd_kafka_err2str(why));
}

kafka_client kafka_client_of(rd_kafka_type_t kind, const std::map<std::string, std::string>& properties,
                             void (*on_delivery)(rd_kafka_t*, const rd_kafka_message_t*, void*), void* opaque) {
  char why[512];
  auto* const conf = rd_kafka_conf_new();
  rd_kafka_conf_set_log_cb(conf, be_quiet);
  rd_kafka_conf_set_opaque(conf, opaque);
  if (on_delivery != nullptr) rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  for (const auto& [name, value] : properties)
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), why, sizeof why) != RD_KAFKA_CONF_OK) fail(std::string{"librdkafka: "} + why);
  auto* const one = rd_kafka_new(kind, conf, why, sizeof why);
  if (one == nullptr) fail(std::string{"librdkafka: "} + why);
  return kafka_client{one};
}

}  // namespace bench
