#include "support/truth.hpp"

#include <annals/codec.hpp>

namespace {
template <class E>
E event_in(const annals::record_view& r) {
  return annals::decoded<E>(r.payload).value();
}
std::string at(const annals::record_view& r) { return " at position " + std::to_string(r.at); }
}  // namespace

void shop_truth::follow(const annals::record_view& r) {
  if (r.category() == "inventory") follow_stock(r);
  if (r.category() == "payment") follow_payment(r);
  if (r.category() == "order") follow_order(r);
  if (r.category() == "delivery") follow_delivery(r);
}

void shop_truth::follow_stock(const annals::record_view& r) {
  using namespace shop;
  const std::string sku{r.key()};
  auto& level = stock[sku];
  if (r.type == stock_received::about.name) {
    const auto e = event_in<stock_received>(r);
    level.received += e.quantity;
    level.on_hand += e.quantity;
    if (!e.delivery.empty()) deliveries_[e.delivery].received[sku] += e.quantity;
  } else if (r.type == stock_reserved::about.name) {
    const auto e = event_in<stock_reserved>(r);
    level.on_hand -= e.quantity;
    level.reserved += e.quantity;
    promise(orders_[e.order].reserved.emplace(sku, e.quantity).second, "reserved twice for order " + e.order + at(r));
  } else if (r.type == stock_released::about.name) {
    const auto e = event_in<stock_released>(r);
    level.on_hand += e.quantity;
    level.reserved -= e.quantity;
    auto& reserved = orders_[e.order].reserved;
    promise(e.quantity == (reserved.contains(sku) ? reserved[sku] : 0), "released what was not reserved" + at(r));
    reserved.erase(sku);
  } else if (r.type == stock_shipped::about.name) {
    const auto e = event_in<stock_shipped>(r);
    level.reserved -= e.quantity;
    level.shipped += e.quantity;
    auto& order = orders_[e.order];
    promise(order.reserved.contains(sku) && order.reserved[sku] == e.quantity, "shipped what was not reserved" + at(r));
    order.reserved.erase(sku);
    order.shipped[sku] += e.quantity;
  }
  promise(level.adds_up(), "the stock of " + sku + " does not add up" + at(r));
}

void shop_truth::follow_payment(const annals::record_view& r) {
  using namespace shop;
  auto& order = orders_[std::string{r.key()}];
  if (r.type == payment_captured::about.name) order.paid_cents += event_in<payment_captured>(r).cents;
  if (r.type == payment_refunded::about.name) order.paid_cents -= event_in<payment_refunded>(r).cents;
  promise(order.paid_cents == 0 || order.paid_cents == order.total_cents, "a payment of another amount" + at(r));
}

void shop_truth::follow_order(const annals::record_view& r) {
  using namespace shop;
  const std::string id{r.key()};
  if (r.type == order_placed::about.name) {
    const auto e = event_in<order_placed>(r);
    auto& order = orders_[id];
    for (const auto& line : e.lines) order.wanted[line.sku] += line.quantity;
    order.total_cents = e.total_cents;
    statuses[id] = "placed";
  }
  if (r.type == order_confirmed::about.name) statuses[id] = "confirmed";
  if (r.type == order_cancelled::about.name) statuses[id] = "cancelled";
  if (r.type == order_shipped::about.name) statuses[id] = "shipped";
}

void shop_truth::follow_delivery(const annals::record_view& r) {
  using namespace shop;
  auto& delivery = deliveries_[std::string{r.key()}];
  if (r.type == delivery_received::about.name)
    for (const auto& line : event_in<delivery_received>(r).lines) delivery.wanted[line.sku] += line.quantity;
  if (r.type == delivery_completed::about.name) delivery.completed = true;
}

void shop_truth::check_end() const {
  for (const auto& [id, order] : orders_) {
    const auto found = statuses.find(id);
    const auto status = found == statuses.end() ? "never placed" : found->second;
    promise(order.reserved.empty(), "stock is still reserved for order " + id + ", " + status);
    if (status == "shipped")
      promise(order.shipped == order.wanted && order.paid_cents == order.total_cents, "order " + id + " shipped without its goods or its money");
    else
      promise(status == "cancelled" && order.shipped.empty() && order.paid_cents == 0, "order " + id + " did not end well: " + status);
  }
  for (const auto& [id, delivery] : deliveries_)
    promise(delivery.completed && delivery.received == delivery.wanted, "delivery " + id + " is not in stock");
}
