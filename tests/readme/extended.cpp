// The README's program with a read model and a process manager, and the tests of its domain. Runs both.
#include <annals/runtime.hpp>
#include <annals/testing.hpp>
#include <chrono>
#include <cstdio>
#include <map>
#include <string>

using namespace std::string_literals;

#define main first_program
#include "program.cpp"
#undef main

struct balance_of { std::string account; static constexpr auto about = annals::describe<&balance_of::account>("balance_of", 1); };
struct balances {  // a read model: what each event does to it, and an answer for each query
  static constexpr std::string_view name = "balances";
  using follows = annals::types<account>;
  using queries = annals::types<balance_of>;
  struct model { std::map<std::string, std::int64_t> cents; };
  static void apply(model& m, const money_deposited& e, const annals::record_view& r) { m.cents[std::string{r.key()}] += e.cents; }
  static std::int64_t answer(const model& m, const balance_of& q) { return m.cents.contains(q.account) ? m.cents.at(q.account) : 0; }
};
struct bonus_given { static constexpr auto about = annals::describe("bonus_given", 1); };
struct campaign {  // a process manager: the first 100 deposits of 100.00 or more earn 1.00 each
  static constexpr std::string_view category = "campaign";
  using observes = annals::types<account>;
  using events = annals::types<bonus_given>;
  struct state { int given = 0; };
  static std::optional<std::string> key(const money_deposited& e) { return e.cents < 10'000 ? std::nullopt : std::optional{"spring"s}; }
  static annals::steps<campaign> on(const state& s, const money_deposited&, const annals::context& c) {
    if (s.given == 100) return annals::nothing;
    return {bonus_given{}, annals::send<account>(std::string{c.source.substr(c.source.find('-') + 1)}, deposit{100})};
  }
  static void evolve(state& s, const bonus_given&) { ++s.given; }
};

void test() {
  annals::given<account>(money_deposited{500}).when(deposit{-1}).then_rejects("bad_amount");
  annals::given<account>().when(deposit{500}).then(money_deposited{500});
  annals::process<campaign>("spring").observes<account>("42", money_deposited{10'000})
      .then(bonus_given{}, annals::send<account>("42", deposit{100}));
}

int main() {
  test();
  auto rt = annals::runtime::open("bank.annals");
  if (!rt) return std::puts(rt.error().message().c_str()), 1;
  rt->host<account>().value();
  rt->project<balances>().value();
  rt->orchestrate<campaign>().value();
  rt->start().value();
  rt->send<account>("42", deposit{10'000}).get().value();
  rt->settle(std::chrono::seconds{10}).value();  // until the process manager has nothing left to do
  auto cents = rt->ask<balances>(balance_of{"42"}, annals::at_least{rt->head(), std::chrono::seconds{10}}).get();
  std::printf("account 42 has %lld cents\n", static_cast<long long>(*cents));
}
