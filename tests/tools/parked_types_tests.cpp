// Every owner of parked events in the bank and the shop is known by name, with all that it takes to handle them.
#include "config/hosted.hpp"
#include "support/temporary_directory.hpp"

#include <annals/runtime.hpp>
#include <annals/store_view.hpp>
#include <bank/transfer.hpp>
#include <shop/delivery.hpp>
#include <shop/order.hpp>

#include <boost/test/unit_test.hpp>

namespace {

using annals::runtime;

template <class A, class C>
void send(runtime& rt, std::string_view key, const C& command) {
  rt.send<A>(key, command).get().value();
}

/// Work that nobody has begun.
void leave_work(const std::filesystem::path& store) {
  auto rt = runtime::open(store).value();
  rt.host<bank::account>().value();
  rt.host<bank::transfer>().value();
  rt.host<shop::order>().value();
  rt.host<shop::delivery>().value();
  rt.start().value();
  for (const auto* key : {"a", "b"}) send<bank::account>(rt, key, bank::open_account{key});
  send<bank::account>(rt, "a", bank::deposit{5'000, {}});
  send<bank::transfer>(rt, "t", bank::request_transfer{"a", "b", 700});
  send<shop::delivery>(rt, "d", shop::receive_delivery{"initial_stock", {{"x", 9}}});
  send<shop::order>(rt, "o", shop::place_order{"Ada", "Norway", {{"x", 2, 100}}, 0});
}

/// What is done with nobody else there.
std::string last_event_after(const std::filesystem::path& store, std::string_view name, const std::string& stream) {
  const auto types = annals::config::hosted().only({name}).value();
  {
    auto rt = runtime::open(store).value();
    rt.host(types).value();
    rt.start().value();
    rt.settle(std::chrono::seconds{60}).value();
  }
  std::string last;
  const auto view = annals::store_view::open(store).value();
  view.stream(stream, 1, [&](const annals::record_view& r) { return last = r.type, true; }).value();
  return last;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(parked_types)

BOOST_AUTO_TEST_CASE(a_process_manager_comes_with_the_aggregates_that_it_observes) {
  temporary_directory d;
  leave_work(d / "store");
  BOOST_TEST(last_event_after(d / "store", "restocking", "delivery-d") == "delivery_completed");
  BOOST_TEST(last_event_after(d / "store", "fulfilment", "order-o") == "order_shipped");
  BOOST_TEST(last_event_after(d / "store", "transferring", "transfer-t") == "transfer_completed");
}

BOOST_AUTO_TEST_CASE(what_each_does_after_its_last_attempt_is_known) {
  const auto& all = annals::config::hosted();
  BOOST_TEST((all.on_failure_of("order_board") == annals::on_failure::park_event));
  BOOST_TEST((all.on_failure_of("fulfilment") == annals::on_failure::park_stream));
  BOOST_TEST(!all.on_failure_of("order"));
}

BOOST_AUTO_TEST_CASE(every_follower_of_the_log_is_known) {
  temporary_directory d;
  auto rt = runtime::open(d / "store").value();
  annals::config::host_all(rt).value();
  rt.start().value();
  const auto all = rt.health();
  BOOST_TEST(all.projections.size() == 5u);
  BOOST_TEST(all.processes.size() == 3u);
  for (const auto* some : {&all.projections, &all.processes})
    for (const auto& one : *some) BOOST_TEST(annals::config::hosted().only({one.name}).has_value(), one.name);
  for (const auto* other : {"", "balance", "subscription/mail"})
    BOOST_TEST((annals::config::hosted().only({other}).error().code == annals::errc::not_hosted), other);
}

BOOST_AUTO_TEST_SUITE_END()
