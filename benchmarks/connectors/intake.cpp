#include "benchmarks/connectors/intake.hpp"

#include "benchmarks/connectors/bare_kafka.hpp"
#include "benchmarks/connectors/by_hand.hpp"
#include "benchmarks/load.hpp"
#include "benchmarks/medians.hpp"
#include "benchmarks/must.hpp"
#include "benchmarks/which_account.hpp"
#include "config/hosted.hpp"

#include <annals/kafka_intake.hpp>
#include <annals/runtime.hpp>

#include <bank/account.hpp>

#include <charconv>
#include <cmath>
#include <functional>
#include <thread>

namespace bench {
namespace {

namespace kafka = annals::kafka;

constexpr const char* deposits_topic = "deposits";

/// Key: the account; value: cents.
annals::result<std::optional<kafka::order>> deposit_in(const kafka::message& from) {
  std::int64_t cents = 0;
  const auto text = from.value.value_or("");
  if (std::from_chars(text.data(), text.data() + text.size(), cents).ec != std::errc{})
    return annals::error{annals::errc::undecodable, "no number", std::string{text}};
  return std::optional{kafka::order::to<bank::account>(std::string{from.key.value_or("")}, bank::deposit{cents, {}})};
}

void fill(const kafka_cluster& cluster, const intake_bench_options& with) {
  std::vector<bare_message> all;
  all.reserve(with.messages);
  for (std::uint64_t n = 0; n < with.messages; ++n)
    all.push_back({std::to_string(which_account(n, with.seed, with.aggregates)), "1", {}, 1'700'000'000'000});
  (void)produce_bare(cluster, deposits_topic, all, 0);
}

/// With a store of its own, whose accounts are open.
double measured_with_accounts(const std::filesystem::path& directory, const intake_bench_options& with,
                              const std::function<double(annals::runtime&, load&)>& measure) {
  const auto store = directory / "intake-store";
  std::filesystem::remove_all(store);
  auto rt = must(annals::runtime::open(store, {}));
  must(rt.host(must(annals::config::hosted().only({"account", "balances"}))));
  must(rt.start());
  load deposits{rt, with.aggregates, with.seed};
  deposits.open_accounts();
  const auto rate = measure(rt, deposits);
  rt.close();
  std::filesystem::remove_all(store);
  return rate;
}

double taken_per_second(annals::runtime& rt, const kafka_cluster& cluster, const intake_bench_options& with, std::size_t in_flight) {
  kafka::intake_options how;
  how.group = "bank";
  how.brokers = cluster.brokers();
  how.topics = {deposits_topic};
  how.map = deposit_in;
  how.dead_letter_topic = "dead";
  how.in_flight_max = in_flight;
  auto in = must(kafka::intake::start(rt, how));
  rate_of rate;
  for (;;) {
    const auto now = in.status();
    if (!now.is_running || now.refused > 0) fail("intake: " + (now.last_error ? now.last_error->message() : "messages were refused"));
    rate.seen(now.accepted);
    if (now.accepted >= with.messages) return rate.per_second();
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
}

figures row_of_intake(const std::filesystem::path& directory, const intake_bench_options& with, std::size_t in_flight) {
  auto made = medians(with.runs, "ratio", [&] {
    kafka_cluster cluster;
    cluster.topic(deposits_topic, with.partitions);
    cluster.topic("dead", 1);
    fill(cluster, with);
    const auto consumed = consume_bare(cluster, deposits_topic, with.messages);
    const auto deposited = measured_with_accounts(directory, with, [&](annals::runtime&, load& deposits) {
      deposits.closed_loop(in_flight, 0.5);
      const auto seconds = deposits.closed_loop(in_flight, 3);
      return static_cast<double>(deposits.slices().front().times.total()) / seconds;
    });
    const auto by_hand = measured_with_accounts(
        directory, with, [&](annals::runtime& rt, load&) { return deposit_by_hand(rt, cluster, deposits_topic, with.messages, in_flight); });
    const auto taken =
        measured_with_accounts(directory, with, [&](annals::runtime& rt, load&) { return taken_per_second(rt, cluster, with, in_flight); });
    return figures{{"messages_per_second", std::round(taken)},
                   {"bare_consumer_per_second", std::round(consumed)},
                   {"deposits_per_second", std::round(deposited)},
                   {"by_hand_per_second", std::round(by_hand)},
                   {"ratio", std::round(1'000 * taken / by_hand) / 1'000}};
  });
  figures named{{"in_flight", in_flight}};
  named.update(made);
  return named;
}

}  // namespace

figures intake_result(const run_options& run, const intake_bench_options& with) {
  return measured("intake", run, 0.5, [&](const std::filesystem::path& directory) {
    figures rows = figures::array();
    for (const auto in_flight : with.in_flight) rows.push_back(row_of_intake(directory, with, in_flight));
    return figures{{"messages", with.messages},
                   {"aggregates", with.aggregates},
                   {"partitions", with.partitions},
                   {"seed", with.seed},
                   {"rows", std::move(rows)}};
  });
}

}  // namespace bench
