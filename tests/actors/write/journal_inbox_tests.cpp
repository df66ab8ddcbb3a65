// What the shards hand over: order, memory that is used again, and the wait for company.
#include "actors/write/journal_inbox.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <thread>

using namespace annals;
using namespace annals::actors;

namespace {

/// Longer than a test may take: what waits for this to pass fails by the test's time-out.
constexpr std::chrono::hours for_ever{1};

handed_batch batch_of(std::uint64_t first, std::uint64_t count, recipient to = gateway_recipient) {
  handed_batch batch;
  for (auto n = first; n < first + count; ++n) batch.append("record", 1, to, {n, n, 0, 1, nullptr});
  return batch;
}

std::vector<std::uint64_t> numbers_in(const std::vector<handed_batch>& batches) {
  std::vector<std::uint64_t> numbers;
  for (const auto& batch : batches)
    for (const auto& item : batch.items) numbers.push_back(item.reply.number);
  return numbers;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(journal_inboxes)

BOOST_AUTO_TEST_CASE(batches_come_out_in_order_and_leave_an_empty_one_behind) {
  journal_inbox inbox;
  for (std::uint64_t n = 0; n < 6; n += 2) {
    auto batch = batch_of(n, 2);
    inbox.put(batch);
    BOOST_TEST(batch.items.empty());
    BOOST_TEST(batch.records.empty());
  }
  std::vector<handed_batch> taken;
  inbox.take(taken);
  BOOST_TEST((numbers_in(taken) == std::vector<std::uint64_t>{0, 1, 2, 3, 4, 5}));
  BOOST_TEST(taken.front().records == "recordrecord");
  inbox.give_back(taken);
  BOOST_TEST(taken.empty());
  auto batch = batch_of(7, 1);
  inbox.put(batch);
  BOOST_TEST(batch.records.empty());  // it is one that was given back
  BOOST_TEST(batch.records.capacity() >= 12u);
  inbox.take(taken);
  BOOST_TEST((numbers_in(taken) == std::vector<std::uint64_t>{7}));
}

BOOST_AUTO_TEST_CASE(nothing_comes_into_a_closed_one) {
  journal_inbox inbox;
  auto early = batch_of(1, 1), late = batch_of(2, 1);
  inbox.put(early);
  inbox.close();
  inbox.put(late);
  BOOST_TEST(late.items.empty());
  std::vector<handed_batch> taken;
  inbox.take(taken);
  BOOST_TEST(taken.empty());
}

BOOST_AUTO_TEST_CASE(a_lone_command_waits_for_nobody) {
  journal_inbox inbox;
  inbox.under_way = 1;
  auto batch = batch_of(1, 1);
  inbox.put(batch);
  inbox.wait_for_company(for_ever, for_ever);
}

BOOST_AUTO_TEST_CASE(enough_company_does_not_wait_for_the_rest) {
  journal_inbox inbox;
  inbox.under_way = 100'000;
  auto batch = batch_of(1, 500);
  inbox.put(batch);
  inbox.wait_for_company(for_ever, for_ever);
}

BOOST_AUTO_TEST_CASE(who_is_on_the_way_is_waited_for) {
  journal_inbox inbox;
  inbox.under_way = 3;
  auto here = batch_of(1, 1), of_a_process_manager = batch_of(9, 5, gateway_recipient + 1), others = batch_of(2, 2);
  inbox.put(here);
  inbox.put(of_a_process_manager);  // nobody counts on these
  std::atomic<bool> waits{false};
  std::vector<handed_batch> taken;
  std::thread journal{[&] {
    waits = true;
    inbox.wait_for_company(for_ever, for_ever);
    inbox.take(taken);
  }};
  while (!waits) std::this_thread::yield();
  inbox.put(others);
  journal.join();
  BOOST_TEST((numbers_in(taken) == std::vector<std::uint64_t>{1, 9, 10, 11, 12, 13, 2, 3}));
}

BOOST_AUTO_TEST_CASE(who_does_not_come_is_not_waited_for_long) {
  journal_inbox inbox;
  inbox.under_way = 2;
  auto batch = batch_of(1, 1);
  inbox.put(batch);
  inbox.wait_for_company(std::chrono::microseconds{50}, for_ever);  // nobody came for that long
  inbox.wait_for_company(for_ever, std::chrono::nanoseconds{0});    // or the time is up
}

BOOST_AUTO_TEST_SUITE_END()
