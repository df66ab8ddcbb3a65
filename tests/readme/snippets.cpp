// The guide's pieces of C++ about a runtime and a store, each in a function that makes it complete. They are compiled only;
// check.py compares them with the pages.
#include <annals/config.hpp>
#include <annals/fold.hpp>
#include <annals/runtime.hpp>
#include <annals/salvage.hpp>
#include <annals/store_view.hpp>
#include <bank/transfer.hpp>
#include <projections/balances.hpp>

#include <chrono>
#include <cstdio>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using bank::account;
using bank::deposit;
using bank::transfer;
using bank::transferring;
using bank::withdraw;
using projections::balance_of;
using projections::balances;

// aggregates.md

void send_a_command(std::optional<annals::runtime>& rt) {
  auto receipt = rt->send<account>("42", withdraw{500}).get();
  if (receipt)
    std::printf("on disk: version %d\n", static_cast<int>(receipt->version));
  else if (receipt.error().code == annals::errc::rejected)
    std::printf("refused: %s\n", receipt.error().reason.c_str());  // "insufficient_funds", from decide
  else
    std::puts(receipt.error().message().c_str());
}

void without_waiting(std::optional<annals::runtime>& rt) {
  rt->send<account>("42", deposit{500}).then([](annals::result<annals::receipt> answer) {
    if (!answer) std::puts(answer.error().message().c_str());  // in a thread of the runtime: do not wait here
  });
}

void expect_a_version(std::optional<annals::runtime>& rt) {
  auto first = rt->send<account>("42", deposit{500}, {.expect = annals::expectation::none()}).get();  // the stream must be new
  auto next = rt->send<account>("42", deposit{500}, {.expect = first->version}).get();  // nothing may have come in between
  if (!next && next.error().code == annals::errc::conflict)
    std::printf("it is at version %d\n", static_cast<int>(next.error().actual_version));
}

void send_a_command_again(std::optional<annals::runtime>& rt) {
  const annals::send_options once{.id = "refund-17", .since = rt->head()};  // before the first send; keep both
  auto sent = rt->send<account>("42", deposit{500}, once).get();
  if (!sent && sent.error().code == annals::errc::unknown)  // no answer: nobody knows whether it is on disk
    sent = rt->send<account>("42", deposit{500}, once).get();  // safe: one effect, also after a restart
}

// read-models.md

void ask_a_read_model(std::optional<annals::runtime>& rt) {
  auto receipt = rt->send<account>("42", deposit{500}).get();
  const annals::at_least mine{receipt->token, std::chrono::milliseconds{50}};  // the longest wait for the model to get there
  auto balance = rt->ask<balances>(balance_of{"42"}, mine).get();             // by message; then() instead of get() does not wait
  rt->read<balances>([](const balances::model& m, annals::position) {         // in this thread, without a message or a copy
    std::printf("%zu accounts\n", m.accounts.size());
  }).value();
  static_cast<void>(balance);
}

void carry_a_token(std::optional<annals::runtime>& rt) {
  const std::string text = annals::to_string(rt->head());      // "1.<history>.<position>": for a URL, JSON, a log line
  const annals::token seen = annals::token_of(text).value();   // undecodable if it is no token
  static_cast<void>(seen);
}

// subscriptions.md

annals::result<void> send_mail(const annals::record_view& about);

void subscribe_to_the_log(std::optional<annals::runtime>& rt) {
  auto mail = rt->subscribe("mail", {.types = {"order_shipped"}}).value();
  std::thread worker{[&] { mail.run([&](const annals::delivered& event) { return send_mail(event.record); }).value(); }};
  worker.join();
}

void ask_by_yourself(std::optional<annals::runtime>& rt, bool& wanted) {
  auto audit = rt->subscribe("audit", {.categories = {"account"}, .ack_time_out = std::chrono::minutes{1}}).value();
  while (wanted) {
    auto events = audit.next(1, std::chrono::seconds{1});
    if (!events) break;  // closed, subscription_stopped, …
    for (const auto& event : *events) {
      auto decoded = event.event<account>();
      auto durable = decoded ? audit.ack(event) : audit.nack(event, decoded.error().message());
      // durable.get() waits until the log has it; nobody needs to wait for that
    }
  }
}

void what_a_subscription_parked(annals::subscription& mail) {
  for (const auto& p : mail.parked().value()) {
    std::printf("position %llu: %s\n", static_cast<unsigned long long>(p.at), p.error.c_str());
    mail.retry(p.at).get().value();  // or skip(p.at): the decision is durable
  }
}

// when-something-fails.md

void be_told(annals::options& with) {
  with.on_failure = [](const annals::failure& f) { std::cerr << f.who << ": " << f.detail << "\n"; };
  with.on_parked = [](const annals::parked_notice& n) { std::cerr << n.owner << " parked " << n.at << ": " << n.error << "\n"; };
  with.log_sink = [](annals::log_level, std::string_view line) { std::clog << line << "\n"; };
}

