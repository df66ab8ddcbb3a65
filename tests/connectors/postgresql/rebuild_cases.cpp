#include "connectors/postgresql/tables.hpp"
#include "connectors/support/gated.hpp"
#include "support/wait_until.hpp"

#include <boost/test/unit_test.hpp>

using namespace connectors;

BOOST_AUTO_TEST_SUITE(a_rebuild)

struct rebuilt : sums_table<rebuilt> {
  static constexpr std::string_view name = "rebuilt";
  static constexpr std::size_t partitions = 2;
};

BOOST_AUTO_TEST_CASE(takes_the_place_of_what_serves_while_events_come) {
  counting world;
  auto sink = begin<rebuilt>(world.rt(), {.connection = to_server().connection, .batch_max = 50});
  reach(sink, world.add_many(2'000)).value();
  postgresql_server::shared().ask("update rebuilt.sums set sum = 0");  // as if the handlers had been wrong
  sink.rebuild().value();
  while (sink.wait_for_rebuild(std::chrono::milliseconds{0}).error().code == annals::errc::timed_out) {
    reach(sink, world.add_many(20)).value();
    if (sink.wait_for_rebuild(std::chrono::milliseconds{0})) break;
  }
  sink.wait_for_rebuild(long_enough).value();
  reach(sink, world.add_many(20)).value();
  BOOST_TEST(sums_in("rebuilt") == world.sums());
  BOOST_TEST(postgresql_server::shared().ask("select nspname from pg_namespace where nspname like 'rebuilt%'") == "rebuilt\n");
}

BOOST_AUTO_TEST_CASE(goes_on_after_a_crash_and_the_old_rows_serve_until_then) {
  postgresql_server::shared().ask("drop schema if exists rebuilt cascade");
  counting world;
  gated gate{world.rt()};
  {
    auto sink = begin<rebuilt>(gate.source());
    reach(sink, world.add_many(1'000)).value();
    gate.open_to(400);  // what follows cannot be read again for now
    sink.rebuild().value();
    wait_until([&] { return sink.status().rebuilt_to == 400u; });
    sink.close();
  }
  BOOST_TEST(postgresql_server::shared().ask("select min(position) from rebuilt_next.annals_slots") == "400\n");
  BOOST_TEST(postgresql_server::shared().ask("select min(position) from rebuilt.annals_slots") == "1000\n");
  gate.open_to(1'000);
  postgresql_server::shared().ask("create table rebuilt_next.witness ()");
  auto sink = begin<rebuilt>(gate.source());
  reach(sink, world.rt().head()).value();
  sink.wait_for_rebuild(long_enough).value();
  BOOST_TEST(sums_in("rebuilt") == world.sums());
  BOOST_TEST(postgresql_server::shared().ask("select count(*) from rebuilt.witness") == "0\n");  // what had been begun
}

struct of_first_version : sums_table<of_first_version> {
  static constexpr std::string_view name = "versions";
};
struct of_second_version : sums_table<of_second_version> {
  static constexpr std::string_view name = "versions";
  static constexpr std::uint32_t version = 2;
  static void schema(model& to) {
    sums_table::schema(to);
    to.sql("create view doubled as select id, 2 * sum as sum from sums");
  }
};

BOOST_AUTO_TEST_CASE(begins_by_itself_for_another_version_and_stops_a_program_of_the_old_one) {
  counting world;
  auto old = begin<of_first_version>(world.rt());
  reach(old, world.add_many(1'500)).value();
  auto now = begin<of_second_version>(world.rt());
  now.wait_for_rebuild(long_enough).value();
  reach(now, world.add_many(100)).value();
  BOOST_TEST(sums_in("versions") == world.sums());
  BOOST_TEST(postgresql_server::shared().ask("select count(*) from versions.doubled") == "40\n");
  wait_until([&] { return world.add("x", 1), old.status().stopped.has_value(); });  // it finds out with the next event
  BOOST_TEST((old.status().stopped->code == annals::errc::misuse));
}

BOOST_AUTO_TEST_CASE(is_begun_by_two_programs_of_the_other_version_and_both_go_on) {
  postgresql_server::shared().ask("drop schema if exists versions cascade");
  counting world;
  {
    auto old = begin<of_first_version>(world.rt());
    reach(old, world.add_many(1'500)).value();
  }
  for (int round = 0; round < 3; ++round) {
    const annals::postgresql::options small{.connection = to_server().connection, .batch_max = 20};
    auto one = begin<of_second_version>(world.rt(), small);
    auto other = begin<of_second_version>(world.rt(), small);
    one.wait_for_rebuild(long_enough).value();
    other.wait_for_rebuild(long_enough).value();
    const auto last = world.add_many(100);
    reach(one, last).value();
    reach(other, last).value();
    BOOST_TEST(sums_in("versions") == world.sums());
    postgresql_server::shared().ask("update versions.annals_sink set shape = 1");  // as if others had filled it
  }
}

struct skips : sums_table<skips> {
  static constexpr std::string_view name = "skips";
  static constexpr annals::failure_policy on_failure{1, std::chrono::milliseconds{1}, annals::on_failure::park_event};
};

BOOST_AUTO_TEST_CASE(leaves_out_what_was_skipped_and_parks_what_fails_again) {
  counting world;
  const auto skipped = world.note("a", "insert into sums select 'skipped', n, 1 from public.mended");
  const auto stays = world.note("b", "select 1/0");
  const auto last = world.add_many(10);
  auto sink = begin<skips>(world.rt());
  reach(sink, last).value();
  sink.skip(skipped.at).value();
  postgresql_server::shared().ask("create table public.mended as select 1 as n");
  sink.rebuild().value();
  sink.wait_for_rebuild(long_enough).value();
  reach(sink, world.add("z", 1)).value();
  BOOST_TEST(sums_in("skips") == world.sums());
  BOOST_REQUIRE(sink.parked().size() == 1u);
  BOOST_TEST(sink.parked()[0].at == stays.at);
  postgresql_server::shared().ask("drop table public.mended");
}

struct stops_in_rebuild : sums_table<stops_in_rebuild> {
  static constexpr std::string_view name = "stops_in_rebuild";
  static constexpr annals::failure_policy on_failure{1, std::chrono::milliseconds{1}, annals::on_failure::stop};
};

BOOST_AUTO_TEST_CASE(that_an_event_stops_leaves_what_serves_as_it_is) {
  counting world;
  postgresql_server::shared().ask("create table public.present ()");
  const auto bad = world.note("a", "select from public.present");
  auto sink = begin<stops_in_rebuild>(world.rt());
  reach(sink, world.add_many(10)).value();
  postgresql_server::shared().ask("drop table public.present");
  sink.rebuild().value();
  const auto answer = sink.wait_for_rebuild(long_enough);
  BOOST_TEST((answer.error().code == annals::errc::projection_failed));
  BOOST_TEST(answer.error().place == bad.at);
  reach(sink, world.add_many(10)).value();
  BOOST_TEST(sums_in("stops_in_rebuild") == world.sums());
}

struct other_history : sums_table<other_history> {
  static constexpr std::string_view name = "other_history";
};

BOOST_AUTO_TEST_CASE(is_what_another_history_of_the_log_needs) {
  counting one;
  {
    auto sink = begin<other_history>(one.rt());
    reach(sink, one.add_many(100)).value();
  }
  counting other;
  const auto last = other.add_many(30);
  auto sink = begin<other_history>(other.rt());
  BOOST_TEST((reach(sink, last).error().code == annals::errc::history_differs));
  BOOST_TEST(sums_in("other_history") == one.sums());
  sink.rebuild().value();
  sink.wait_for_rebuild(long_enough).value();
  reach(sink, last).value();
  BOOST_TEST(sums_in("other_history") == other.sums());
}

BOOST_AUTO_TEST_SUITE_END()
