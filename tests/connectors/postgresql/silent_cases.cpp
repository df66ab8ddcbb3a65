#include "connectors/postgresql/tables.hpp"
#include "connectors/support/bounded.hpp"
#include "connectors/support/silent_listener.hpp"
#include "support/wait_until.hpp"

#include <boost/test/unit_test.hpp>

using namespace connectors;

BOOST_AUTO_TEST_SUITE(a_server_that_never_answers)

struct silent_sums : sums_table<silent_sums> {
  static constexpr std::string_view name = "silent_sums";
  static constexpr std::size_t partitions = 2;
};

BOOST_AUTO_TEST_CASE(is_given_up_after_the_time_out) {
  counting world;
  const silent_listener silent;
  const auto to = "host=127.0.0.1 user=test dbname=postgres sslmode=disable port=" + silent.port();
  auto sink = begin<silent_sums>(world.rt(), {.connection = to, .time_out = std::chrono::milliseconds{50}});
  wait_until([&] { return sink.status().waiting.has_value(); });
  BOOST_TEST(sink.status().waiting->message().find("in time") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(does_not_hold_up_close_while_it_is_connected_to) {
  counting world;
  const silent_listener silent;
  const auto to = "host=127.0.0.1 user=test dbname=postgres sslmode=disable port=" + silent.port();
  auto sink = begin<silent_sums>(world.rt(), {.connection = to, .time_out = std::chrono::hours{24}});
  BOOST_TEST((sink.wait_for(world.add("a", 1), std::chrono::milliseconds{100}).error().code == annals::errc::timed_out));
  BOOST_TEST(time_of([&] { sink.close(); }).count() < 5'000);
}

/// The rows are locked by somebody who does not go on: no statement of the sink is answered.
BOOST_AUTO_TEST_CASE(does_not_hold_up_close_in_the_middle_of_a_transaction) {
  counting world;
  auto sink = begin<silent_sums>(world.rt(), {.connection = to_server().connection, .time_out = std::chrono::hours{24}});
  reach(sink, world.add_many(100)).value();
  const std::unique_ptr<PGconn, decltype(&PQfinish)> holder{PQconnectdb(to_server().connection.c_str()), PQfinish};
  const auto tell = [&](const char* sql) { PQclear(PQexec(holder.get(), sql)); };
  tell("begin");
  tell("lock table silent_sums.annals_slots in access exclusive mode");
  const auto last = world.add_many(100);
  BOOST_TEST((sink.wait_for(last, std::chrono::milliseconds{100}).error().code == annals::errc::timed_out));
  BOOST_TEST(time_of([&] { sink.close(); }).count() < 5'000);
  tell("rollback");
  auto other = begin<silent_sums>(world.rt());
  reach(other, last).value();
  BOOST_TEST(sums_in("silent_sums") == world.sums());
}

BOOST_AUTO_TEST_SUITE_END()
