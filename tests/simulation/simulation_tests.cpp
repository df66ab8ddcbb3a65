// Many runs, each from its seed. A failing one prints its seed, and replays exactly:
//   ANNALS_SEED=17 simulation_tests        runs that one, and prints its log if it fails
//   ANNALS_SEEDS=5000 simulation_tests     runs so many
#include "simulation.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>

namespace {

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

/// The seed is part of what is said.
report run(std::uint64_t seed) {
  simulation one{seed};
  try {
    return one.run();
  } catch (const std::exception& broken) {
    if (std::getenv("ANNALS_SEED")) BOOST_TEST_MESSAGE(one.log());
    throw broken_promise{"ANNALS_SEED=" + std::to_string(seed) + ": " + broken.what()};
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(promises_under_faults_and_crashes)

BOOST_AUTO_TEST_CASE(hold_for_every_seed) {
  const auto only = number_from("ANNALS_SEED", 0);
  const auto last = only ? only : number_from("ANNALS_SEEDS", 150);
  report all;
  for (auto seed = only ? only : 1; seed <= last; ++seed) {
    const auto one = run(seed);
    all.records += one.records;
    all.lives += one.lives;
    all.crashes += one.crashes;
    all.failures += one.failures;
    all.full_disks += one.full_disks;
    all.snapshots += one.snapshots;
    all.spans += one.spans;
    all.images += one.images;
    all.rebuilds += one.rebuilds;
    all.commands_sent += one.commands_sent;
    all.answers_to_processes += one.answers_to_processes;
    all.acknowledged += one.acknowledged;
    all.parked += one.parked;
    all.retried += one.retried;
    all.skipped += one.skipped;
    all.far.add(one.far);
  }
  BOOST_TEST_MESSAGE(all.records << " records, " << all.commands_sent << " sends, " << all.answers_to_processes << " answers to process managers, "
                                 << all.lives << " lives, " << all.crashes << " crashes, " << all.spans << " spans, " << all.failures
                                 << " failed commits, " << all.full_disks << " full disks, " << all.acknowledged << " acknowledged, " << all.parked
                                 << " parked, " << all.retried << " retried and " << all.skipped << " skipped of models and process managers");
  BOOST_TEST_MESSAGE("other nodes: " << all.far.sends << " sends, " << all.far.unknown << " answers unknown, " << all.far.links << " links, "
                                     << all.far.links_with_calls_under_way << " calls under way on a new link, " << all.far.faults << " faults, "
                                     << all.far.client_crashes << " client crashes, " << all.far.joins << " joins, " << all.far.copied
                                     << " records copied, " << all.far.replica_crashes << " crashes of replicas, " << all.far.promotions
                                     << " promotions");
  if (only) return;
  // What never happens proves nothing.
  BOOST_TEST(all.crashes > last / 4);
  BOOST_TEST(all.failures > last / 4);
  BOOST_TEST(all.full_disks > last / 4);
  BOOST_TEST(all.snapshots > last);
  BOOST_TEST(all.spans > last * 10);
  BOOST_TEST(all.images > last);
  BOOST_TEST(all.rebuilds > last);
  BOOST_TEST(all.records > last * 200);
  BOOST_TEST(all.answers_to_processes > last * 20);
  BOOST_TEST(all.acknowledged > last * 50);
  BOOST_TEST(all.parked > last / 8);
  BOOST_TEST(all.retried > last);
  BOOST_TEST(all.skipped > last / 4);
  BOOST_TEST(all.far.sends > last * 20);
  BOOST_TEST(all.far.unknown > last / 4);
  BOOST_TEST(all.far.links > last * 2);
  BOOST_TEST(all.far.links_with_calls_under_way > last);
  BOOST_TEST(all.far.faults > last);
  BOOST_TEST(all.far.client_crashes > last / 8);
  BOOST_TEST(all.far.joins > last / 2);
  BOOST_TEST(all.far.copied > last * 100);
  BOOST_TEST(all.far.replica_crashes > last / 8);
  BOOST_TEST(all.far.promotions > last / 8);
}

BOOST_AUTO_TEST_CASE(a_seed_replays_byte_for_byte) {
  for (const std::uint64_t seed : {3, 14, 15}) BOOST_TEST((run(seed) == run(seed)));
  BOOST_TEST((run(3).fingerprint != run(14).fingerprint));
}

BOOST_AUTO_TEST_SUITE_END()
