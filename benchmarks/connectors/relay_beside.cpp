#include "benchmarks/connectors/idle_time.hpp"
#include "benchmarks/connectors/kafka_cluster.hpp"
#include "benchmarks/connectors/relay.hpp"
#include "benchmarks/must.hpp"
#include "config/hosted.hpp"

#include <annals/kafka_relay.hpp>
#include <annals/runtime.hpp>

#include <cmath>
#include <optional>

namespace bench {
namespace {

/// Follows the log from its head as of each start, so that it has to do what the commands of its slice make, and nothing else.
class relay_in_turn {
public:
  relay_in_turn(annals::runtime& rt, int partitions) : rt_(rt) { cluster_.topic("account", partitions); }

  void turn(bool on) {
    if (on == out_.has_value()) return;
    if (!on) return stop();
    meter_.begin();
    annals::kafka::relay_options how;
    how.name = "beside-" + std::to_string(++lives_);
    how.brokers = cluster_.brokers();
    how.source = "https://bank.example";
    how.from = annals::at_head;
    how.stop_max = std::chrono::milliseconds{0};
    out_.emplace(must(annals::kafka::relay::start(rt_, how)));
  }
  std::uint64_t published() const { return published_; }
  /// That the relay, librdkafka and the brokers use.
  double processors() const { return meter_.processors(); }

private:
  void stop() {
    meter_.end();
    published_ += out_->status().published;
    out_.reset();
  }

  annals::runtime& rt_;
  kafka_cluster cluster_{true};
  std::optional<annals::kafka::relay> out_;
  std::uint64_t lives_ = 0;
  std::uint64_t published_ = 0;
  idle_meter meter_;
};

double thousandths(double processors) { return std::round(1'000 * processors) / 1'000; }

/// What commands lose beside threads that use as much processor time of the lowest priority, and do nothing else.
figures beside_idle_work(load& deposits, const in_turn_options& turns, double processors) {
  std::optional<idle_work> work;
  idle_meter meter;
  const auto found = measure_in_turn(deposits, turns, [&](bool on) {
    if (on == work.has_value()) return;
    if (on) {
      meter.begin();
      work.emplace(processors);
    } else {
      meter.end();
      work.reset();
    }
  });
  return {{"idle_ratio", found["ratio"]}, {"idle_ratio_error", found["ratio_error"]}, {"idle_processors", thousandths(meter.processors())}};
}

}  // namespace

figures commands_beside_relay(const std::filesystem::path& directory, const relay_bench_options& with, std::size_t in_flight) {
  const auto store = directory / "relay-store";
  std::filesystem::remove_all(store);
  auto rt = must(annals::runtime::open(store, {}));
  must(rt.host(must(annals::config::hosted().only({"account", "balances"}))));
  must(rt.start());
  load deposits{rt, with.aggregates, with.seed};
  deposits.open_accounts();
  deposits.closed_loop(in_flight, 1);
  auto turns = with.turns;
  turns.in_flight = in_flight;
  figures row{{"what", "commands"}, {"in_flight", in_flight}};
  double processors = 0;
  {
    relay_in_turn relay{rt, with.partitions};
    row.update(measure_in_turn(deposits, turns, [&](bool on) { relay.turn(on); }));
    row["relayed"] = relay.published();
    processors = relay.processors();
  }
  row["processors"] = thousandths(processors);
  row.update(beside_idle_work(deposits, turns, processors));
  rt.close();
  std::filesystem::remove_all(store);
  return row;
}

}  // namespace bench
