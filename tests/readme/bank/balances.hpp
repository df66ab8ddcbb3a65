// The guide's read model: the balance of each account.
#pragma once

#include "account.hpp"

#include <annals/projection.hpp>

#include <map>

struct balance_of {
  std::string account;
  static constexpr auto about = annals::describe<&balance_of::account>("balance_of", 1);
};

struct balances {
  static constexpr std::string_view name = "balances";
  using follows = annals::types<account>;
  using queries = annals::types<balance_of>;

  struct model {
    std::map<std::string, std::int64_t> cents;
    static constexpr auto about = annals::describe<&model::cents>("balances_model", 1);
  };

  static void apply(model& m, const money_deposited& e, const annals::record_view& r) { m.cents[std::string{r.key()}] += e.cents; }
  static void apply(model& m, const money_withdrawn& e, const annals::record_view& r) { m.cents[std::string{r.key()}] -= e.cents; }

  static std::int64_t answer(const model& m, const balance_of& q) {
    const auto found = m.cents.find(q.account);
    return found == m.cents.end() ? 0 : found->second;
  }
};
