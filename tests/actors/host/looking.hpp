// A shop with an instance of the fulfilment in each state, for tests of views.
#pragma once

#include "support/memory_engine.hpp"

#include <shop/fulfilment.hpp>

#include "projections/order_board.hpp"

#include <filesystem>

namespace looking {

using namespace annals;

/// Takes authorizations only, and answers one of 100 cents without an event: captures wait for a program that hosts the real one.
struct slow_payment {
  static constexpr std::string_view category = "payment";
  using commands = types<shop::authorize_payment>;
  using events = shop::payment::events;
  struct state {
    static constexpr auto about = describe("state", 1);
  };
  static decision<slow_payment> decide(const state&, const shop::authorize_payment& c, const context& about) {
    if (c.cents == 100) return nothing;
    return shop::payment_authorized{std::string{about.key}, c.cents};
  }
  static void evolve(state&, const shop::payment_authorized&) {}
  static void evolve(state&, const shop::payment_captured&) {}
  static void evolve(state&, const shop::payment_refunded&) {}
  static void evolve(state&, const shop::payment_voided&) {}
};

inline const hosted_types& slow_shop() {
  static const hosted_types all = hosted_types{}
                                      .host<shop::order>()
                                      .host<shop::inventory>()
                                      .host<slow_payment>()
                                      .orchestrate<shop::fulfilment>()
                                      .project<projections::order_board>();
  return all;
}

inline shop::place_order order_of(std::vector<std::string> skus, std::int64_t cents) {
  shop::place_order placed{"somebody", "Norway", {}};
  for (auto& sku : skus) placed.lines.push_back({std::move(sku), 1, cents});
  return placed;
}

/// A process manager may write 8 events at once: it cannot begin with an order of ten lines.
inline runtime open_shop(const std::filesystem::path& at, const hosted_types& all, std::size_t events_max = 8) {
  auto with = memory_engine::quiet();
  with.command_events_max = events_max;
  auto rt = runtime::open(at, with).value();
  rt.host(all).value();
  rt.start().value();
  return rt;
}

/// The orders are called after what becomes of their fulfilments.
inline void place_orders(runtime& rt) {
  using namespace std::chrono_literals;
  rt.send<shop::inventory>("apple", shop::receive_stock{10, {}}, {.id = "first", .correlation = "setup"}).get().value();
  rt.send<shop::order>("ended", order_of({"pear"}, 5), {.id = "place", .correlation = "pears", .principal = "eve"}).get().value();
  rt.send<shop::order>("open", order_of({"apple"}, 200)).get().value();
  rt.send<shop::order>("waiting", order_of({"apple"}, 100)).get().value();
  rt.send<shop::order>("stuck", order_of({"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}, 1)).get().value();
  rt.settle(1min).value();
}

}  // namespace looking
