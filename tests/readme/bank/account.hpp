// The guide's bank account: money in and out, never below zero.
#pragma once

#include <annals/aggregate.hpp>

#include <cstdint>
#include <string>

struct deposit {
  std::int64_t cents = 0;
  static constexpr auto about = annals::describe<&deposit::cents>("deposit", 1);
};
struct withdraw {
  std::int64_t cents = 0;
  static constexpr auto about = annals::describe<&withdraw::cents>("withdraw", 1);
};
struct money_deposited {
  std::int64_t cents = 0;
  static constexpr auto about = annals::describe<&money_deposited::cents>("money_deposited", 1);
};
struct money_withdrawn {
  std::int64_t cents = 0;
  static constexpr auto about = annals::describe<&money_withdrawn::cents>("money_withdrawn", 1);
};

struct account {
  static constexpr std::string_view category = "account";
  using commands = annals::types<deposit, withdraw>;
  using events = annals::types<money_deposited, money_withdrawn>;

  struct state {
    std::int64_t cents = 0;
    static constexpr auto about = annals::describe<&state::cents>("account_state", 1);
  };

  static annals::decision<account> decide(const state&, const deposit& c, const annals::context&) {
    if (c.cents <= 0) return annals::reject("bad_amount");
    return money_deposited{c.cents};
  }
  static annals::decision<account> decide(const state& s, const withdraw& c, const annals::context&) {
    if (c.cents <= 0) return annals::reject("bad_amount");
    if (c.cents > s.cents) return annals::reject("insufficient_funds", std::to_string(s.cents) + " cents are there");
    return money_withdrawn{c.cents};
  }

  static void evolve(state& s, const money_deposited& e) { s.cents += e.cents; }
  static void evolve(state& s, const money_withdrawn& e) { s.cents -= e.cents; }
};
