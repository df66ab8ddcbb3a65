// One mistake for each name; without a name all of it compiles. The driver, check.py, says what the compiler must name.
#include <annals/runtime.hpp>

struct deposit {
  std::int64_t cents = 0;
  static constexpr auto about = annals::describe("deposit", 1, annals::field{"cents", &deposit::cents});
};
struct withdraw {
  std::int64_t cents = 0;
  static constexpr auto about = annals::describe("withdraw", 1, annals::field{"cents", &withdraw::cents});
};
struct money_deposited_v1 {
  std::int64_t euros = 0;
  static constexpr auto about = annals::describe("money_deposited", 1, annals::field{"euros", &money_deposited_v1::euros});
};
struct money_deposited_v2 {
  std::int64_t cents = 0;
#if defined(OLD_FORM_OF_ANOTHER_NAME)
  static constexpr auto about = annals::describe("deposited", 2, annals::field{"cents", &money_deposited_v2::cents});
#elif defined(OLD_FORM_OF_THE_SAME_SCHEMA)
  static constexpr auto about = annals::describe("money_deposited", 3, annals::field{"cents", &money_deposited_v2::cents});
#elif defined(OLD_FORM_BELOW_THE_OLDER_ONE)
  static constexpr auto about = annals::describe("money_deposited", 1, annals::field{"cents", &money_deposited_v2::cents});
#else
  static constexpr auto about = annals::describe("money_deposited", 2, annals::field{"cents", &money_deposited_v2::cents});
#endif
#ifndef UPCAST_WITHOUT_AN_OLD_FORM
  using before = money_deposited_v1;
#endif
#if defined(UPCAST_OF_ANOTHER_TYPE)
  static money_deposited_v2 upcast(std::int64_t euros) { return {euros * 100}; }
#elif !defined(NO_UPCAST)
  static money_deposited_v2 upcast(const money_deposited_v1& old) { return {old.euros * 100}; }
#endif
#ifdef FORMER_NAME_OF_AN_OLD_FORM
  static constexpr std::array formerly{"deposited"};
#endif
};
struct money_deposited {
  std::int64_t cents = 0;
  std::string currency;
  static constexpr auto about = annals::describe("money_deposited", 3, annals::field{"cents", &money_deposited::cents},
                                                 annals::field{"currency", &money_deposited::currency});
  using before = money_deposited_v2;
  static money_deposited upcast(const money_deposited_v2& old) { return {old.cents, "EUR"}; }
#if defined(FORMER_NAME_OF_ANOTHER_EVENT)
  static constexpr std::array formerly{"deposited", "money_withdrawn"};
#elif defined(FORMER_NAME_TWICE)
  static constexpr std::array formerly{"deposited", "deposited"};
#else
  static constexpr std::array formerly{"deposited", "money_came"};
#endif
};
struct money_withdrawn {
  std::int64_t cents = 0;
#ifdef EVENT_NAMED_TWICE
  static constexpr auto about = annals::describe("money_deposited", 1, annals::field{"cents", &money_withdrawn::cents});
#else
  static constexpr auto about = annals::describe("money_withdrawn", 1, annals::field{"cents", &money_withdrawn::cents});
#endif
};

/// An overload for it takes a withdraw, too, when there is none for that.
struct anything {
  anything(const withdraw&) {}
};
struct base_of_state {};

struct account {
  static constexpr std::string_view category = "account";
#ifdef COMMAND_NAMED_TWICE
  using commands = annals::types<deposit, withdraw, deposit>;
#else
  using commands = annals::types<deposit, withdraw>;
#endif
  using events = annals::types<money_deposited, money_withdrawn>;
  struct state : base_of_state {
    std::int64_t cents = 0;
  };
  using decision = annals::decision<account>;

  static decision decide(const state&, const deposit& c, const annals::context&) { return money_deposited{c.cents, "EUR"}; }
#if defined(NO_DECIDE)
#elif defined(DECIDE_OF_ANOTHER_TYPE)
  static decision decide(const state&, const anything&, const annals::context&) { return annals::nothing; }
#elif defined(DECIDE_OF_A_BASE)
  static decision decide(const base_of_state&, const withdraw&, const annals::context&) { return annals::nothing; }
#elif defined(EVENT_OF_SOMEBODY_ELSE)
  static decision decide(const state&, const withdraw& c, const annals::context&) { return deposit{c.cents}; }
#else
  static decision decide(const state&, const withdraw& c, const annals::context&) { return money_withdrawn{c.cents}; }
#endif
  static void evolve(state& s, const money_deposited& e) { s.cents += e.cents; }
#if defined(EVOLVE_OF_A_COPY)
  static void evolve(state s, const money_withdrawn& e) { s.cents -= e.cents; }
#elif !defined(NO_EVOLVE)
  static void evolve(state& s, const money_withdrawn& e) { s.cents -= e.cents; }
#endif
};

