// What is told of an LMDB environment in use.
#include "store/lmdb/lmdb.hpp"
#include "store/lmdb/usage.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>

using namespace annals;
using namespace annals::store;

namespace {

void write(lmdb_environment& env, std::size_t bytes) {
  auto txn = write_transaction::begin(env).value();
  MDB_dbi table = 0;
  BOOST_TEST_REQUIRE(mdb_dbi_open(txn.get(), "table", MDB_CREATE, &table) == 0);
  BOOST_TEST_REQUIRE(put(txn.get(), table, "key", std::string(bytes, 'x')) == 0);
  BOOST_TEST_REQUIRE(txn.commit() == 0);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(usage)

BOOST_AUTO_TEST_CASE(tells_how_far_the_oldest_reader_is_behind) {
  const temporary_directory place;
  constexpr std::uint64_t map_bytes = std::uint64_t{1} << 24;
  const auto env = lmdb_environment::open(place.path, {map_bytes}).value();
  write(*env, 1);
  const auto before = usage_of(*env);
  BOOST_TEST(before.map_bytes == map_bytes);
  BOOST_TEST(before.readers <= before.readers_limit);
  BOOST_TEST(before.oldest_reader == 0u);
  {
    const auto oldest = read_transaction::begin(*env).value();
    write(*env, 2);
    const auto newer = read_transaction::begin(*env).value();
    write(*env, 3);
    const auto now = usage_of(*env);
    BOOST_TEST(now.oldest_reader == 2u);
    BOOST_TEST(now.readers >= 2u);
    BOOST_TEST(now.readers < now.readers_limit);
  }
  BOOST_TEST(usage_of(*env).oldest_reader == 0u);
}

BOOST_AUTO_TEST_CASE(tells_pages_in_use_from_those_that_can_be_used_again) {
  const temporary_directory place;
  const auto env = lmdb_environment::open(place.path, {std::uint64_t{1} << 24}).value();
  constexpr std::size_t pages = 100;
  write(*env, pages * 4096);
  const auto full = usage_of(*env);
  BOOST_TEST(full.pages_used >= pages);
  BOOST_TEST(full.pages_free < pages);
  write(*env, 1);
  const auto now = usage_of(*env);
  BOOST_TEST(now.pages_free >= pages);
  BOOST_TEST(now.pages_used < pages);
}

BOOST_AUTO_TEST_SUITE_END()
