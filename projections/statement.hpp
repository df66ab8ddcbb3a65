// The statement of each account: everything that happened to it, with the balance after each movement. The bank's audit trail.
#pragma once

#include <annals/projection.hpp>
#include <bank/account.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace projections {

/// One line of a statement.
struct movement {
  annals::position at = 0;
  annals::version version = 0;     // of the account's stream
  annals::timestamp time = 0;      // microseconds since 1970
  std::string kind;                // opened, deposited, withdrawn, given_back, closed
  std::int64_t cents = 0;          // above zero: in; below zero: out
  std::int64_t balance_cents = 0;  // after this movement
  std::string transfer;            // the transfer that this is a step of; empty: by hand
  std::string correlation;
  std::string principal;  // on whose behalf
  static constexpr auto about =
      annals::describe<&movement::at, &movement::version, &movement::time, &movement::kind, &movement::cents, &movement::balance_cents,
                       &movement::transfer, &movement::correlation, &movement::principal>("movement", 1);
};
struct account_statement {
  std::string owner;
  bool open = false;
  std::int64_t balance_cents = 0;
  std::vector<movement> movements;  // in the order of their versions
  static constexpr auto about =
      annals::describe<&account_statement::owner, &account_statement::open, &account_statement::balance_cents, &account_statement::movements>(
          "account_statement", 1);
};

/// At most `limit` movements, from version `from` on; nothing if there is no such account.
struct statement_of {
  std::string account;
  annals::version from = 1;
  std::uint32_t limit = 1'000;
  static constexpr auto about = annals::describe<&statement_of::account, &statement_of::from, &statement_of::limit>("statement_of", 1);
};

struct statement {
  static constexpr std::string_view name = "statement";
  using follows = annals::types<bank::account>;
  using queries = annals::types<statement_of>;

  struct model {
    std::map<std::string, account_statement, std::less<>> accounts;
    static constexpr auto about = annals::describe<&model::accounts>("statement_model", 1);
  };

  static void apply(model& m, const bank::account_opened& e, const annals::record_view& r) {
    auto& account = add(m, r, "opened", 0);
    account.owner = e.owner;
    account.open = true;
  }
  static void apply(model& m, const bank::money_deposited& e, const annals::record_view& r) { add(m, r, "deposited", e.cents, e.transfer); }
  static void apply(model& m, const bank::money_withdrawn& e, const annals::record_view& r) { add(m, r, "withdrawn", -e.cents, e.transfer); }
  static void apply(model& m, const bank::money_given_back& e, const annals::record_view& r) { add(m, r, "given_back", e.cents, e.transfer); }
  static void apply(model& m, const bank::account_closed&, const annals::record_view& r) { add(m, r, "closed", 0).open = false; }

  static std::optional<account_statement> answer(const model& m, const statement_of& q) {
    const auto found = m.accounts.find(q.account);
    if (found == m.accounts.end()) return std::nullopt;
    const auto& [owner, open, balance, all] = found->second;
    const auto first =
        std::lower_bound(all.begin(), all.end(), q.from, [](const movement& line, annals::version from) { return line.version < from; });
    const auto count = std::min<std::ptrdiff_t>(all.end() - first, q.limit);
    return account_statement{owner, open, balance, {first, first + count}};
  }

private:
  static account_statement& add(model& m, const annals::record_view& r, std::string kind, std::int64_t cents, const std::string& transfer = {}) {
    auto& account = m.accounts[std::string{r.key()}];
    account.balance_cents += cents;
    account.movements.push_back(
        {r.at, r.version, r.time, std::move(kind), cents, account.balance_cents, transfer, std::string{r.correlation}, std::string{r.principal}});
    return account;
  }
};

}  // namespace projections
