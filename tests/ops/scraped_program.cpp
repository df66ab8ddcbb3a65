// scraped_program DIRECTORY: a runtime under load, with a console whose /metrics a Prometheus scrapes. Prints that address and works until
// it gets SIGTERM. The load reaches every series: aggregates leave memory and are loaded again, timers fire, a model is asked, a
// subscription takes events, an image is made.
#include <annals/console.hpp>
#include <annals/runtime.hpp>
#include <bank/account.hpp>
#include <projections/balances.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <thread>

namespace {

using namespace std::chrono_literals;

struct lend {
  static constexpr auto about = annals::describe("lend", 1);
};
struct lent {
  std::string book;
  static constexpr auto about = annals::describe<&lent::book>("lent", 1);
};
struct book {
  static constexpr std::string_view category = "book";
  using commands = annals::types<lend>;
  using events = annals::types<lent>;
  struct state {};
  static annals::decision<book> decide(const state&, const lend&, const annals::context& about) { return lent{std::string{about.key}}; }
  static void evolve(state&, const lent&) {}
};

struct is_due {
  static constexpr auto about = annals::describe("is_due", 1);
};
struct reminded {
  static constexpr auto about = annals::describe("reminded", 1);
};
/// A book that is lent is asked back, after a time that no library would choose.
struct reminders {
  static constexpr std::string_view category = "reminders";
  using observes = annals::types<book>;
  using events = annals::types<reminded>;
  using timers = annals::types<is_due>;
  struct state {
    int times = 0;
    static constexpr auto about = annals::describe<&state::times>("reminders", 1);
  };
  static std::optional<std::string> key(const lent& e) { return e.book; }
  static annals::steps<reminders> on(const state&, const lent&, const annals::context&) { return annals::after(50ms, is_due{}); }
  static annals::steps<reminders> on(const state&, const is_due&, const annals::context&) { return reminded{}; }
  static void evolve(state& s, const reminded&) { ++s.times; }
};

std::atomic<bool> is_over{false};

void work(annals::runtime& rt) {
  constexpr int accounts = 2'000;
  for (int n = 0; !is_over; ++n) {
    const auto key = std::to_string(n % accounts);
    if (n < accounts) (void)rt.send<bank::account>(key, bank::open_account{}).get();
    (void)rt.send<bank::account>(key, bank::deposit{100, {}}).get();
    (void)rt.ask<projections::balances>(projections::balance_of{key}).get();
    if (n % 50 == 0) (void)rt.send<book>(std::to_string(n), lend{}).get();
  }
}

}  // namespace

int main(int count, char** given) {
  if (count != 2) return 2;
  std::signal(SIGTERM, [](int) { is_over = true; });
  std::filesystem::remove_all(given[1]);
  annals::options with;
  with.aggregates_resident_max = 500;
  with.image_every_records = 5'000;
  auto rt = annals::runtime::open(given[1], with).value();
  rt.host<bank::account>().value();
  rt.host<book>().value();
  rt.project<projections::balances>().value();
  rt.orchestrate<reminders>().value();
  rt.start().value();
  auto console = annals::console::open(rt, {.port = 0}).value();
  std::cout << "http://127.0.0.1:" << console.port() << "/metrics" << std::endl;
  std::thread worker{[&] { work(rt); }};
  auto member = rt.subscribe("mail").value();
  while (!is_over) {
    const auto batch = member.next(100, 200ms);
    if (!batch) break;
    std::vector<annals::position> all;
    for (const auto& one : *batch) all.push_back(one.record.at);
    if (!all.empty()) (void)member.ack(all).get();
  }
  worker.join();
  console.close();
  rt.close();
  std::filesystem::remove_all(given[1]);
}
