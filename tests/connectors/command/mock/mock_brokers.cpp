// mock_brokers TOPIC:PARTITIONS…: librdkafka's mock cluster on loopback, as a process. Prints where it listens, then answers one line of
// stdin after the other with one line; ends with stdin.
//
//     count TOPIC…    how many messages are in these topics together
//     slow MS         round trips take so long from now on
//     down, up        all brokers
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <sstream>
#include <string>

namespace {

rd_kafka_t* made_client(const std::string& brokers) {
  char why[256];
  auto* const conf = rd_kafka_conf_new();
  rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t*, int, const char*, const char*) {});
  if (!brokers.empty()) rd_kafka_conf_set(conf, "bootstrap.servers", brokers.c_str(), why, sizeof why);
  auto* const made = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
  if (made == nullptr) std::exit(1);
  return made;
}

}  // namespace

int main(int argc, char** argv) {
  auto* const holder = made_client({});
  auto* const cluster = rd_kafka_mock_cluster_new(holder, 1);
  if (cluster == nullptr) return 1;
  std::map<std::string, int> partitions;
  for (int i = 1; i < argc; ++i) {
    const std::string text = argv[i];
    const auto colon = text.rfind(':');
    if (colon == std::string::npos) return 2;
    const auto name = text.substr(0, colon);
    partitions[name] = std::atoi(text.c_str() + colon + 1);
    if (rd_kafka_mock_topic_create(cluster, name.c_str(), partitions[name], 1) != RD_KAFKA_RESP_ERR_NO_ERROR) return 2;
  }
  const std::string brokers = rd_kafka_mock_cluster_bootstraps(cluster);
  auto* const asking = made_client(brokers);
  std::cout << brokers << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words{line};
    std::string what;
    words >> what;
    std::int64_t answer = 0;
    if (what == "count") {
      for (std::string topic; words >> topic;)
        for (int partition = 0; partition < partitions[topic]; ++partition) {
          std::int64_t low = 0, high = 0;
          if (rd_kafka_query_watermark_offsets(asking, topic.c_str(), partition, &low, &high, 10'000) == RD_KAFKA_RESP_ERR_NO_ERROR) answer += high;
        }
    } else if (what == "slow") {
      int ms = 0;
      words >> ms;
      rd_kafka_mock_broker_set_rtt(cluster, -1, ms);
    } else if (what == "down") {
      rd_kafka_mock_broker_set_down(cluster, -1);
    } else if (what == "up") {
      rd_kafka_mock_broker_set_up(cluster, -1);
    } else {
      return 2;
    }
    std::cout << answer << std::endl;
  }
  rd_kafka_destroy(asking);
  rd_kafka_mock_cluster_destroy(cluster);
  rd_kafka_destroy(holder);
}
