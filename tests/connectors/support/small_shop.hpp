// A shop with a few orders: shipped, cancelled for want of stock or of money, and goods that come back.
#pragma once

#include "connectors/support/counting.hpp"

#include <config/hosted.hpp>
#include <shop/delivery.hpp>
#include <shop/order.hpp>

namespace connectors {

class small_shop {
public:
  small_shop() {
    annals::config::host_all(rt_).value();
    rt_.start().value();
  }
  annals::runtime& rt() { return rt_; }

  annals::token run() {
    deliver("d1", "initial_stock", {{"tea", 30}, {"cup", 12}}, "2010-12-01");
    const std::array countries{"France", "Norway", "Spain"};
    for (int n = 0; n < 12; ++n) {
      shop::place_order order{"customer-" + std::to_string(n % 4), countries[static_cast<std::size_t>(n % 3)], {{"tea", 1 + n % 5, 250}}, 0, {}};
      if (n % 2 == 0) order.lines.push_back({"cup", 2, 999});
      if (n == 5) order.payment_limit_cents = 1;
      order.date = n < 6 ? "2010-12-01T08:26" : "2010-12-02";
      (void)rt_.send<shop::order>("o" + std::to_string(n), order).get().value();
      rt_.settle(long_enough).value();
    }
    deliver("d2", "credit_note", {{"cup", 1}}, "2010-12-03");
    return rt_.head();
  }

private:
  void deliver(const std::string& key, const std::string& kind, std::vector<shop::delivery_line> lines, const std::string& date) {
    (void)rt_.send<shop::delivery>(key, shop::receive_delivery{kind, std::move(lines), date}).get().value();
    rt_.settle(long_enough).value();
  }

  temporary_directory directory_;
  annals::runtime rt_ = annals::runtime::open(directory_ / "store").value();
};

}  // namespace connectors
