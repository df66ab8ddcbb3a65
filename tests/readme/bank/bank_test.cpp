#include "balances.hpp"

#include <annals/testing.hpp>

#include <cstdio>

void money_goes_in_and_out() {
  auto ada = annals::given<account>(money_deposited{500});
  ada.when(withdraw{200}).then(money_withdrawn{200});
  ada.when(withdraw{301}).then_rejects("insufficient_funds");
}

void balances_add_up() {
  auto read = annals::project<balances>();
  read.event<account>("42", money_deposited{500}).event<account>("43", money_deposited{7}).event<account>("42", money_withdrawn{200});
  if (read.ask(balance_of{"42"}) != 300) throw annals::expectation_failed("account 42 has 300 cents");
}

int main() {
  try {
    money_goes_in_and_out();
    balances_add_up();
    annals::replays_alike<account>(money_deposited{500}, money_withdrawn{200});
  } catch (const annals::expectation_failed& wrong) {
    return std::puts(wrong.what()), 1;
  }
}
