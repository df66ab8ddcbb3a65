#include <annals/runtime.hpp>
#include <cstdio>

struct deposit {
  std::int64_t cents = 0;
  static constexpr auto about = annals::describe<&deposit::cents>("deposit", 1);
};
struct money_deposited {
  std::int64_t cents = 0;
  static constexpr auto about = annals::describe<&money_deposited::cents>("money_deposited", 1);
};
struct account {  // an aggregate: a state, a decision for each command, a change for each event
  static constexpr std::string_view category = "account";
  using commands = annals::types<deposit>;
  using events = annals::types<money_deposited>;
  struct state { std::int64_t cents = 0; };
  static annals::decision<account> decide(const state&, const deposit& c, const annals::context&) {
    if (c.cents <= 0) return annals::reject("bad_amount");
    return money_deposited{c.cents};
  }
  static void evolve(state& s, const money_deposited& e) { s.cents += e.cents; }
};

int main() {
  auto rt = annals::runtime::open("bank.annals");
  if (!rt) return std::puts(rt.error().message().c_str()), 1;
  rt->host<account>().value();
  rt->start().value();
  auto receipt = rt->send<account>("42", deposit{500}).get();  // on disk when you hold it
  std::printf("account 42 is at version %d\n", static_cast<int>(receipt->version));
}
