// A mock cluster of librdkafka on loopback, with errors injected, and its topics as kcat sees them.
//
// What the mock of librdkafka 2.0.2 does not have: isolation (a read_committed consumer also sees what was aborted, or is open), fencing of an
// older producer, sequence numbers that are checked, compaction, and creating topics by the admin interface. It keeps 5 MiB a partition.
#pragma once

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <cstdio>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace kafka_test {

/// Numbers of the protocol's requests.
enum request : std::int16_t { produce = 0, find_coordinator = 10, add_partitions = 24, end_transaction = 26, offset_commit = 8 };

class mock_cluster {
public:
  explicit mock_cluster(int brokers = 1) {
    char why[256];
    auto* const conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t*, int, const char*, const char*) {});
    handle_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    cluster_ = rd_kafka_mock_cluster_new(handle_, brokers);
    if (cluster_ == nullptr) throw std::runtime_error("no mock cluster");
  }
  mock_cluster(const mock_cluster&) = delete;
  mock_cluster& operator=(const mock_cluster&) = delete;
  ~mock_cluster() {
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(handle_);
  }

  std::string brokers() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }
  mock_cluster& topic(const std::string& name, int partitions = 1) {
    if (rd_kafka_mock_topic_create(cluster_, name.c_str(), partitions, 1) != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error("no topic " + name);
    return *this;
  }
  /// The next requests of this kind are answered so.
  void fail(request kind, const std::vector<rd_kafka_resp_err_t>& with) {
    rd_kafka_mock_push_request_errors_array(cluster_, kind, with.size(), with.data());
  }
  /// What fail() has pushed and no request has got is forgotten.
  void fail_no_more(request kind) { rd_kafka_mock_clear_request_errors(cluster_, kind); }
  void fail_topic(const std::string& name, rd_kafka_resp_err_t with) { rd_kafka_mock_topic_set_error(cluster_, name.c_str(), with); }
  void go_down() { rd_kafka_mock_broker_set_down(cluster_, -1); }
  void come_up() { rd_kafka_mock_broker_set_up(cluster_, -1); }
  void be_slow(int round_trip_ms) { rd_kafka_mock_broker_set_rtt(cluster_, -1, round_trip_ms); }

  /// Writes messages, key and value, into a partition, each with this header, and waits until they are there.
  void put(const std::string& topic, const std::vector<std::pair<std::string, std::string>>& messages, int partition = 0,
           const std::pair<const char*, const char*>& header = {"from", "test"}) const {
    char why[256];
    auto* const conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t*, int, const char*, const char*) {});
    rd_kafka_conf_set(conf, "bootstrap.servers", brokers().c_str(), why, sizeof why);
    auto* const by = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    for (const auto& [key, value] : messages)
      rd_kafka_producev(by, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(partition), RD_KAFKA_V_KEY(key.data(), key.size()),
                        RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()), RD_KAFKA_V_HEADER(header.first, header.second, -1),
                        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    const auto flushed = rd_kafka_flush(by, 30'000);
    rd_kafka_destroy(by);
    if (flushed != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error("not written to " + topic);
  }

  /// The keys of a topic's messages, whose payloads may be binary.
  std::vector<std::string> keys(const std::string& topic) const {
    std::vector<std::string> all;
    std::istringstream text{read_by_kcat(topic, "-f '%k\\n'")};
    for (std::string key; std::getline(text, key);) all.push_back(key);
    return all;
  }

  /// The bytes of each payload of a topic.
  std::vector<std::size_t> sizes(const std::string& topic) const {
    std::vector<std::size_t> all;
    std::istringstream text{read_by_kcat(topic, "-f '%S\\n'")};
    for (std::size_t size = 0; text >> size;) all.push_back(size);
    return all;
  }

  /// All messages of a topic, as kcat prints them with -J: topic, partition, offset, headers (names and values in turn), key, payload.
  std::vector<nlohmann::json> messages(const std::string& topic) const {
    std::vector<nlohmann::json> all;
    std::istringstream text{read_by_kcat(topic, "-J")};
    for (std::string line; std::getline(text, line);) all.push_back(nlohmann::json::parse(line));
    return all;
  }

private:
  std::string read_by_kcat(const std::string& topic, const std::string& format) const {
    const auto command =
        "timeout 60 kcat -b " + brokers() + " -C -t " + topic + " -o beginning -e -q -X isolation.level=read_committed " + format + " 2>/dev/null";
    auto* const output = popen(command.c_str(), "r");
    std::string text;
    char some[4096];
    while (const auto size = fread(some, 1, sizeof some, output)) text.append(some, size);
    if (pclose(output) != 0) throw std::runtime_error("failed: " + command);
    return text;
  }

  rd_kafka_t* handle_ = nullptr;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
};

/// A header's value; empty if there is none.
inline std::string header(const nlohmann::json& message, const std::string& name) {
  const auto& all = message.at("headers");
  for (std::size_t i = 0; i + 1 < all.size(); i += 2)
    if (all[i] == name) return all[i + 1].get<std::string>();
  return {};
}

}  // namespace kafka_test
