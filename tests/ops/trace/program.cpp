// trace_program STORE ENDPOINT RATIO: a shop whose spans are exported. Reads orders from its input, a line each, and prints one line for each:
//
//   order NAME TRACEPARENT   places an order and waits until it has been shipped
//   load N                   sends N commands and waits for all answers; prints how many were accepted
//   counts                   prints exported, dropped and failed spans, and how many wait
//   close                    closes the exporter; prints the milliseconds that it took
#include <annals/runtime.hpp>
#include <annals/trace_exporter.hpp>
#include <projections/order_board.hpp>
#include <projections/stock_levels.hpp>
#include <shop/fulfilment.hpp>

#include <chrono>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

std::string place_order(annals::runtime& shop, const std::string& name, const std::string& traceparent) {
  shop.send<shop::inventory>("lamp", shop::receive_stock{10, {}}).get().value();
  shop.send<shop::order>(name, shop::place_order{"Ada", "NO", {{"lamp", 2, 1'000}}}, {.trace = traceparent}).get().value();
  shop.settle(4min).value();
  const auto found = shop.ask<projections::order_board>(projections::one_order{name}, annals::at_least{shop.head(), 4min}).get().value();
  return found ? found->status : "missing";
}

std::size_t load(annals::runtime& shop, std::size_t commands) {
  std::vector<annals::pending<annals::receipt>> sent;
  std::size_t accepted = 0;
  for (std::size_t i = 0; i < commands; ++i) {
    sent.push_back(shop.send<shop::inventory>("sku " + std::to_string(i % 100), shop::receive_stock{1, {}}));
    if (sent.size() < 1'000 && i + 1 < commands) continue;
    for (auto& one : sent) accepted += one.get().has_value();
    sent.clear();
  }
  return accepted;
}

void print_counts(const annals::runtime& shop) {
  const auto now = shop.metrics();
  for (const auto* outcome : {"exported", "dropped", "failed"})
    std::cout << outcome << ' ' << static_cast<std::uint64_t>(now.find("annals_trace_spans_total", {outcome})->value) << ' ';
  std::cout << "waiting " << shop.spans()->size() << std::endl;
}

}  // namespace

int main(int count, char** given) {
  if (count != 4) return 2;
  annals::options with;
  with.trace_ratio = std::stod(given[3]);
  auto shop = annals::runtime::open(given[1], with).value();
  shop.host<shop::order>().value();
  shop.host<shop::inventory>().value();
  shop.host<shop::payment>().value();
  shop.orchestrate<shop::fulfilment>().value();
  shop.project<projections::order_board>().value();
  shop.project<projections::stock_levels>().value();
  shop.start().value();
  std::optional<annals::trace_exporter> exporter{
      annals::trace_exporter::start(
          shop.spans(),
          {.endpoint = given[2], .service = "shop", .every = 100ms, .warn = [](std::string_view line) { std::cerr << line << std::endl; }})
          .value()};
  std::cout << "ready" << std::endl;
  for (std::string what; std::cin >> what;) {
    if (what == "order") {
      std::string name, traceparent;
      std::cin >> name >> traceparent;
      std::cout << "order " << place_order(shop, name, traceparent) << std::endl;
    } else if (what == "load") {
      std::size_t commands = 0;
      std::cin >> commands;
      std::cout << "accepted " << load(shop, commands) << std::endl;
    } else if (what == "counts") {
      print_counts(shop);
    } else if (what == "close") {
      const auto begun = steady::now();
      exporter.reset();
      std::cout << "closed " << std::chrono::duration_cast<std::chrono::milliseconds>(steady::now() - begun).count() << std::endl;
    } else {
      return 2;
    }
  }
}
