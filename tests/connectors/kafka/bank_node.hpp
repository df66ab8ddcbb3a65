// A runtime with bank accounts, in a directory that goes with it.
#pragma once

#include "support/temporary_directory.hpp"
#include "support/wait_until.hpp"

#include <annals/kafka_relay.hpp>
#include <annals/runtime.hpp>

#include <bank/account.hpp>
#include <config/hosted.hpp>

#include <map>
#include <string>
#include <vector>

namespace kafka_test {

struct bank_node {
  temporary_directory directory;
  annals::runtime rt = open();

  annals::runtime open() {
    annals::options with;
    with.log_map_bytes = with.derived_map_bytes = std::uint64_t{1} << 28;
    with.log_sink = [](annals::log_level, std::string_view) {};
    auto made = annals::runtime::open(directory / "store", with).value();
    annals::config::host_all(made).value();
    made.start().value();
    return made;
  }
  annals::receipt open_account(const std::string& key, const std::string& owner = "Ada", annals::send_options with = {}) {
    return rt.send<bank::account>(key, bank::open_account{owner}, std::move(with)).get().value();
  }
  annals::receipt deposit(const std::string& key, std::int64_t cents) { return rt.send<bank::account>(key, bank::deposit{cents, {}}).get().value(); }

  annals::kafka::relay_options to(const std::string& brokers) const {
    annals::kafka::relay_options with;
    with.name = "out";
    with.brokers = brokers;
    with.source = "https://bank.example";
    with.failure.first_pause = std::chrono::milliseconds{1};
    with.failure.attempts = 2;
    with.stop_max = std::chrono::milliseconds{300};
    with.background = false;  // other tests may use all processors
    with.properties = {{"topic.metadata.refresh.fast.interval.ms", "20"},
                       {"reconnect.backoff.ms", "10"},
                       {"reconnect.backoff.max.ms", "50"},
                       {"retry.backoff.ms", "10"}};
    with.warn = [](std::string_view) {};
    return with;
  }
  annals::subscription_health subscription() const { return rt.health().subscriptions.at(0); }
  /// Until so many events are parked.
  std::vector<annals::parked_event> wait_for_parked(std::size_t count) const {
    wait_until([&] { return rt.parked("subscription/out").value().size() == count; });
    return rt.parked("subscription/out").value();
  }
  /// Until the subscription is done with everything.
  void wait_for_relay() const {
    wait_until([&] { return subscription().at == rt.head().at; });
  }
};

}  // namespace kafka_test
