// The process manager that carries out an order across inventory and payment.
//
//   placed ─▶ reserve every line ─▶ authorize ─▶ capture ─▶ confirm ─▶ ship
//                  └──────────────────┴───────────┴──────────┴──▶ a refusal, a cancellation by the customer, or
//                                                                 no payment in time: release, void or refund, cancel
#pragma once

#include <annals/process.hpp>
#include <shop/inventory.hpp>
#include <shop/order.hpp>
#include <shop/payment.hpp>

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace shop {

struct line_to_reserve {
  std::string sku;
  std::int64_t quantity = 0;
  static constexpr auto about = annals::describe<&line_to_reserve::sku, &line_to_reserve::quantity>("line_to_reserve", 1);
};

struct fulfilment_started {
  std::vector<line_to_reserve> lines;  // one for each SKU
  std::int64_t total_cents = 0;
  std::int64_t payment_limit_cents = 0;
  static constexpr auto about =
      annals::describe<&fulfilment_started::lines, &fulfilment_started::total_cents, &fulfilment_started::payment_limit_cents>("fulfilment_started",
                                                                                                                               1);
};
struct line_reserved {
  std::string sku;
  static constexpr auto about = annals::describe<&line_reserved::sku>("line_reserved", 1);
};
struct order_paid {
  static constexpr auto about = annals::describe("order_paid", 1);
};
struct fulfilment_ended {
  std::string outcome;  // "shipped", or the reason why not
  static constexpr auto about = annals::describe<&fulfilment_ended::outcome>("fulfilment_ended", 1);
};

struct payment_overdue {
  static constexpr auto about = annals::describe("payment_overdue", 1);
};

struct fulfilment {
  static constexpr std::string_view category = "fulfilment";
  using observes = annals::types<order, inventory, payment>;
  using events = annals::types<fulfilment_started, line_reserved, order_paid, fulfilment_ended>;
  using timers = annals::types<payment_overdue>;

  static constexpr std::chrono::minutes payment_time_max{15};

  struct state {
    std::vector<line_to_reserve> lines;
    std::int64_t total_cents = 0;
    std::int64_t payment_limit_cents = 0;
    std::set<std::string> waiting;  // SKUs whose reservation is not known yet
    bool paid = false;
    bool ended = false;
    bool payment_is_asked_for() const { return !lines.empty() && waiting.empty(); }
    static constexpr auto about =
        annals::describe<&state::lines, &state::total_cents, &state::payment_limit_cents, &state::waiting, &state::paid, &state::ended>("state", 1);
  };
  using steps = annals::steps<fulfilment>;
  using context = annals::context;
  using rejection = annals::rejection;

  static std::optional<std::string> key(const order_placed& e) { return e.order; }
  static std::optional<std::string> key(const order_confirmed& e) { return e.order; }
  static std::optional<std::string> key(const order_cancelled& e) { return e.order; }
  static std::optional<std::string> key(const stock_reserved& e) { return e.order; }
  static std::optional<std::string> key(const payment_authorized& e) { return e.order; }
  static std::optional<std::string> key(const payment_captured& e) { return e.order; }

  static steps on(const state&, const order_placed& e, const context&) {
    fulfilment_started started{{}, e.total_cents, e.payment_limit_cents};
    for (const auto& line : e.lines) add_line(started.lines, line);
    steps next{started};
    for (const auto& line : started.lines) next.add(annals::send<inventory>(line.sku, reserve_stock{e.order, line.quantity}));
    return next;
  }

  static steps on(const state& s, const stock_reserved& e, const context& about) {
    // After the end, the release follows the reservation. A SKU that is not waited for was reserved by somebody else in the name
    // of this order: it must not count.
    if (s.ended || !s.waiting.contains(e.sku)) return {};
    steps next{line_reserved{e.sku}};
    if (s.waiting.size() == 1) {
      next.add(annals::send<payment>(std::string{about.key}, authorize_payment{s.total_cents, s.payment_limit_cents}));
      next.add(annals::after(payment_time_max, payment_overdue{}));
    }
    return next;
  }

  static steps on(const state& s, const payment_authorized& e, const context&) {
    if (s.ended || !s.payment_is_asked_for()) return {};
    return annals::send<payment>(e.order, capture_payment{});
  }

  static steps on(const state& s, const payment_captured& e, const context&) {
    if (!s.payment_is_asked_for() && !s.ended) return {};
    if (s.ended) return annals::send<payment>(e.order, refund_payment{});  // the capture overtook the decision to void the payment
    return {order_paid{}, annals::cancel<payment_overdue>(), annals::send<order>(e.order, confirm_order{})};
  }

  static steps on(const state& s, const order_confirmed& e, const context&) {
    if (s.ended || !s.paid) return {};  // confirmed by somebody else: it ships once it is paid
    return ship(s, e.order);
  }

  static steps on(const state& s, const order_cancelled&, const context& about) { return give_up(s, about, "cancelled_by_customer", {}, true); }
  static steps on(const state& s, const payment_overdue&, const context& about) {
    if (s.paid) return {};
    return give_up(s, about, "payment_timed_out");
  }

  static steps rejected(const state& s, const reserve_stock&, const rejection& why, const context& about) {
    // A reservation is refused as a second one in the name of this order: the first one has to be released.
    if (why.code == "already_reserved") return give_up(s, about, why.code);
    return give_up(s, about, why.code, about.source.substr(about.source.find('-') + 1));
  }
  static steps rejected(const state& s, const authorize_payment&, const rejection& why, const context& about) { return give_up(s, about, why.code); }
  static steps rejected(const state& s, const capture_payment&, const rejection& why, const context& about) { return give_up(s, about, why.code); }
  static steps rejected(const state& s, const confirm_order&, const rejection& why, const context& about) {
    if (why.code == "already_confirmed" && !s.ended) return ship(s, std::string{about.key});
    // The customer cancelled first, and this answer came before the observation of it.
    const bool cancelled = why.code == "already_cancelled";
    return give_up(s, about, cancelled ? "cancelled_by_customer" : why.code, {}, cancelled);
  }

  static void evolve(state& s, const fulfilment_started& e) {
    s.lines = e.lines;
    for (const auto& line : e.lines) s.waiting.insert(line.sku);
    s.total_cents = e.total_cents;
    s.payment_limit_cents = e.payment_limit_cents;
  }
  static void evolve(state& s, const line_reserved& e) { s.waiting.erase(e.sku); }
  static void evolve(state& s, const order_paid&) { s.paid = true; }
  static void evolve(state& s, const fulfilment_ended&) { s.ended = true; }

private:
  static void add_line(std::vector<line_to_reserve>& lines, const order_line& line) {
    for (auto& known : lines)
      if (known.sku == line.sku) {
        known.quantity += line.quantity;
        return;
      }
    lines.push_back({line.sku, line.quantity});
  }

  static steps ship(const state& s, const std::string& order_id) {
    steps next;
    for (const auto& line : s.lines) next.add(annals::send<inventory>(line.sku, ship_stock{order_id}));
    next.add(annals::send<order>(order_id, ship_order{}));
    next.add(fulfilment_ended{"shipped"});
    return next;
  }

  /// Undoes what was done and what may have been done. Every line except the refused one is released, since the others may be reserved
  /// while their answers are still on their way.
  static steps give_up(const state& s, const context& about, const std::string& reason, std::string_view refused_sku = {},
                       bool order_is_cancelled = false) {
    if (s.ended) return {};
    const std::string order_id{about.key};
    steps next{fulfilment_ended{reason}};
    for (const auto& line : s.lines)
      if (line.sku != refused_sku) next.add(annals::send<inventory>(line.sku, release_stock{order_id}));
    if (s.paid)
      next.add(annals::send<payment>(order_id, refund_payment{}));
    else if (s.payment_is_asked_for()) {
      next.add(annals::send<payment>(order_id, void_payment{}));
      next.add(annals::cancel<payment_overdue>());
    }
    if (!order_is_cancelled) next.add(annals::send<order>(order_id, cancel_order{reason}));
    return next;
  }
};

}  // namespace shop