void deal_with_parked_events(std::optional<annals::runtime>& rt) {
  for (const auto& p : rt->parked("balances").value())  // what it could not apply: where, why, how often tried
    rt->retry_parked("balances", p.at).get().value();  // or skip_parked(): a decision, kept in the log
}

void is_it_well(std::optional<annals::runtime>& rt) {
  const auto now = rt->health();
  if (!now.well() && now.journal_stopped) std::puts(now.journal_stopped->message().c_str());
}

void save_what_is_sound() {
  auto saved = annals::salvage("shop", "sound", [](const annals::record_view& r) { std::cerr << r.stream << " " << r.version << "\n"; });
  if (saved) std::printf("%llu records saved, %llu lost\n", static_cast<unsigned long long>(saved->records),
                         static_cast<unsigned long long>(saved->lost));
}

// snapshots-and-rebuild.md

void rebuild_a_model(std::optional<annals::runtime>& rt) {
  rt->rebuild<balances>().get().value();               // from position 1 with today's code; the old model answers meanwhile
}

// looking-back.md

void how_it_was(std::optional<annals::runtime>& rt, annals::position position) {
  auto state = rt->state_of<account>("42", {.version = 7}).value();       // also {.position = …} and {.time = …}
  auto past = rt->model_at<balances>(position).value();                   // built separately; past.left_out lists what it could not apply
  auto one = rt->model_at<balances>(position, std::vector<std::string>{"account-42"}).value();  // from these streams only
  std::printf("%lld cents then\n", static_cast<long long>(state.state.cents));
  static_cast<void>(past), static_cast<void>(one);
}

void what_happened(std::optional<annals::runtime>& rt) {
  for (const auto& past : rt->history<account>("42").value())
    if (const auto* in = std::get_if<bank::money_deposited>(&past.event))
      std::printf("version %d: %lld cents\n", static_cast<int>(past.version), static_cast<long long>(in->cents));
  rt->log(1, 1'000, [](const annals::record_view& r) {  // the raw log, without types; returns where to go on
    std::cout << r.at << " " << r.stream << " " << r.type << "\n";
    return true;
  }).value();
}

void look_from_another_process() {
  auto view = annals::store_view::open("bank.annals").value();
  balances::model model;
  auto next = annals::fold<balances>(view, model).value();  // up to the head at the time of the call
  next = annals::fold<balances>(view, model, next).value();  // and the events written since
  auto state = view.state_of<account>("42").value();
  std::printf("%zu accounts, %llu records\n", model.accounts.size(), static_cast<unsigned long long>(view.stats()->readable));
  static_cast<void>(state);
}

void look_without_types(annals::runtime& rt) {
  const annals::view in = rt.view();  // in another process: annals::store_view::open("bank.annals", types)
  for (const auto& one : in.page_of_streams("account-").value().streams) std::cout << one.name << " " << one.newest << "\n";
  auto past = in.state_of(in.types(), "account-42", {.version = 7}).value();
  std::cout << in.types().state_json("account-42", past.state).value() << "\n";
  std::cout << in.model_at("balances", in.head()->at).value().json << "\n";
  in.search({.correlation = "order-1"}, {}, [](const annals::record_view& r) {  // newest first, 100,000 records at a time
    std::cout << r.at << " " << r.stream << " " << r.type << "\n";
    return true;
  }).value();
  std::cout << in.count_instances("transferring").value().waiting << " transfers wait for a timer\n";
  for (const auto& one : in.instances({"transferring", annals::instance_state::stuck}).value().instances)
    std::cout << one.stream << ": " << one.parked->error << "\n";
}

// operating.md

annals::hosted_types types_of_the_bank() {
  annals::hosted_types all;
  all.host<account>().host<transfer>().project<balances>().orchestrate<transferring>();
  return all;
}

annals::result<void> serve() {
  auto options = annals::config::load("annals.toml");
  if (!options) return options.error();  // file, line and what is wrong there
  auto rt = annals::runtime::open("bank.annals", *options);
  if (!rt) return rt.error();
  if (auto ok = rt->host(types_of_the_bank()); !ok) return ok;
  return rt->start();
}

void wait_for_the_end() {}

annals::result<void> serve_others(annals::runtime& rt) {
  auto with = annals::config::load_listen("serve.toml");
  if (!with) return with.error();  // file, line and what is wrong there
  auto door = rt.listen(*with);
  if (!door) return door.error();  // the port is taken, say
  wait_for_the_end();
  rt.close();  // answers what was taken, then ends the listener
  return {};
}

annals::result<projections::balance> deposit_and_see(annals::node& on, const std::string& key, std::int64_t cents) {
  auto receipt = on.send<account>(key, deposit{cents}).get();
  if (!receipt) return receipt.error();
  return on.ask<balances>(balance_of{key}, annals::at_least{receipt->token, std::chrono::seconds{1}}).get();
}

void look_after_it(annals::runtime& rt) {
  rt.backup("bank-copy").value();
  rt.settle(std::chrono::seconds{10}).value();  // nothing in flight, and the process managers wait for timers only
  rt.close();
}
