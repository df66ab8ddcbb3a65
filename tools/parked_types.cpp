#include "tools/parked_types.hpp"

#include "projections/balances.hpp"
#include "projections/order_board.hpp"
#include "projections/revenue.hpp"
#include "projections/statement.hpp"
#include "projections/stock_levels.hpp"

#include <bank/account.hpp>
#include <bank/transfer.hpp>
#include <shop/fulfilment.hpp>
#include <shop/restocking.hpp>

#include <map>

namespace tools {
namespace {

using types_by_name = std::map<std::string_view, annals::hosted_types>;

template <class... Ps>
void add_projections(types_by_name& all) {
  (all[Ps::name].template project<Ps>(), ...);
}

template <class P, class... As>
void add_process(types_by_name& all, annals::types<As...>) {
  auto& types = all[P::category].template orchestrate<P>();
  (types.template host<As>(), ...);
}
/// These process managers send commands only to what they observe.
template <class... Ps>
void add_processes(types_by_name& all) {
  (add_process<Ps>(all, typename Ps::observes{}), ...);
}

types_by_name all_types() {
  using namespace projections;
  types_by_name all;
  add_projections<balances, order_board, stock_levels, statement, revenue>(all);
  add_processes<bank::transferring, shop::fulfilment, shop::restocking>(all);
  return all;
}

}  // namespace

const annals::hosted_types* types_for_parked(std::string_view of) {
  static const auto all = all_types();
  const auto found = all.find(of);
  return found == all.end() ? nullptr : &found->second;
}

}  // namespace tools
