// The guide's tests of a domain (testing.md). They are run; a failed expectation ends the program with status 1.
#include <annals/testing.hpp>
#include <bank/transfer.hpp>
#include <projections/balances.hpp>

#include <chrono>
#include <cstdio>

using namespace bank;
using projections::balance_of;
using projections::balances;

void aggregates() {
  annals::given<account>(account_opened{"Ada"}).when(withdraw{5}).then_rejects("insufficient_funds");

  auto ada = annals::given<account>(account_opened{"Ada"});
  ada.when(deposit{500}).then(money_deposited{500});
  ada.when(withdraw{200}).then(money_withdrawn{200});  // after the deposit
  ada.at_time(1'767'225'600'000'000).with_key("42").as("teller").when(withdraw{301}).then_rejects("insufficient_funds");
}

void read_models() {
  auto model = annals::project<balances>();
  model.event<account>("42", account_opened{"Ada"}).event<account>("42", money_deposited{5});
  if (model.ask(balance_of{"42"}).cents != 5) throw annals::expectation_failed("account 42 has 5 cents");
}

void process_managers() {
  auto t1 = annals::process<transferring>("t1");
  t1.observes<transfer>("t1", transfer_requested{"t1", "42", "43", 5})
      .then(transfer_begun{"42", "43", 5}, annals::send<account>("42", withdraw{5, "t1"}));
  t1.hears_rejection<account>("42", withdraw{5, "t1"}, "insufficient_funds")
      .then(transferring_ended{}, annals::send<transfer>("t1", fail_transfer{"insufficient_funds"}));
  t1.elapse(std::chrono::hours{24}).then_nothing();  // no timer was due
}

void replays() {
  annals::replays_alike<account>(account_opened{"Ada"}, money_deposited{5}, money_withdrawn{5});
}

int main() {
  try {
    aggregates();
    read_models();
    process_managers();
    replays();
  } catch (const annals::expectation_failed& wrong) {
    return std::puts(wrong.what()), 1;
  }
}