struct balance_of {
  std::string account;
  static constexpr auto about = annals::describe("balance_of", 1, annals::field{"account", &balance_of::account});
};

struct balances {
  static constexpr std::string_view name = "balances";
  using follows = annals::types<account>;
  using queries = annals::types<balance_of>;
  struct model {
    std::int64_t cents = 0;
  };
#if defined(APPLY_WITHOUT_A_RECORD)
  static void apply(model& m, const money_deposited& e) { m.cents += e.cents; }
#elif defined(APPLY_OF_A_COPY_OF_THE_EVENT)
  static void apply(model& m, money_deposited e, const annals::record_view&) { m.cents += e.cents; }
#elif defined(APPLY_TO_A_COPY_OF_THE_MODEL)
  static void apply(model m, const money_deposited& e, const annals::record_view&) { m.cents += e.cents; }
#elif defined(APPLY_OF_NO_EVENT_IT_FOLLOWS)
  static void apply(model& m, const deposit& e, const annals::record_view&) { m.cents += e.cents; }
#elif defined(APPLY_THAT_IS_NOT_STATIC)
  void apply(model& m, const money_deposited& e, const annals::record_view&) { m.cents += e.cents; }
#elif !defined(NO_APPLY)
  static void apply(model& m, const money_deposited& e, const annals::record_view&) { m.cents += e.cents; }
#endif
#if defined(APPLY_OF_ONE_WITHOUT_A_RECORD)
  static void apply(model& m, const money_withdrawn& e) { m.cents -= e.cents; }
#endif
#if defined(EFFECT_WITHOUT_A_RECORD)
  static void effect(const money_deposited&) {}
#elif defined(EFFECT_WITH_THE_MODEL)
  static void effect(model&, const money_deposited&, const annals::record_view&) {}
#elif defined(EFFECT_OF_NO_EVENT_IT_FOLLOWS)
  static void effect(const deposit&, const annals::record_view&) {}
#elif defined(EFFECT_OF_ONE_OF_A_COPY)
  static void effect(const money_deposited&, const annals::record_view&) {}
  static void effect(money_withdrawn, const annals::record_view&) {}
#endif
#ifndef NO_ANSWER
  static std::int64_t answer(const model& m, const balance_of&) { return m.cents; }
#endif
};

/// One for all: no mistake.
struct counting final {
  static constexpr std::string_view name = "counting";
  using follows = annals::types<account>;
  using queries = annals::types<>;
  struct model {
    std::int64_t events = 0;
  };
  template <class E>
  static void apply(model& m, const E&, const annals::record_view&) noexcept { ++m.events; }
  static void effect(const annals::one_of<annals::types<money_withdrawn>> auto&, const annals::record_view&) {}
};

struct overdue {
  static constexpr auto about = annals::describe("overdue", 1);
};
struct watched {
#ifdef CASE_70_EVENT_NAMED_AS_THE_RUNTIMES
  static constexpr auto about = annals::describe("annals.watched", 1);
#else
  static constexpr auto about = annals::describe("watched", 1);
#endif
#ifdef CASE_70_FORMER_NAME_AS_THE_RUNTIMES
  static constexpr std::array formerly{"annals.watched"};
#endif
};

struct watching {
  static constexpr std::string_view category = "watching";
  using observes = annals::types<account>;
  using events = annals::types<watched>;
  using timers = annals::types<overdue>;
  struct state {};
  using steps = annals::steps<watching>;

  static std::optional<std::string> key(const money_deposited&) { return "1"; }
#ifndef NO_ON_FOR_EVENT
  static steps on(const state&, const money_deposited&, const annals::context&) { return watched{}; }
#endif
#ifndef NO_ON_FOR_TIMER
  static steps on(const state&, const overdue&, const annals::context&) { return {}; }
#endif
#ifndef NO_EVOLVE_OF_PROCESS
  static void evolve(state&, const watched&) {}
#endif
};

struct pointing {
  const char* text = nullptr;
  static constexpr auto about = annals::describe("pointing", 1, annals::field{"text", &pointing::text});
};

void all(annals::runtime& rt) {
  (void)rt.host<account>();
  (void)rt.project<balances>();
  (void)rt.project<counting>();
  (void)rt.orchestrate<watching>();
  (void)rt.send<account>("1", deposit{1});
  (void)rt.ask<balances>(balance_of{"1"});
#ifdef COMMAND_OF_SOMEBODY_ELSE
  (void)rt.send<account>("1", money_deposited{1, "EUR"});
#endif
#ifdef QUERY_OF_SOMEBODY_ELSE
  (void)rt.ask<balances>(deposit{1});
#endif
#ifdef FIELD_THAT_CANNOT_BE_STORED
  (void)annals::encoded(pointing{});
#endif
#ifdef TOKEN_OF_A_QUERY
  (void)rt.ask<balances>(balance_of{"1"}).since();
#endif
}
