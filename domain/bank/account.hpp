// A bank account: deposits and withdrawals; the balance never goes below zero. Amounts are in cents.
#pragma once

#include <annals/aggregate.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

namespace bank {

using annals::field;

struct open_account {
  std::string owner;
  static constexpr auto about = annals::describe<&open_account::owner>("open_account", 1);
};
struct deposit {
  std::int64_t cents = 0;
  std::string transfer;  // the transfer that this is a step of; empty: by hand
  static constexpr auto about = annals::describe<&deposit::cents, &deposit::transfer>("deposit", 1);
};
struct withdraw {
  std::int64_t cents = 0;
  std::string transfer;
  static constexpr auto about = annals::describe<&withdraw::cents, &withdraw::transfer>("withdraw", 1);
};
/// Returns what a transfer took. An account that has paid never refuses it: a closed account keeps the money for its owner.
struct give_back {
  std::int64_t cents = 0;
  std::string transfer;
  static constexpr auto about = annals::describe<&give_back::cents, &give_back::transfer>("give_back", 1);
};
struct close_account {
  static constexpr auto about = annals::describe("close_account", 1);
};

struct account_opened {
  std::string owner;
  static constexpr auto about = annals::describe<&account_opened::owner>("account_opened", 1);
};
struct money_deposited {
  std::int64_t cents = 0;
  std::string transfer;
  static constexpr auto about = annals::describe<&money_deposited::cents, &money_deposited::transfer>("money_deposited", 1);
};
struct money_withdrawn {
  std::int64_t cents = 0;
  std::string transfer;
  static constexpr auto about = annals::describe<&money_withdrawn::cents, &money_withdrawn::transfer>("money_withdrawn", 1);
};
struct money_given_back {
  std::int64_t cents = 0;
  std::string transfer;
  static constexpr auto about = annals::describe<&money_given_back::cents, &money_given_back::transfer>("money_given_back", 1);
};
struct account_closed {
  static constexpr auto about = annals::describe("account_closed", 1);
};

struct account {
  static constexpr std::string_view category = "account";
  using commands = annals::types<open_account, deposit, withdraw, give_back, close_account>;
  using events = annals::types<account_opened, money_deposited, money_withdrawn, money_given_back, account_closed>;

  struct state {
    bool known = false;  // was opened once
    bool open = false;
    std::int64_t cents = 0;
    static constexpr auto about = annals::describe<&state::known, &state::open, &state::cents>("state", 1);
  };
  using decision = annals::decision<account>;
  using context = annals::context;

  static decision decide(const state& s, const open_account& c, const context&) {
    if (s.known) return annals::reject("already_opened");
    return account_opened{c.owner};
  }

  static decision decide(const state& s, const deposit& c, const context&) {
    if (!s.open) return annals::reject("not_open");
    if (auto no = wrong_amount(s, c.cents)) return *no;
    return money_deposited{c.cents, c.transfer};
  }

  static decision decide(const state& s, const withdraw& c, const context&) {
    if (!s.open) return annals::reject("not_open");
    if (c.cents <= 0) return annals::reject("bad_amount", "an amount is above zero");
    if (c.cents > s.cents) return annals::reject("insufficient_funds", std::to_string(s.cents) + " cents are there");
    return money_withdrawn{c.cents, c.transfer};
  }

  static decision decide(const state& s, const give_back& c, const context&) {
    if (!s.known) return annals::reject("not_open");
    if (auto no = wrong_amount(s, c.cents)) return *no;
    return money_given_back{c.cents, c.transfer};
  }

  static decision decide(const state& s, const close_account&, const context&) {
    if (!s.open) return annals::reject("not_open");
    if (s.cents != 0) return annals::reject("not_empty", std::to_string(s.cents) + " cents are there");
    return account_closed{};
  }

  static void evolve(state& s, const account_opened&) { s.known = s.open = true; }
  static void evolve(state& s, const money_deposited& e) { s.cents += e.cents; }
  static void evolve(state& s, const money_withdrawn& e) { s.cents -= e.cents; }
  static void evolve(state& s, const money_given_back& e) { s.cents += e.cents; }
  static void evolve(state& s, const account_closed&) { s.open = false; }

private:
  static std::optional<annals::rejection> wrong_amount(const state& s, std::int64_t cents) {
    if (cents <= 0) return annals::reject("bad_amount", "an amount is above zero");
    if (cents > std::numeric_limits<std::int64_t>::max() - s.cents) return annals::reject("too_much");
    return std::nullopt;
  }
};

}  // namespace bank
