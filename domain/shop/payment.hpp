// The payment of one order: authorized, captured, refunded; or voided, before or after it was authorized.
#pragma once

#include <annals/aggregate.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace shop {

using annals::field;

struct authorize_payment {
  std::int64_t cents = 0;
  std::int64_t limit_cents = 0;  // a higher amount is declined; 0: no limit
  static constexpr auto about = annals::describe<&authorize_payment::cents, &authorize_payment::limit_cents>("authorize_payment", 1);
};
struct capture_payment {
  static constexpr auto about = annals::describe("capture_payment", 1);
};
struct refund_payment {
  static constexpr auto about = annals::describe("refund_payment", 1);
};
/// Voids the payment: from then on it cannot be authorized, even by an authorization that is still on its way.
struct void_payment {
  static constexpr auto about = annals::describe("void_payment", 1);
};

struct payment_authorized {
  std::string order;
  std::int64_t cents = 0;
  static constexpr auto about = annals::describe<&payment_authorized::order, &payment_authorized::cents>("payment_authorized", 1);
};
struct payment_captured {
  std::string order;
  std::int64_t cents = 0;
  static constexpr auto about = annals::describe<&payment_captured::order, &payment_captured::cents>("payment_captured", 1);
};
struct payment_refunded {
  std::string order;
  std::int64_t cents = 0;
  static constexpr auto about = annals::describe<&payment_refunded::order, &payment_refunded::cents>("payment_refunded", 1);
};
struct payment_voided {
  std::string order;
  static constexpr auto about = annals::describe<&payment_voided::order>("payment_voided", 1);
};

struct payment {
  static constexpr std::string_view category = "payment";
  using commands = annals::types<authorize_payment, capture_payment, refund_payment, void_payment>;
  using events = annals::types<payment_authorized, payment_captured, payment_refunded, payment_voided>;

  enum class phase : std::uint8_t { none, authorized, captured, refunded, voided };
  friend constexpr auto labels_of(phase) { return std::to_array<std::string_view>({"none", "authorized", "captured", "refunded", "voided"}); }
  struct state {
    phase now = phase::none;
    std::int64_t cents = 0;
    static constexpr auto about = annals::describe<&state::now, &state::cents>("state", 1);
  };
  using decision = annals::decision<payment>;
  using context = annals::context;

  static decision decide(const state& s, const authorize_payment& c, const context& about) {
    if (s.now == phase::voided) return annals::reject("payment_voided");
    if (s.now != phase::none) return annals::reject("already_authorized");
    if (c.cents < 0) return annals::reject("bad_amount");
    if (c.limit_cents > 0 && c.cents > c.limit_cents) return annals::reject("payment_declined", "above the limit");
    return payment_authorized{std::string{about.key}, c.cents};
  }
  static decision decide(const state& s, const capture_payment&, const context& about) {
    if (s.now == phase::voided) return annals::reject("payment_voided");
    if (s.now != phase::authorized) return annals::reject("not_authorized");
    return payment_captured{std::string{about.key}, s.cents};
  }
  static decision decide(const state& s, const refund_payment&, const context& about) {
    if (s.now != phase::captured) return annals::reject("not_captured");
    return payment_refunded{std::string{about.key}, s.cents};
  }
  static decision decide(const state& s, const void_payment&, const context& about) {
    if (s.now == phase::captured || s.now == phase::refunded) return annals::reject("already_captured");
    if (s.now == phase::voided) return annals::nothing;
    return payment_voided{std::string{about.key}};
  }

  static void evolve(state& s, const payment_authorized& e) {
    s.now = phase::authorized;
    s.cents = e.cents;
  }
  static void evolve(state& s, const payment_captured&) { s.now = phase::captured; }
  static void evolve(state& s, const payment_refunded&) { s.now = phase::refunded; }
  static void evolve(state& s, const payment_voided&) { s.now = phase::voided; }
};

}  // namespace shop
