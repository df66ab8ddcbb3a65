// Case 49: a store to which a newer program has written a record that this one cannot read.
#include "store/log/front.hpp"
#include "support/printed.hpp"
#include "support/store/stores.hpp"

#include <annals/salvage.hpp>
#include <annals/store_view.hpp>

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace annals::store;
namespace fs = std::filesystem;

namespace {

/// A sealed record with a flag that is unknown here, and a field that it announces.
std::string newer_at(position at) {
  record_view r;
  r.stream = "a-1";
  r.version = at;
  r.type = "noted";
  r.payload = "payload";
  std::string bytes;
  append_record(bytes, r);
  bytes[9] = static_cast<char>(bytes[9] | 4);
  bytes += "what a later program knows";
  seal_record(bytes.data(), bytes.size(), at, 5'000);
  return bytes;
}

std::string key_of(position at) { return {reinterpret_cast<const char*>(&at), sizeof at}; }

/// Three records, and a newer one after them, in LMDB.
void write_newer(const fs::path& store) {
  stores::fill(store, 3);
  const auto bytes = newer_at(4);
  stores::put_raw(store / "log", "events", key_of(4), &bytes);
}

/// The same, in the front (the write-ahead log), where the newer program has not drained it.
void write_newer_to_front(const fs::path& store) {
  stores::fill(store, 0);
  std::string id;
  std::uint64_t generation = 0;
  {
    const auto now = stores::try_open(store, stores::reading()).value();
    id = now->log->identity().store_id;
    generation = now->log->identity().generation;
  }
  const auto front = store::front::open(store / "log" / "front", id, false).value();
  front->begin({}, generation);
  const auto bytes = newer_at(1);
  const std::string_view records[] = {bytes};
  block_buffer buffer;
  front->append(1, records, buffer).value();
}

void is_newer(const error& why, position at) {
  BOOST_TEST((why.code == errc::store_newer), why.message());
  BOOST_TEST(why.place == at, why.message());
  BOOST_TEST(why.message().find("newer program") != std::string::npos, why.message());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(newer_records)

BOOST_AUTO_TEST_CASE(case_49_no_writer_opens_a_store_whose_last_record_is_newer) {
  temporary_directory d;
  write_newer(d / "store");
  const auto before = stores::everything_in(d / "store");
  is_newer(stores::try_open(d / "store").error(), 4);
  auto after = stores::everything_in(d / "store");
  for (const auto& [path, bytes] : before)
    if (path.ends_with("data.mdb") || path.ends_with("front")) BOOST_TEST((after[path] == bytes), path);
}

BOOST_AUTO_TEST_CASE(case_49_a_reader_gets_the_records_before_it_and_then_its_position) {
  temporary_directory d;
  write_newer(d / "store");
  const auto view = store_view::open(d / "store").value();
  std::size_t seen = 0;
  const auto read = view.log(1, [&](const record_view&) { return ++seen, true; });
  BOOST_TEST(seen == 3u);
  BOOST_TEST_REQUIRE(!read.has_value());
  is_newer(read.error(), 4);
  is_newer(view.verify().error(), 4);
}

BOOST_AUTO_TEST_CASE(case_49_salvage_leaves_it_to_the_newer_program) {
  for (const bool in_front : {false, true}) {
    temporary_directory d;
    in_front ? write_newer_to_front(d / "store") : write_newer(d / "store");
    is_newer(salvage(d / "store", d / "copy").error(), in_front ? 1 : 4);
    BOOST_TEST(!fs::exists(d / "copy"));
  }
}

BOOST_AUTO_TEST_CASE(case_49_a_newer_record_in_the_front_is_not_taken_over) {
  temporary_directory d;
  write_newer_to_front(d / "store");
  is_newer(stores::try_open(d / "store").error(), 1);
  is_newer(stores::try_open(d / "store", stores::reading()).error(), 1);
}

BOOST_AUTO_TEST_SUITE_END()
