#include "benchmarks/connectors/relay.hpp"

#include "benchmarks/connectors/bare_kafka.hpp"
#include "benchmarks/history.hpp"
#include "benchmarks/medians.hpp"
#include "benchmarks/must.hpp"
#include "benchmarks/open.hpp"
#include "config/hosted.hpp"
#include "connectors/kafka/cloud_event.hpp"

#include <annals/kafka_relay.hpp>
#include <annals/runtime.hpp>

#include <algorithm>
#include <cmath>
#include <thread>

namespace bench {
namespace {

namespace kafka = annals::kafka;

constexpr const char* relayed_topic = "account";
constexpr const char* relay_source = "https://bank.example";

kafka::payload_format format_of(const std::string& row) { return row == "msgpack" ? kafka::payload_format::msgpack : kafka::payload_format::json; }

/// The messages of a relay, made beforehand.
std::vector<bare_message> messages_of(const annals::runtime& rt, kafka::payload_format format) {
  std::vector<bare_message> all;
  const auto view = rt.view();
  const auto id = must(view.store_id());
  must(view.log(1, [&](const annals::record_view& record) {
    const auto headers = kafka::headers_of(record, id, relay_source, format);
    bare_message one{std::string{record.stream}, must(kafka::payload_of(record, format)), {}, record.time / 1'000};
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0; rd_kafka_header_get_all(headers.get(), i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
      one.headers.emplace_back(name, std::string{static_cast<const char*>(value), size});
    all.push_back(std::move(one));
    return true;
  }));
  return all;
}

double relayed_per_second(annals::runtime& rt, const relay_bench_options& with, const std::string& row, std::size_t run) {
  kafka_cluster cluster;
  cluster.topic(relayed_topic, with.partitions);
  kafka::relay_options how;
  how.name = row + "-" + std::to_string(run);
  how.brokers = cluster.brokers();
  how.source = relay_source;
  how.format = format_of(row);
  how.background = false;  // the brokers run beside it, and librdkafka alone competes with them, too
  how.exactly_once = row == "exactly-once";
  how.batch_events_max = with.batch;
  how.in_flight_max = std::max(with.in_flight_events, with.batch);
  if (how.exactly_once) cluster.topic("annals-relay-" + how.name, 1);
  auto out = must(kafka::relay::start(rt, how));
  rate_of rate;
  for (;;) {
    const auto now = out.status();
    if (now.last_error && !now.is_running) fail("relay: " + now.last_error->message());
    rate.seen(now.published);
    if (now.published >= with.events) break;
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  return rate.per_second();
}

double bare_per_second(const std::vector<bare_message>& all, const relay_bench_options& with, const std::string& row) {
  kafka_cluster cluster;
  cluster.topic(relayed_topic, with.partitions);
  return produce_bare(cluster, relayed_topic, all, row == "exactly-once" ? with.batch : 0);
}

double rounded_ratio_of(double a, double b) { return std::round(1'000 * a / b) / 1'000; }

figures row_beside_bare(annals::runtime& rt, const relay_bench_options& with, const std::string& row) {
  const auto all = messages_of(rt, format_of(row));
  if (all.size() != with.events) fail("the log has another number of events");
  std::size_t bytes = 0;
  for (const auto& one : all) {
    bytes += one.key.size() + one.value.size();
    for (const auto& [name, value] : one.headers) bytes += name.size() + value.size();
  }
  std::size_t run = 0;
  auto made = medians(with.runs, "ratio", [&] {
    const auto bare = bare_per_second(all, with, row);
    const auto relayed = relayed_per_second(rt, with, row, ++run);
    return figures{{"events_per_second", std::round(relayed)}, {"bare_per_second", std::round(bare)}, {"ratio", rounded_ratio_of(relayed, bare)}};
  });
  figures named{{"what", row}, {"message_bytes", bytes / all.size()}};
  named.update(made);
  return named;
}

}  // namespace

std::vector<std::string> relay_rows() { return {"json", "msgpack", "exactly-once", "commands"}; }

figures relay_result(const run_options& run, const relay_bench_options& with) {
  return measured("relay", run, 0.5, [&](const std::filesystem::path& directory) {
    const auto store = directory / "relay-store";
    figures rows = figures::array();
    write_history(store, {.events = with.events, .streams = with.streams, .seed = with.seed});
    {
      auto rt = open(store);
      must(rt.host(must(annals::config::hosted().only({"account"}))));
      must(rt.start());
      for (const auto& row : with.rows)
        if (row != "commands") rows.push_back(row_beside_bare(rt, with, row));
    }
    std::filesystem::remove_all(store);
    if (std::find(with.rows.begin(), with.rows.end(), "commands") != with.rows.end())
      for (const auto in_flight : with.in_flight) rows.push_back(commands_beside_relay(directory, with, in_flight));
    return figures{{"events", with.events}, {"streams", with.streams}, {"partitions", with.partitions},
                   {"batch", with.batch},   {"seed", with.seed},       {"rows", std::move(rows)}};
  });
}

}  // namespace bench
