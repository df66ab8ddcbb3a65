#include "connectors/kafka/inbox.hpp"

#include <boost/test/unit_test.hpp>

using annals::kafka::inbox;

BOOST_AUTO_TEST_SUITE(kafka_inbox)

BOOST_AUTO_TEST_CASE(it_hands_out_what_was_put_and_uses_the_memory_again) {
  const auto in = std::make_shared<inbox>();
  auto& first = in->expect(1, 1);
  auto& second = in->expect(2, 1);
  second.put();
  in->wait(std::chrono::hours{1});
  std::vector<inbox::reply*> taken;
  in->take(taken);
  BOOST_REQUIRE(taken.size() == 1u);
  BOOST_TEST(taken.front()->entry == 2u);
  in->release(*taken.front());
  BOOST_TEST(&in->expect(3, 1) == &second);
  BOOST_TEST(&in->expect(4, 1) != &first);  // which has no answer
}

BOOST_AUTO_TEST_CASE(after_close_it_lives_until_the_last_answer) {
  auto in = std::make_shared<inbox>();
  auto& early = in->expect(1, 1);
  auto& late = in->expect(2, 1);
  early.put();
  in->close();
  const std::weak_ptr watched{in};
  in.reset();
  BOOST_TEST(!watched.expired());
  late.put();
  BOOST_TEST(watched.expired());
}

BOOST_AUTO_TEST_CASE(after_close_it_ends_at_once_if_every_answer_has_come) {
  auto in = std::make_shared<inbox>();
  in->expect(1, 1).put();
  in->close();
  const std::weak_ptr watched{in};
  in.reset();
  BOOST_TEST(watched.expired());
}

BOOST_AUTO_TEST_SUITE_END()
