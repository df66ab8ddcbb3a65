#include "connectors/redis/shop_keys.hpp"
#include "connectors/support/lives.hpp"
#include "connectors/support/running_shop.hpp"

#include <projections/redis/stock_levels.hpp>
#include <projections/redis/top_list.hpp>

#include <boost/test/unit_test.hpp>

using namespace connectors;

BOOST_FIXTURE_TEST_SUITE(keys_after_kill_9, emptied)

namespace {

std::vector<annals::position> slots_of(const std::string& name) {
  const auto fields = pairs_of(ask({"HGETALL", "{" + name + "}:annals:sink"}));
  std::vector<annals::position> found;
  for (std::size_t slot = 0; fields.contains(std::to_string(slot)); ++slot) found.push_back(std::stoull(fields.at(std::to_string(slot))));
  return found;
}

annals::position lowest() {
  annals::position found = ~annals::position{0};
  for (const char* name : {"stock_levels", "top_list"}) {
    const auto slots = slots_of(name);
    if (slots.empty()) return 0;
    found = std::min(found, *std::min_element(slots.begin(), slots.end()));
  }
  return found;
}

/// One of them is who asks.
auto clients() {
  const auto list = ask({"CLIENT", "LIST", "TYPE", "NORMAL"});
  return std::count(list.begin(), list.end(), '\n');
}

std::string differences(const annals::runtime& rt) {
  const auto levels = slots_of("stock_levels"), top = slots_of("top_list");
  if (levels.empty() || top.empty()) return {};
  return connectors::differences(folded<projections::stock_levels>(rt, levels), folded<projections::stock_levels>(rt, top),
                                 folded<last_orders>(rt, top));
}

}  // namespace

BOOST_AUTO_TEST_CASE(are_what_the_log_says_up_to_their_position) {
  running_shop shop;
  int looks = 0;
  live_and_die(
      {KEYS_LIFE, shop.store().string(), redis_server::shared().address()}, [] { return clients() > 1; },
      [&] {
        const auto at = lowest();
        shop.allow(at + 1'000);
        return at;
      },
      [] { return clients() == 1; },
      [&] {
        ++looks;
        BOOST_TEST_CONTEXT("after life " << looks << " at " << lowest()) { BOOST_REQUIRE(differences(shop.rt()) == ""); }
      });
  const auto last = shop.close_the_doors();
  auto stock = begin<projections::redis::stock_levels>(shop.rt());
  auto top = begin<projections::redis::top_list>(shop.rt());
  reach(stock, last).value();
  reach(top, last).value();
  BOOST_TEST(lowest() == last.at);
  BOOST_TEST(differences(shop.rt()) == "");
  BOOST_TEST(stock.status().parked == 0u);
  const auto units = ask({"GET", "{top_list}:units"});
  BOOST_TEST(std::stoll(units) > 100);
}

BOOST_AUTO_TEST_SUITE_END()
