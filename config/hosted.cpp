#include "config/hosted.hpp"

#include "projections/balances.hpp"
#include "projections/order_board.hpp"
#include "projections/revenue.hpp"
#include "projections/statement.hpp"
#include "projections/stock_levels.hpp"

#include <bank/account.hpp>
#include <bank/transfer.hpp>
#include <shop/fulfilment.hpp>
#include <shop/restocking.hpp>

namespace annals::config {

result<void> host_all(runtime& rt) {
  const result<void> done[] = {
      rt.host<bank::account>(),          rt.host<bank::transfer>(),
      rt.orchestrate<bank::transferring>(), rt.host<shop::order>(),
      rt.host<shop::inventory>(),        rt.host<shop::payment>(),
      rt.host<shop::delivery>(),         rt.orchestrate<shop::fulfilment>(),
      rt.orchestrate<shop::restocking>(), rt.project<projections::balances>(),
      rt.project<projections::order_board>(), rt.project<projections::stock_levels>(),
      rt.project<projections::statement>(), rt.project<projections::revenue>(),
  };
  for (const auto& ok : done)
    if (!ok) return ok;
  return {};
}

}  // namespace annals::config
