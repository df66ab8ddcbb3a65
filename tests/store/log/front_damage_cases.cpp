// A front (the write-ahead log) that is torn, damaged or another store's: answered records are kept, or reported as lost.
#include "store/log/fronts.hpp"
#include "support/store/disk_faults.hpp"
#include "support/store/printed.hpp"

#include <boost/test/unit_test.hpp>

#include <cerrno>

using namespace annals;
using namespace annals::store;
using namespace fronts;
using namespace stores;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(front_damage)

/// Blocks reach the disk in any order: whichever blocks of the last batch are there, the batch is complete or not there at all.
BOOST_AUTO_TEST_CASE(a_torn_short_or_reordered_last_batch_is_not_there_and_all_before_it_is) {
  temporary_directory d;
  const auto at = d / "store";
  {
    const auto store = try_open(at).value();
    fill_front(*store->log, 60, 5 * block);  // more than one lap, so that old batches lie underneath
    (void)store->log->drain();
    fill_front(*store->log, 62, 5 * block);
  }
  const auto front_before = read_file(front_of(at));
  fill_front(*try_open(at).value()->log, 63, 5 * block);
  const auto after = d / "after";
  fs::copy(at, after, fs::copy_options::recursive);
  const auto front_after = read_file(front_of(at));
  std::vector<std::size_t> changed;
  for (std::size_t b = 0; b < front_after.size(); b += block)
    if (front_after.compare(b, block, front_before, b, block) != 0) changed.push_back(b);
  BOOST_TEST_REQUIRE(changed.size() == 6u);  // five blocks of payload, and the headers
  for (unsigned there = 0; there < 1u << changed.size(); ++there) {
    auto torn = front_before;
    for (std::size_t i = 0; i < changed.size(); ++i)
      if (there >> i & 1) torn.replace(changed[i], block, front_after, changed[i], block);
    fs::remove_all(at);
    fs::copy(after, at, fs::copy_options::recursive);
    write_file(front_of(at), torn);
    const auto store = try_open(at);
    BOOST_TEST_REQUIRE(store.has_value(), (store ? "" : store.error().message()));
    BOOST_TEST(has_exactly(*(*store)->log, there + 1 == 1u << changed.size() ? 63 : 62), "blocks " << there);
  }
}

/// A flipped bit loses nothing silently, except the last batch, which cannot be told from a torn one.
BOOST_AUTO_TEST_CASE(a_flipped_bit_in_an_answered_batch_is_named_and_its_loss_has_to_be_accepted) {
  const filled f{6, 2};  // batches 3 to 6 in blocks 3 to 6 of the file, after its header
  const auto good = read_file(front_of(f.at));
  const auto lmdb = read_file(f.at / "log" / "data.mdb");
  std::size_t refused = 0, fewer = 0, same = 0;
  for (std::size_t bit = 0; bit < 6 * block * 8; bit += 1 + bit % 97) {
    auto bad = good;
    bad[block + bit / 8] = static_cast<char>(bad[block + bit / 8] ^ (1 << bit % 8));
    write_file(front_of(f.at), bad);
    write_file(f.at / "log" / "data.mdb", lmdb);
    const auto reader = try_open(f.at, reading());
    const auto batch = bit / 8 / block + 1;
    if (!reader) {
      ++refused;
      BOOST_TEST((reader.error().code == errc::corrupt_record));
      BOOST_TEST(reader.error().place == batch);
      BOOST_TEST(reader.error().message().find(front_of(f.at).string()) != std::string::npos);
      continue;
    }
    const auto head = (*reader)->log->durable();
    ++(head == 6 ? same : fewer);
    BOOST_TEST(has_exactly(*(*reader)->log, head), "bit " << bit);
    BOOST_TEST((head == 6 || (head == 5 && batch == 6)), "bit " << bit << " head " << head);
  }
  BOOST_TEST(refused > 0u);
  BOOST_TEST(fewer > 0u);
  BOOST_TEST(same > 0u);  // after the batches' ends, and in batches that LMDB has
}

