#include "benchmarks/shop.hpp"

#include "benchmarks/histogram.hpp"
#include "benchmarks/must.hpp"
#include "config/hosted.hpp"

#include <annals/runtime.hpp>
#include <shop/inventory.hpp>
#include <shop/order.hpp>

#include <chrono>
#include <cmath>
#include <memory>
#include <random>
#include <thread>
#include <vector>

namespace bench {
namespace {

using steady = std::chrono::steady_clock;

/// The orders that have ended, in the order of their ends.
struct ended_orders {
  static constexpr std::string_view name = "ended_orders";
  using follows = annals::types<shop::order>;
  using queries = annals::types<>;

  struct model {
    std::vector<std::size_t> numbers;
    std::size_t shipped = 0;
  };
  static void apply(model&, const shop::order_placed&, const annals::record_view&) {}
  static void apply(model&, const shop::order_confirmed&, const annals::record_view&) {}
  static void apply(model& m, const shop::order_shipped& e, const annals::record_view&) {
    m.numbers.push_back(std::stoull(e.order));
    ++m.shipped;
  }
  static void apply(model& m, const shop::order_cancelled& e, const annals::record_view&) { m.numbers.push_back(std::stoull(e.order)); }
};

std::string sku_of(std::size_t number) { return "sku" + std::to_string(number); }

void fill_stock(annals::runtime& rt, const shop_options& with) {
  const auto plenty = static_cast<std::int64_t>(with.orders * with.lines + 1);
  std::vector<annals::pending<annals::receipt>> sent;
  for (std::size_t i = 0; i < with.skus; ++i) sent.push_back(rt.send<shop::inventory>(sku_of(i), shop::receive_stock{plenty, {}}));
  for (auto& s : sent) must(s.get());
}

class customers {
public:
  customers(annals::runtime& rt, const shop_options& with) : rt_(rt), with_(with), random_(with.seed), placed_(with.orders) {}

  /// Places orders, with `in_flight` open at a time, until all have ended.
  void run() {
    constexpr std::chrono::microseconds look_again{200};
    for (std::size_t next = 0, ended = 0; ended < with_.orders;) {
      for (; next < with_.orders && next - ended < with_.in_flight; ++next) place(next);
      std::this_thread::sleep_for(look_again);
      must(rt_.read<ended_orders>([&](const ended_orders::model& m, annals::position) {
        const auto now = steady::now();
        for (; ended < m.numbers.size(); ++ended)
          times_.add(static_cast<std::uint64_t>(std::chrono::nanoseconds(now - placed_[m.numbers[ended]]).count()));
        shipped_ = m.shipped;
      }));
    }
  }

  const histogram& times() const { return times_; }
  std::size_t shipped() const { return shipped_; }

private:
  void place(std::size_t number) {
    shop::place_order order{"customer" + std::to_string(random_() % 1'000), "Netherlands", {}, 0};
    for (std::size_t i = 0; i < with_.lines; ++i)
      order.lines.push_back({sku_of(random_() % with_.skus), 1, static_cast<std::int64_t>(random_() % 5'000 + 1)});
    placed_[number] = steady::now();
    const auto key = std::to_string(number);
    rt_.send<shop::order>(key, order, {.id = "place-" + key}).then([](const annals::result<annals::receipt>& placed) { must(placed); });
  }

  annals::runtime& rt_;
  const shop_options& with_;
  std::mt19937_64 random_;
  std::vector<steady::time_point> placed_;
  histogram times_;
  std::size_t shipped_ = 0;
};

}  // namespace

figures measure_shop(const std::filesystem::path& directory, const shop_options& with) {
  const auto store = directory / "shop-store";
  std::filesystem::remove_all(store);
  auto rt = must(annals::runtime::open(store));
  must(annals::config::host_all(rt));
  must(rt.project<ended_orders>());
  must(rt.start());
  fill_stock(rt, with);
  const auto before = rt.health();
  customers many{rt, with};
  const auto begin = steady::now();
  many.run();
  const auto took = std::chrono::duration<double>(steady::now() - begin).count();
  must(rt.settle(std::chrono::seconds{60}));
  const auto after = rt.health();
  rt.close();
  std::filesystem::remove_all(store);
  const auto events = static_cast<double>(after.durable - before.durable);
  return {{"orders", with.orders},
          {"shipped", many.shipped()},
          {"in_flight", with.in_flight},
          {"lines", with.lines},
          {"skus", with.skus},
          {"seed", with.seed},
          {"orders_per_second", std::round(static_cast<double>(with.orders) / took)},
          {"events_per_order", rounded(events / static_cast<double>(with.orders))},
          {"events_per_second", std::round(events / took)},
          {"p50_us", rounded(many.times().percentile_us(50))},
          {"p99_us", rounded(many.times().percentile_us(99))},
          {"max_us", rounded(many.times().max_us())},
          {"commits_per_second", rounded(static_cast<double>(after.commits - before.commits) / took)}};
}

figures shop_result(const run_options& run, const shop_options& with) {
  return measured("shop", run, 0.5, [&](const std::filesystem::path& directory) { return measure_shop(directory, with); });
}

}  // namespace bench
