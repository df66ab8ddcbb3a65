// What holds for whatever is sent.
#include "store/log/record.hpp"
#include "support/memory_engine.hpp"
#include "support/truth.hpp"

#include <bank/account.hpp>
#include <shop/inventory.hpp>

#include <rapidcheck.h>
#include <boost/test/unit_test.hpp>

#include <thread>

using namespace annals;

namespace {

struct sent {
  std::string_view name;
  std::string body;
};
template <class C>
sent of(const C& command) {
  return {C::about.name, encoded(command)};
}

rc::Gen<sent> account_commands() {
  const auto cents = rc::gen::inRange<std::int64_t>(-5, 100);
  return rc::gen::oneOf(rc::gen::map(cents, [](auto c) { return of(bank::deposit{c, {}}); }),
                        rc::gen::map(cents, [](auto c) { return of(bank::withdraw{c, {}}); }),
                        rc::gen::map(cents, [](auto c) { return of(bank::give_back{c, "t"}); }), rc::gen::just(of(bank::open_account{"somebody"})),
                        rc::gen::just(of(bank::close_account{})));
}

rc::Gen<sent> inventory_commands() {
  const auto order = rc::gen::map(rc::gen::inRange(0, 4), [](int n) { return "o" + std::to_string(n); });
  const auto quantity = rc::gen::inRange<std::int64_t>(-1, 9);
  return rc::gen::oneOf(rc::gen::map(quantity, [](auto q) { return of(shop::receive_stock{q, {}}); }),
                        rc::gen::map(rc::gen::pair(order, quantity), [](const auto& p) { return of(shop::reserve_stock{p.first, p.second}); }),
                        rc::gen::map(order, [](const auto& o) { return of(shop::release_stock{o}); }),
                        rc::gen::map(order, [](const auto& o) { return of(shop::ship_stock{o}); }));
}

detail::decided decide(detail::hosted_state& state, const sent& command) {
  const detail::event_limits limits{1 << 20, 1 << 20, 1'000};
  context about;
  about.key = "1";
  detail::decided made;
  state.decide({command.name, command.body, about, limits}, made);
  return made;
}

/// After every command: a state replayed from what is stored answers as the live one does.
template <class A>
void replay_is_the_live_state(const std::vector<sent>& commands) {
  const auto table = detail::table_of_aggregate<A>();
  const auto live = table.make();
  std::vector<std::pair<std::string, std::string>> stored;  // type and payload
  for (const auto& command : commands) {
    const auto replayed = table.make();
    for (const auto& [type, payload] : stored) {
      record_view record;
      record.type = type;
      record.payload = payload;
      replayed->apply(record).value();
    }
    const auto expected = decide(*replayed, command);
    const auto made = decide(*live, command);
    RC_ASSERT(made.payloads == expected.payloads);
    RC_ASSERT(made.events.size() == expected.events.size());
    RC_ASSERT(made.refused == expected.refused);
    for (const auto& e : made.events) stored.emplace_back(e.type, made.payload(e));
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(laws)

BOOST_AUTO_TEST_CASE(replaying_a_stream_gives_the_live_state) {
  BOOST_TEST(rc::check("account", [] { replay_is_the_live_state<bank::account>(*rc::gen::container<std::vector<sent>>(account_commands())); }));
  BOOST_TEST(rc::check("inventory", [] { replay_is_the_live_state<shop::inventory>(*rc::gen::container<std::vector<sent>>(inventory_commands())); }));
}

/// Several threads send to a few aggregates that come and go, what is refused among it.
BOOST_AUTO_TEST_CASE(any_interleaving_keeps_positions_and_versions_gap_free) {
  const bool holds = rc::check([] {
    const auto scripts = *rc::gen::container<std::vector<std::vector<std::pair<int, int>>>>(
        3, rc::gen::container<std::vector<std::pair<int, int>>>(rc::gen::pair(rc::gen::inRange(0, 5), rc::gen::inRange(-3, 8))));
    memory_store store;
    {
      auto with = memory_engine::quiet();
      with.aggregates_resident_max = 2;
      with.shards = 2;
      memory_engine e{store, with};
      std::vector<std::thread> threads;
      for (std::size_t t = 0; t < scripts.size(); ++t)
        threads.emplace_back([&, t] {
          std::vector<std::shared_ptr<detail::waiter>> waiting;
          for (const auto& [key, amount] : scripts[t])
            waiting.push_back(e.start(std::to_string(key), world::add{amount, 1 + static_cast<std::uint32_t>(key)},
                                      {.id = std::to_string(t) + "-" + std::to_string(waiting.size())}));
          for (const auto& one : waiting) (void)detail::await(*one);
        });
      for (auto& thread : threads) thread.join();
    }
    order_of_records order;
    for (position at = 1; at <= store.log->records.size(); ++at) order.follow(*store::read_record(at, store.log->records[at - 1]));
    order.check_end();
  });
  BOOST_TEST(holds);
}

BOOST_AUTO_TEST_SUITE_END()
