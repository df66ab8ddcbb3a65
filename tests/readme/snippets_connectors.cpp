// The guide's code that needs annals::kafka, annals::postgresql and annals::redis (connecting.md).
#include <annals/kafka_intake.hpp>
#include <annals/kafka_relay.hpp>
#include <annals/postgresql.hpp>
#include <annals/redis.hpp>
#include <annals/runtime.hpp>
#include <bank/account.hpp>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <system_error>

using bank::account;
using bank::account_opened;
using bank::deposit;
using bank::money_deposited;
using namespace std::chrono_literals;

annals::result<annals::kafka::relay> publish_the_accounts(annals::runtime& rt) {
  annals::kafka::relay_options with;
  with.name = "bank-events";
  with.brokers = "kafka-1:9092,kafka-2:9092";
  with.source = "https://bank.example";
  with.topic_prefix = "bank.";        // accounts go to bank.account
  with.categories = {"account"};
  with.failure.then = annals::on_failure::park_stream;  // a consumer of one stream gets all of it, or nothing more of it
  with.properties = {{"security.protocol", "SASL_SSL"},
                     {"ssl.ca.location", "/etc/ssl/certs/ca-certificates.crt"},
                     {"sasl.mechanisms", "SCRAM-SHA-512"},
                     {"sasl.username", "bank"},
                     {"sasl.password", "…"}};
  return annals::kafka::relay::start(rt, with);
}

void look_at_the_relay(const annals::kafka::relay& out) {
  const auto now = out.status();
  if (!now.is_running || !now.is_connected) std::fprintf(stderr, "%s\n", now.last_error ? now.last_error->message().c_str() : "stopped");
}

/// After the topic's limit has been raised, say.
annals::result<void> publish_what_is_parked(annals::kafka::relay& out) {
  const auto all = out.parked();
  if (!all) return all.error();
  for (const auto& one : *all) {
    auto ok = out.retry(one.at).get();
    // With park_stream the first parked event of a stream takes the later ones along.
    const bool goes_along = !ok && (ok.error().code == annals::errc::misuse || ok.error().code == annals::errc::not_found);
    if (!ok && !goes_along) return ok;
  }
  return {};
}

/// Key: the account; value: the amount in cents.
annals::result<std::optional<annals::kafka::order>> deposit_of(const annals::kafka::message& from) {
  if (!from.key || !from.value) return std::optional<annals::kafka::order>{};  // means nothing here: passed over
  std::int64_t cents = 0;
  const auto read = std::from_chars(from.value->begin(), from.value->end(), cents);
  if (read.ec != std::errc{} || read.ptr != from.value->end()) return annals::error{annals::errc::undecodable, "no amount", std::string{*from.value}};
  return std::optional{annals::kafka::order::to<account>(std::string{*from.key}, deposit{cents})};
}

annals::result<annals::kafka::intake> take_deposits(annals::node& bank) {
  annals::kafka::intake_options with;
  with.group = "bank";
  with.brokers = "kafka-1:9092,kafka-2:9092";
  with.topics = {"deposits"};
  with.map = deposit_of;
  with.dead_letter_topic = "deposits-refused";
  return annals::kafka::intake::start(bank, with);
}

struct balances_table {
  static constexpr std::string_view name = "balances";  // of the schema
  using follows = annals::types<account>;
  using model = annals::postgresql::statements;
  static void schema(model& to) { to.sql("create table accounts (id text primary key, owner text not null, cents bigint not null)"); }
  static void apply(model& to, const account_opened& e, const annals::record_view& r) {
    to.sql("insert into accounts values ($1, $2, 0)", r.key(), e.owner);
  }
  static void apply(model& to, const money_deposited& e, const annals::record_view& r) {
    to.one("update accounts set cents = cents + $2 where id = $1", r.key(), e.cents);
  }
};

annals::result<annals::postgresql::projection> keep_the_table(annals::runtime& rt) {
  return annals::postgresql::projection::start<balances_table>(rt, {.connection = "host=/run/postgresql dbname=bank"});
}

struct balances_in_redis {
  static constexpr std::string_view name = "balances";
  using follows = annals::types<account>;
  using model = annals::redis::commands;
  static void apply(model& to, const account_opened& e, const annals::record_view& r) { to.hset("owner", r.key(), e.owner); }
  static void apply(model& to, const money_deposited& e, const annals::record_view& r) {
    to.hincr_by("cents", r.key(), e.cents);
    to.zincr_by("richest", r.key(), static_cast<double>(e.cents));
  }
};

annals::result<annals::redis::projection> keep_the_keys(annals::runtime& rt) {
  return annals::redis::projection::start<balances_in_redis>(rt, {.address = "/run/redis/redis.sock"});
}

annals::result<void> deposit_and_see_the_row(annals::runtime& rt, annals::postgresql::projection& table) {
  const auto receipt = rt.send<account>("42", deposit{500}).get();
  if (!receipt) return receipt.error();
  return table.wait_for(receipt->token, 1s);  // the row is there now
}
