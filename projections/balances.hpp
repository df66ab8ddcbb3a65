// The balance of each account, and of the bank.
#pragma once

#include <annals/projection.hpp>
#include <bank/account.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace projections {

struct balance {
  bool known = false;
  bool open = false;
  std::string owner;
  std::int64_t cents = 0;
  static constexpr auto about = annals::describe<&balance::known, &balance::open, &balance::owner, &balance::cents>("balance", 1);
};
struct bank_totals {
  std::uint64_t accounts = 0;
  std::int64_t cents = 0;
  std::int64_t deposited_cents = 0;  // by hand
  std::int64_t withdrawn_cents = 0;  // by hand
  static constexpr auto about =
      annals::describe<&bank_totals::accounts, &bank_totals::cents, &bank_totals::deposited_cents, &bank_totals::withdrawn_cents>("bank_totals", 1);
};

struct balance_of {
  std::string account;
  static constexpr auto about = annals::describe<&balance_of::account>("balance_of", 1);
};
struct totals_of_bank {
  static constexpr auto about = annals::describe("totals_of_bank", 1);
};

struct balances {
  static constexpr std::string_view name = "balances";
  using follows = annals::types<bank::account>;
  using queries = annals::types<balance_of, totals_of_bank>;
  static constexpr std::size_t partitions = 2;

  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  struct model {
    std::unordered_map<std::string, balance, text_hash, std::equal_to<>> accounts;
    bank_totals totals;
    static constexpr auto about = annals::describe<&model::accounts, &model::totals>("balances_model", 1);
  };

  static void apply(model& m, const bank::account_opened& e, const annals::record_view& r) {
    m.accounts.emplace(r.key(), balance{true, true, e.owner, 0});
    ++m.totals.accounts;
  }
  static void apply(model& m, const bank::money_deposited& e, const annals::record_view& r) {
    move(m, r, e.cents);
    if (e.transfer.empty()) m.totals.deposited_cents += e.cents;
  }
  static void apply(model& m, const bank::money_withdrawn& e, const annals::record_view& r) {
    move(m, r, -e.cents);
    if (e.transfer.empty()) m.totals.withdrawn_cents += e.cents;
  }
  static void apply(model& m, const bank::money_given_back& e, const annals::record_view& r) { move(m, r, e.cents); }
  static void apply(model& m, const bank::account_closed&, const annals::record_view& r) { m.accounts.find(r.key())->second.open = false; }

  static void merge(model& into, model&& part) {
    into.accounts.merge(part.accounts);
    into.totals.accounts += part.totals.accounts;
    into.totals.cents += part.totals.cents;
    into.totals.deposited_cents += part.totals.deposited_cents;
    into.totals.withdrawn_cents += part.totals.withdrawn_cents;
  }

  static balance answer(const model& m, const balance_of& q) {
    const auto found = m.accounts.find(q.account);
    return found == m.accounts.end() ? balance{} : found->second;
  }
  static bank_totals answer(const model& m, const totals_of_bank&) { return m.totals; }

private:
  static void move(model& m, const annals::record_view& r, std::int64_t cents) {
    m.accounts.find(r.key())->second.cents += cents;
    m.totals.cents += cents;
  }
};

}  // namespace projections
