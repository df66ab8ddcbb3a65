// Derived state is dropped and rebuilt if it is useless, and believed if it knows more than the log.
#include "support/printed.hpp"
#include "support/store/stores.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>

using namespace annals;
using namespace stores;
namespace fs = std::filesystem;

namespace {

/// A store whose log is older than its derived state: the log has 5 events, derived/ has seen 9.
void lose_four(const fs::path& at) {
  fill(at, 5);
  fs::copy(at / "log", at / "older");
  fill(at, 9);
  fs::remove_all(at / "log");
  fs::rename(at / "older", at / "log");
}

std::vector<position> positions_of(const opened& store) {
  std::vector<position> found;
  store->derived->positions("a-1", 1, 100, found).value();
  return found;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(derived)

BOOST_AUTO_TEST_CASE(what_the_index_knew_is_there_after_reopening) {
  temporary_directory d;
  std::vector<std::string> warnings;
  fill(d.path, 5);
  const auto store = try_open(d.path, options(&warnings)).value();
  BOOST_TEST(store->derived->mark().at == 5u);
  BOOST_TEST(positions_of(store).size() == 5u);
  BOOST_TEST(warnings.empty());
}

BOOST_AUTO_TEST_CASE(case_47_derived_state_of_no_use_is_dropped_with_a_warning_and_built_again) {
  const auto newer = [] {
    const std::uint32_t format = 4;
    return std::string{reinterpret_cast<const char*>(&format), sizeof format};
  }();
  const auto older = std::string{newer}.replace(0, 1, 1, '\2');
  const std::string other(32, '0'), text = "text", no_mark(24, 'x');
  for (int how = 0; how < 11; ++how) {
    temporary_directory d;
    fill(d.path, 50);
    const auto derived = d / "derived", data = derived / "data.mdb";
    switch (how) {
      case 0: fs::resize_file(data, 0); break;
      case 1: fs::resize_file(data, fs::file_size(data) - 4096); break;
      case 2: std::ofstream{data, std::ios::trunc} << std::string(20'000, 'x'); break;
      case 3: fs::remove(data); break;
      case 4: put_raw(derived, "meta", "store", &other); break;
      case 5: put_raw(derived, "meta", "history", &text); break;
      case 6: put_raw(derived, "meta", "format", &newer); break;
      case 7: put_raw(derived, "meta", "mark", nullptr); break;
      case 8: put_raw(derived, "meta", "mark", &no_mark); break;
      case 9: put_raw(derived, "meta", "format", &older); break;
      default: fs::remove(data), put_raw(derived, "theirs", "key", &text);
    }
    {
      const auto reader = try_open(d.path, reading()).value();
      BOOST_TEST(!reader->derived, "how " << how);
      BOOST_TEST(read_all(*reader->log).size() == 50u);
    }
    std::vector<std::string> warnings;
    const auto store = try_open(d.path, options(&warnings)).value();
    BOOST_TEST_REQUIRE(warnings.size() == 1u, "how " << how);
    BOOST_TEST(warnings[0].find(derived.string()) != std::string::npos);
    BOOST_TEST(store->derived->mark().at == 0u);
    bring_up(store);
    BOOST_TEST(positions_of(store).size() == 50u);
    BOOST_TEST(store->log->durable() == 50u);
  }
}

BOOST_AUTO_TEST_CASE(derived_state_that_is_not_there_is_built_without_a_word) {
  temporary_directory d;
  fill(d.path, 5);
  fs::remove_all(d / "derived");
  BOOST_TEST(!try_open(d.path, reading()).value()->derived);
  std::vector<std::string> warnings;
  const auto store = try_open(d.path, options(&warnings)).value();
  BOOST_TEST(warnings.empty());
  BOOST_TEST(store->derived->mark().at == 0u);
}

BOOST_AUTO_TEST_CASE(rule_6_case_54_an_older_log_beside_newer_derived_state_is_refused_and_names_what_is_lost) {
  temporary_directory d;
  lose_four(d.path);
  for (int again = 0; again < 2; ++again) {
    for (const auto& with : {options(), reading()}) {
      const auto refused = try_open(d.path, with);
      BOOST_TEST_REQUIRE((code_of(refused) == errc::derived_ahead));
      BOOST_TEST(refused.error().message().find("positions 6 to 9") != std::string::npos);
      BOOST_TEST(refused.error().place == 6u);
    }
  }
}

BOOST_AUTO_TEST_CASE(case_54_accepting_the_loss_starts_a_new_history_without_derived_state) {
  temporary_directory d;
  std::uint64_t before = 0;
  fill(d.path, 1);
  before = try_open(d.path).value()->log->identity().history;
  lose_four(d.path);
  auto with = options();
  with.accept_loss = true;
  {
    const auto store = try_open(d.path, with).value();
    BOOST_TEST(store->log->identity().history != before);
    BOOST_TEST_REQUIRE(store->log->identity().former.size() == 1u);
    BOOST_TEST(store->log->identity().former[0].id == before);
    BOOST_TEST(store->log->identity().former[0].fork == 5u);
    BOOST_TEST(store->derived->mark().at == 0u);
    BOOST_TEST(positions_of(store).empty());
    BOOST_TEST(append(*store->log, "b-1", 1, 1));
  }
  const auto again = try_open(d.path).value();
  BOOST_TEST(again->log->identity().former.size() == 1u);
  BOOST_TEST(again->log->durable() == 6u);
}

BOOST_AUTO_TEST_CASE(case_54_accept_loss_changes_nothing_where_nothing_is_lost_and_never_for_a_reader) {
  temporary_directory d;
  fill(d.path, 5);
  auto with = options();
  with.accept_loss = true;
  BOOST_TEST(try_open(d.path, with).value()->log->identity().former.empty());
  BOOST_TEST(try_open(d.path, with).value()->derived->mark().at == 5u);
  lose_four(d / "other");
  with.read_only = true;
  BOOST_TEST((code_of(try_open(d / "other", with)) == errc::derived_ahead));
}

BOOST_AUTO_TEST_CASE(rule_6_case_22_another_record_where_derived_state_stood_is_refused) {
  temporary_directory d;
  lose_four(d.path);
  fs::rename(d / "derived", d / "aside");
  {
    const auto store = try_open(d.path).value();  // position 9 exists again, with another event
    BOOST_TEST(append(*store->log, "b-1", 1, 6));
  }
  fs::remove_all(d / "derived");
  fs::rename(d / "aside", d / "derived");
  const auto refused = try_open(d.path);
  BOOST_TEST((code_of(refused) == errc::derived_ahead));
  BOOST_TEST(refused.error().message().find("the log has another record at position 9") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_restored_backup_that_was_written_to_elsewhere_drops_derived_state_of_the_old_history) {
  temporary_directory d;
  fill(d / "store", 5);
  try_open(d / "store").value()->log->backup(d / "copy").value();
  fill(d / "store", 9);
  fill(d / "copy", 6);
  fs::remove_all(d / "store" / "log");
  fs::rename(d / "copy" / "log", d / "store" / "log");
  std::vector<std::string> warnings;
  const auto store = try_open(d / "store", options(&warnings)).value();
  BOOST_TEST(store->log->durable() == 6u);
  BOOST_TEST(store->derived->mark().at == 0u);
  BOOST_TEST(warnings.size() == 1u);
}

BOOST_AUTO_TEST_CASE(case_54_a_backup_put_under_newer_derived_state_is_refused_too) {
  temporary_directory d;
  fill(d / "store", 5);
  try_open(d / "store").value()->log->backup(d / "copy").value();
  fill(d / "store", 9);
  fs::remove_all(d / "store" / "log");
  fs::rename(d / "copy" / "log", d / "store" / "log");
  BOOST_TEST((code_of(try_open(d / "store")) == errc::derived_ahead));
}

/// State that cannot be opened now may be of use later, and may know of a loss: only state that is known to be useless is dropped.
BOOST_AUTO_TEST_CASE(derived_state_that_cannot_be_opened_for_now_is_not_dropped) {
  temporary_directory d;
  fill(d.path, 5);
  auto with = options();
  with.derived_map_bytes = std::uint64_t{1} << 60;
  BOOST_TEST((code_of(try_open(d.path, with)) == errc::store_failed));
  BOOST_TEST(try_open(d.path).value()->derived->mark().at == 5u);
}

BOOST_AUTO_TEST_SUITE_END()
