// The guide's actor of a host (across-nodes.md): a teller, on CAF, that pays in and asks for the balance. Run in an empty directory.
#include <annals/caf.hpp>
#include <annals/runtime.hpp>
#include <bank/account.hpp>
#include <projections/balances.hpp>

#include <caf/all.hpp>

#include <chrono>
#include <cstdio>
#include <string>

using bank::account;
using bank::deposit;
using projections::balance;
using projections::balance_of;
using projections::balances;

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(projections::balance)

void teller(caf::event_based_actor* self, const caf::actor& ledger, const std::string& account_number) {
  constexpr std::chrono::seconds longest{30};
  const auto failed = [](const caf::error& e) { std::puts(annals::error_of(e).message().c_str()); };
  self->request(ledger, longest, annals::caf_command<account>(account_number, deposit{500}))
      .then(
          [=](const annals::receipt& receipt) {
            const annals::at_least mine{receipt.token, longest};
            self->request(ledger, longest, annals::caf_query<balances>(balance_of{account_number}, mine))
                .then([](const balance& b) { std::printf("%lld cents\n", static_cast<long long>(b.cents)); }, failed);
          },
          failed);
}

int main() {
  auto rt = annals::runtime::open("bank.annals").value();
  rt.host<account>().value();
  rt.project<balances>().value();
  rt.start().value();
  rt.send<account>("42", bank::open_account{"Ada"}).get().value();

  caf::actor_system_config config;
  caf::actor_system system{config};
  const annals::caf_gateway ledger{system, rt};  // after both: it ends before them
  caf::scoped_actor self{system};
  for (const auto* account_number : {"42", "43"})  // nobody has opened 43: its teller gets the error as a message
    self->wait_for(system.spawn(teller, ledger.actor(), account_number));
}
