#include "balances.hpp"

#include <annals/runtime.hpp>

#include <chrono>
#include <cstdio>

int main() {
  auto rt = annals::runtime::open("bank.annals");
  if (!rt) return std::puts(rt.error().message().c_str()), 1;
  rt->host<account>().value();
  rt->project<balances>().value();
  rt->start().value();

  auto paid_in = rt->send<account>("42", deposit{500}).get().value();
  auto refused = rt->send<account>("42", withdraw{1'000'000}).get();
  std::printf("version %d; a withdrawal of 10,000.00 is %s\n", static_cast<int>(paid_in.version), refused.error().reason.c_str());

  const annals::at_least mine{paid_in.token, std::chrono::seconds{5}};
  auto balance = rt->ask<balances>(balance_of{"42"}, mine).get().value();
  std::printf("account 42 has %lld cents\n", static_cast<long long>(balance));
}
