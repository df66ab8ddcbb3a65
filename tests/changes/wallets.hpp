// Programs of other years on one store: what is paid into wallets is written in cents, in mills, with a fee. Their states and models
// have one shape.
#pragma once

#include "support/memory_engine.hpp"

#include <algorithm>
#include <stdexcept>

namespace wallets {

using namespace annals;

struct pay {
  std::int64_t cents = 0;
  static constexpr auto about = describe<&pay::cents>("pay", 1);
};
struct amount_of_all {
  static constexpr auto about = describe("amount_of_all", 1);
};

struct paid_in_cents {
  std::int64_t cents = 0;
  static constexpr auto about = describe<&paid_in_cents::cents>("paid", 1);
  static paid_in_cents of(std::int64_t cents) { return {cents}; }
  std::int64_t amount() const { return cents; }
};
struct paid_in_mills {
  std::int64_t mills = 0;
  static constexpr auto about = describe<&paid_in_mills::mills>("paid", 2);
  using before = paid_in_cents;
  static paid_in_mills upcast(const paid_in_cents& old) {
    if (old.cents == 13) throw std::invalid_argument("13 brings bad luck");
    return of(old.cents);
  }
  static paid_in_mills of(std::int64_t cents) { return {cents * 10}; }
  std::int64_t amount() const { return mills; }
};
struct paid_with_fee {
  std::int64_t cents = 0;
  std::int64_t fee = 0;
  static constexpr auto about = describe<&paid_with_fee::cents, &paid_with_fee::fee>("paid", 1);
  static paid_with_fee of(std::int64_t cents) { return {cents, 1}; }
  std::int64_t amount() const { return cents + fee; }
};
struct paid_that_was_named_so {
  std::int64_t cents = 0;
  static constexpr auto about = describe<&paid_that_was_named_so::cents>("was_paid", 1);
  static constexpr std::array formerly{"paid"};
};
struct frozen {
  static constexpr auto about = describe("frozen", 1);
};

template <class Paid, class... More>
struct wallet {
  static constexpr std::string_view category = "wallet";
  static constexpr std::uint64_t snapshot_every = 1;
  using commands = types<pay>;
  using events = types<Paid, More...>;
  struct state {
    std::int64_t amount = 0;
    static constexpr auto about = describe<&state::amount>("wallet", 1);
  };
  static decision<wallet> decide(const state&, const pay& c, const context&) { return {Paid::of(c.cents), More{}...}; }
  static void evolve(state& s, const Paid& e) { s.amount += e.amount(); }
  static void evolve(state&, const frozen&)
    requires(std::is_same_v<More, frozen> || ...)
  {}
};

/// An instance for all, whose own event is a payment, too.
template <class Paid>
struct watching {
  static constexpr std::string_view category = "watching";
  static constexpr std::uint64_t snapshot_every = 1;
  using observes = types<wallet<paid_in_cents>>;
  using events = types<Paid>;
  struct state {
    std::int64_t amount = 0;
    static constexpr auto about = describe<&state::amount>("watching", 1);
  };
  static std::optional<std::string> key(const paid_in_cents&) { return "all"; }
  static steps<watching> on(const state&, const paid_in_cents& e, const context&) { return Paid::of(e.cents); }
  static void evolve(state& s, const Paid& e) { s.amount += e.amount(); }
};

template <class Of, class Paid>
struct total {
  static constexpr std::string_view name = "total";
  using follows = types<Of>;
  using queries = types<amount_of_all>;
  struct model {
    std::int64_t amount = 0;
    static constexpr auto about = describe<&model::amount>("total", 1);
  };
  static void apply(model& m, const Paid& e, const record_view&) { m.amount += e.amount(); }
  static std::int64_t answer(const model& m, const amount_of_all&) { return m.amount; }
};

using old_wallet = wallet<paid_in_cents>;
using new_wallet = wallet<paid_in_mills>;
using old_total = total<old_wallet, paid_in_cents>;
using new_total = total<new_wallet, paid_in_mills>;

/// An engine on a store in memory, with what is hosted in it, and what it has said.
struct program {
  template <class Host>
  program(const memory_store& on, Host&& host) : log(on.log), index(on.index), images(on.images) {
    detail::engine_parts parts;
    parts.log = &log;
    parts.derived = &index;
    parts.images = &images;
    parts.history = log.identity().history;
    parts.now = [] { return timestamp{1'000'000}; };
    auto with = memory_engine::quiet();
    with.image_every_records = 1;
    with.close_deadline = std::chrono::seconds{60};  // images are made in it
    with.log_sink = [this](log_level, std::string_view line) {
      const std::lock_guard lock{mutex};
      lines.emplace_back(line);
    };
    engine = std::make_unique<detail::engine>(std::move(parts), std::move(with));
    host(*engine);
    engine->begin().value();
  }
  ~program() { engine->close(); }

  result<receipt> send(std::int64_t cents) {
    auto answer = detail::await(*engine->send("wallet", "a", pay::about.name, encoded(pay{cents}), {}));
    if (!answer) return std::move(answer).error();
    return answer->accepted;
  }
  result<std::int64_t> in_total() {
    auto answer =
        detail::await(*engine->ask("total", amount_of_all::about.name, encoded(amount_of_all{}), at_least{engine->head(), std::chrono::seconds{60}}));
    if (!answer) return std::move(answer).error();
    return detail::decoded_answer<std::int64_t>(answer->bytes);
  }
  template <class A>
  result<std::int64_t> amount_in(std::string_view key) {
    auto found = engine->state_of(A::category, key, {});
    if (!found) return std::move(found).error();
    return static_cast<const typename A::state*>(found->state->state())->amount;
  }
  bool has_said(std::string_view what) {
    const std::lock_guard lock{mutex};
    return std::any_of(lines.begin(), lines.end(), [&](const auto& line) { return line.find(what) != std::string::npos; });
  }

  std::mutex mutex;
  std::vector<std::string> lines;
  store::memory_log log;
  store::memory_derived_store index;
  store::memory_images images;
  std::unique_ptr<detail::engine> engine;
};

}  // namespace wallets
