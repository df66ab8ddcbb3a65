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

const hosted_types& hosted() {
  static const hosted_types all = hosted_types{}
                                      .host<bank::account>()
                                      .host<bank::transfer>()
                                      .orchestrate<bank::transferring>()
                                      .host<shop::order>()
                                      .host<shop::inventory>()
                                      .host<shop::payment>()
                                      .host<shop::delivery>()
                                      .orchestrate<shop::fulfilment>()
                                      .orchestrate<shop::restocking>()
                                      .project<projections::balances>()
                                      .project<projections::order_board>()
                                      .project<projections::stock_levels>()
                                      .project<projections::statement>()
                                      .project<projections::revenue>();
  return all;
}

result<void> host_all(runtime& rt) { return rt.host(hosted()); }

}  // namespace annals::config
