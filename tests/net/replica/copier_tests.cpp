// What a replica does with the answers of its source: each record is checked, nothing is written twice, decisions wait for their records.
#include "net/replica/copier.hpp"
#include "net/wire/records.hpp"
#include "store/log/record.hpp"
#include "support/memory_engine.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals;
using net::copier;
using net::pull_answer;

namespace {

struct source_and_copy {
  memory_store source;
  std::shared_ptr<store::memory_disk> disk = std::make_shared<store::memory_disk>(1);
  std::unique_ptr<store::memory_log> log;
  std::unique_ptr<copier> by;

  explicit source_and_copy(int records) {
    memory_engine e{source};
    for (int i = 0; i < records; ++i) e.send("a", world::add{i}).value();
    disk->identity = source.log->identity;
    start();
  }
  void start() {
    log = std::make_unique<store::memory_log>(disk);
    by = std::make_unique<copier>(*log);
  }
  /// Records from what the copy asks for, up to this position.
  pull_answer records_to(position last) const {
    net::record_batch batch;
    for (auto at = by->next({}).from; at <= last; ++at) batch.add(*store::read_record(at, source.log->records[at - 1]));
    pull_answer made;
    made.head = source.log->records.size();
    made.records = batch.done(last + 1, true);
    return made;
  }
  bool is_prefix() const {
    return disk->records.size() <= source.log->records.size() && std::equal(disk->records.begin(), disk->records.end(), source.log->records.begin());
  }
};

pull_answer with_control(pull_answer to, position head, bool is_all, std::vector<net::control_text> entries) {
  to.has_control = true;
  to.is_all_control = is_all;
  to.control_generation = 3;
  to.control_count = 7;
  to.control_head = head;
  to.control = std::move(entries);
  return to;
}

using table = std::map<std::string, std::string, std::less<>>;

}  // namespace

BOOST_AUTO_TEST_SUITE(copying)

BOOST_AUTO_TEST_CASE(records_are_copied_byte_for_byte_and_the_next_question_follows_them) {
  source_and_copy w{9};
  BOOST_TEST(w.by->next({}).from == 1u);
  w.by->take(encoded(w.records_to(4))).value();
  BOOST_TEST(w.by->next({}).from == 5u);  // before they are written
  w.by->write().value();
  w.start();
  BOOST_TEST(w.by->next({}).from == 5u);
  BOOST_TEST(w.by->next({}).previous_checksum == store::read_record(4, w.source.log->records[3])->checksum);
  w.by->take(encoded(w.records_to(9))).value();
  w.by->write().value();
  BOOST_TEST(w.disk->records == w.source.log->records, boost::test_tools::per_element());
  BOOST_TEST(w.by->source_head() == 9u);
}

BOOST_AUTO_TEST_CASE(case_143_a_bit_that_flips_on_the_way_is_named_and_nothing_of_it_is_written) {
  const source_and_copy whole{3};
  const auto sent = whole.records_to(3);
  std::size_t refused = 0;
  for (std::size_t at = 0; at < sent.records.size(); ++at) {
    source_and_copy w{0};
    w.source.log->records = whole.source.log->records;
    auto answer = sent;
    answer.records[at] = static_cast<char>(answer.records[at] ^ 0x10);
    const auto ok = w.by->take(encoded(answer));
    if (ok) {
      w.by->write().value();
    } else {
      ++refused;
      BOOST_TEST((ok.error().code == errc::corrupt_record || ok.error().code == errc::undecodable), ok.error().message());
    }
    BOOST_TEST(w.is_prefix(), "byte " << at);
  }
  // Where the next records are, and the attempt of each, a replica does not read.
  BOOST_TEST(refused >= sent.records.size() - 9 - 3 * 4);
}

BOOST_AUTO_TEST_CASE(case_143_a_record_that_is_left_out_is_named) {
  source_and_copy w{5};
  net::record_batch batch;
  for (const position at : {1, 2, 4}) batch.add(*store::read_record(at, w.source.log->records[at - 1]));
  pull_answer made;
  made.records = batch.done(5, true);
  const auto refused = w.by->take(encoded(made));
  BOOST_REQUIRE(!refused);
  BOOST_TEST((refused.error().code == errc::corrupt_record));
  BOOST_TEST(refused.error().message().find("position 3") != std::string::npos, refused.error().message());
  BOOST_TEST(w.disk->records.empty());
}

BOOST_AUTO_TEST_CASE(without_space_it_tries_again_and_writes_nothing_twice) {
  source_and_copy w{6};
  store::memory_faults faults;
  faults.no_space = 2;
  faults.drain_no_space = 1;
  w.log->set_faults(faults);
  w.by->take(encoded(with_control(w.records_to(6), 6, true, {{"k", "v"}}))).value();
  for (int i = 0; i < 3; ++i) BOOST_TEST((w.by->write().error().code == errc::storage_full));
  BOOST_TEST(w.disk->control.empty());
  w.by->write().value();
  w.by->write().value();
  BOOST_TEST(w.disk->records == w.source.log->records, boost::test_tools::per_element());
  BOOST_TEST((w.disk->control == table{{"k", "v"}}));
}

BOOST_AUTO_TEST_CASE(a_write_that_fails_is_for_good) {
  source_and_copy w{2};
  store::memory_faults faults;
  faults.fail = true;
  w.log->set_faults(faults);
  w.by->take(encoded(w.records_to(2))).value();
  BOOST_TEST((w.by->write().error().code == errc::store_failed));
  BOOST_TEST((w.by->write().error().code == errc::store_failed));
  BOOST_TEST(w.disk->records.empty());
}

BOOST_AUTO_TEST_CASE(case_145_decisions_wait_for_their_records_and_the_newest_of_a_key_counts) {
  source_and_copy w{6};
  w.disk->control = {{"old", "1"}, {"kept", "2"}};
  w.by->take(encoded(with_control(w.records_to(2), 4, true, {{"kept", "3"}, {"new", "4"}}))).value();
  w.by->write().value();
  BOOST_TEST((w.disk->control == table{{"old", "1"}, {"kept", "2"}}));  // position 4 is not here yet
  const auto next = w.by->next({});
  BOOST_TEST(next.control_generation == 3u);
  BOOST_TEST(next.control_count == 7u);
  w.by->take(encoded(with_control(w.records_to(3), 5, false, {{"new", ""}, {"late", "5"}}))).value();
  w.by->write().value();
  BOOST_TEST((w.disk->control == table{{"old", "1"}, {"kept", "2"}}));
  w.by->take(encoded(w.records_to(6))).value();
  w.by->write().value();
  BOOST_TEST((w.disk->control == table{{"kept", "3"}, {"late", "5"}}));
}

BOOST_AUTO_TEST_SUITE_END()
