// The README's other pieces of C++, each in a frame that makes it whole. They are compiled only; check.py compares them.
#include <annals/runtime.hpp>
#include <projections/balances.hpp>

#include <array>
#include <chrono>
#include <cstdio>
#include <optional>
#include <thread>

using bank::account;
using bank::deposit;
using projections::balance_of;
using projections::balances;

void send_a_command_again(std::optional<annals::runtime>& rt) {
  const annals::send_options once{.id = "refund-17", .since = rt->head()};  // before the first send; keep both
  auto sent = rt->send<account>("42", deposit{500}, once).get();
  if (!sent && sent.error().code == annals::errc::unknown)  // no answer: nobody knows whether it is on disk
    sent = rt->send<account>("42", deposit{500}, once).get();  // safe: one effect, also after a restart
}

void ask_a_read_model(std::optional<annals::runtime>& rt) {
  auto receipt = rt->send<account>("42", deposit{500}).get();
  const annals::at_least mine{receipt->token, std::chrono::milliseconds{50}};  // so long it may take until the model has it
  auto balance = rt->ask<balances>(balance_of{"42"}, mine).get();             // by message; then() instead of get() does not wait
  rt->read<balances>([](const balances::model& m, annals::position) {         // in this thread, without a message or a copy
    std::printf("%zu accounts\n", m.accounts.size());
  }).value();
  static_cast<void>(balance);
}

void read_models_that_last(std::optional<annals::runtime>& rt) {
  rt->rebuild<balances>().get().value();               // from position 1 with today's code; the old model answers meanwhile
  for (const auto& p : rt->parked("balances").value())  // what it could not apply: where, why, how often tried
    rt->retry_parked("balances", p.at).get().value();  // or skip_parked(): a decision, kept in the log
}

struct customer_created_v1 {
  std::string name;
  static constexpr auto about = annals::describe<&customer_created_v1::name>("customer_created", 1);
};
struct customer_created {
  std::string name, email;
  static constexpr auto about = annals::describe<&customer_created::name, &customer_created::email>("customer_created", 2);
  using before = customer_created_v1;
  static customer_created upcast(const customer_created_v1& old) { return {old.name, "unknown"}; }
  static constexpr std::array formerly{"client_created"};  // what its type was called before
};

/// Whoever has such events.
struct customer {
  static constexpr std::string_view category = "customer";
  using commands = annals::types<>;
  using events = annals::types<customer_created>;
  struct state {};
  static void evolve(state&, const customer_created&) {}
};
annals::result<void> change_an_event(annals::runtime& rt) { return rt.host<customer>(); }

annals::result<void> send_mail(const annals::record_view& about);

void subscribe_to_the_log(std::optional<annals::runtime>& rt) {
  auto mail = rt->subscribe("mail", {.types = {"order_shipped"}}).value();
  std::thread worker{[&] { mail.run([&](const annals::delivered& event) { return send_mail(event.record); }).value(); }};
  worker.join();
}