BOOST_AUTO_TEST_CASE(an_accepted_loss_goes_on_before_the_damaged_batch_in_a_new_history) {
  const filled f{6, 2};
  auto bytes = read_file(front_of(f.at));
  bytes[4 * block + 80] = static_cast<char>(bytes[4 * block + 80] ^ 1);  // batch 4
  write_file(front_of(f.at), bytes);
  for (int again = 0; again < 2; ++again) {
    const auto refused = try_open(f.at);
    BOOST_TEST_REQUIRE((code_of(refused) == errc::corrupt_record));
    BOOST_TEST(refused.error().place == 4u);
  }
  auto with = options();
  with.accept_loss = true;
  const auto store = try_open(f.at, with).value();
  BOOST_TEST(has_exactly(*store->log, 3));
  BOOST_TEST_REQUIRE(store->log->identity().former.size() == 1u);
  BOOST_TEST(store->log->identity().former[0].fork == 3u);
  fill_front(*store->log, 5);
}

BOOST_AUTO_TEST_CASE(case_47_a_missing_truncated_foreign_or_newer_front_is_refused_and_left_as_it_was) {
  const filled other{3};
  const auto theirs = read_file(front_of(other.at));
  for (int how = 0; how < 7; ++how) {
    const filled f{5, 2};
    const auto path = front_of(f.at);
    auto bytes = read_file(path);
    switch (how) {
      case 0: fs::remove(path); break;
      case 1: write_file(path, ""); break;
      case 2: fs::resize_file(path, bytes.size() - 1); break;
      case 3: fs::resize_file(path, 20); break;
      case 4: write_file(path, theirs); break;
      case 5: write_file(path, std::string(bytes.size(), '\0')); break;
      default:
        bytes[9] = static_cast<char>(bytes[9] ^ 1);  // the number of the format, without updating its checksum
        write_file(path, bytes);
    }
    const bool there = fs::exists(path);
    const auto before = there ? read_file(path) : std::string{};
    for (const auto& with : {options(), reading()}) {
      const auto refused = try_open(f.at, with);
      BOOST_TEST((code_of(refused) == errc::store_foreign), "how " << how);
      BOOST_TEST(refused.error().message().find(path.string()) != std::string::npos);
    }
    BOOST_TEST(fs::exists(path) == there);
    if (there) BOOST_TEST(read_file(path) == before);
  }
}

BOOST_AUTO_TEST_CASE(what_an_earlier_generation_left_in_the_front_never_comes_back) {
  temporary_directory d;
  for (version v = 1; v <= 5; ++v) {
    const auto store = try_open(d.path).value();
    BOOST_TEST(has_exactly(*store->log, (v - 1) * 20));
    fill_front(*store->log, v * 20);
    if (v % 2 == 0) (void)store->log->drain();
  }
  BOOST_TEST(has_exactly(*try_open(d.path).value()->log, 100));
}

BOOST_AUTO_TEST_CASE(a_file_system_that_takes_no_direct_writes_gets_others) {
  temporary_directory d;
  {
    const auto store = try_open(d.path).value();
    const auto b = next_of(*store->log).add("a-1", 1, 1, "eeee");
    const disk_faults::armed fault{{disk_faults::step::synced, 1, EINVAL}};
    BOOST_TEST((b.make_durable_in(*store->log).status == commit_status::committed));
    BOOST_TEST(fault.failed() == 1u);
  }
  BOOST_TEST(try_open(d.path).value()->log->durable() == 1u);
}

BOOST_AUTO_TEST_CASE(a_front_whose_write_fails_answers_nothing_more) {
  for (const bool is_there_all_the_same : {false, true}) {
    temporary_directory d;
    {
      const auto store = try_open(d.path).value();
      fill_front(*store->log, 3);
      const auto b = next_of(*store->log).add("a-1", 4, 4, "eeee");
      {
        const disk_faults::armed fault{{disk_faults::step::synced, 1, EIO, is_there_all_the_same}};
        BOOST_TEST((b.make_durable_in(*store->log).status == commit_status::failed));
      }
      BOOST_TEST(store->log->durable() == 3u);
      BOOST_TEST((b.make_durable_in(*store->log).status == commit_status::failed));
    }
    BOOST_TEST(try_open(d.path).value()->log->durable() == (is_there_all_the_same ? 4u : 3u));
  }
}

BOOST_AUTO_TEST_SUITE_END()
