// A store seen from outside: what a view counts and shows, and that no visitor keeps a transaction open.
#include "store/derived/stream_key.hpp"
#include "store/lmdb/format.hpp"
#include "store/lmdb/lmdb.hpp"
#include "store/log/subscription_table.hpp"
#include "support/store/child_process.hpp"
#include "support/store/stores.hpp"

#include <annals/codec.hpp>
#include <annals/store_view.hpp>

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <sstream>

using namespace annals;
using namespace annals::store;

namespace {

/// The number of read transactions that this process has open in this environment, according to LMDB's reader table, which a child reads.
std::uint64_t transactions_open(const std::filesystem::path& directory) {
  const auto me = ::getpid();
  child_process looking{[&](auto&& report) {
    struct count {
      int of;
      std::uint64_t open = 0;
    } seen{me};
    const auto each = [](const char* line, void* to) {
      auto& seen = *static_cast<count*>(to);
      int pid = 0;
      unsigned long thread = 0;
      char transaction[32] = "-";
      if (std::sscanf(line, "%d %lx %31s", &pid, &thread, transaction) == 3 && pid == seen.of && transaction[0] != '-') ++seen.open;
      return 0;
    };
    MDB_env* env = nullptr;
    mdb_env_create(&env);
    mdb_env_set_maxreaders(env, 512);
    if (mdb_env_open(env, directory.c_str(), MDB_RDONLY, 0644) != 0) ::_exit(1);
    mdb_reader_list(env, each, &seen);
    report(seen.open);
  }};
  std::uint64_t open = ~std::uint64_t{0};
  looking.next(open);
  return open;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(views)

BOOST_AUTO_TEST_CASE(case_47_a_view_says_why_derived_state_was_not_verified) {
  temporary_directory d;
  stores::fill(d.path, 50);
  const auto seen = [&] { return store_view::open(d.path).value().verify().value(); };
  BOOST_TEST(seen().indexed == 50u);
  BOOST_TEST(seen().why_no_derived.empty());
  const std::uint32_t format = 99;
  const std::string newer{reinterpret_cast<const char*>(&format), sizeof format};
  stores::put_raw(d / "derived", "meta", "format", &newer);
  BOOST_TEST(seen().indexed == 0u);
  BOOST_TEST(seen().records == 50u);
  BOOST_TEST(seen().why_no_derived.find("another format") != std::string::npos);
  std::filesystem::remove_all(d / "derived");
  BOOST_TEST(seen().why_no_derived.find("does not exist") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_view_counts_what_there_is) {
  temporary_directory d;
  {
    auto store = stores::try_open(d.path).value();
    BOOST_TEST(append(*store->log, "a-1", 1, 3));
    BOOST_TEST(append(*store->log, "b-1", 1, 2));
    stores::bring_up(store);
    store->derived->flush({}, std::array{named_checkpoint{"process p", 4}}, store->derived->mark()).value();
    store->derived->write_snapshots(std::array{snapshot{"a-1", 2, 2, checksum_at(*store->log, 2), 9, "state"}}, 1).value();
    store->derived->write_parked("sums", std::array{parked_event{2, "a-1", "no", 3, 0}}).value();
    store->images->write({"sums", {4, checksum_at(*store->log, 4)}, 9, {}, "sixsix"}, [] { return true; }).value();
    const std::array decided{control_entry{key_of_subscription("mail"), encoded(subscription_entry{2, {}})},
                             control_entry{key_of_subscription("mail-2"), encoded(subscription_entry{4, {}})},
                             control_entry{key_of_parked("mail", 1), encoded(parked_event{1, "a-1", "no", 3, 0})}};
    BOOST_TEST((store->log->drain(decided).status == commit_status::committed));
    BOOST_TEST(append(*store->log, "b-2", 1, 1));  // the index lags behind
  }
  const auto look = [&] { return store_view::open(d.path).value().stats().value(); };
  const auto s = look();
  BOOST_TEST(s.durable == 6u);
  BOOST_TEST(s.readable == 6u);
  BOOST_TEST(s.streams == 3u);
  BOOST_TEST_REQUIRE(s.categories.size() == 2u);
  BOOST_TEST(s.categories[0].category == "a");
  BOOST_TEST(s.categories[0].records == 3u);
  BOOST_TEST(s.categories[1].streams == 2u);
  BOOST_TEST(s.categories[1].records == 3u);
  BOOST_TEST_REQUIRE(s.derived.has_value());
  BOOST_TEST(s.derived->indexed == 5u);
  BOOST_TEST(s.derived->snapshots == 1u);
  BOOST_TEST(s.derived->snapshot_bytes == 5u);
  BOOST_TEST_REQUIRE(s.derived->followers.size() == 1u);
  BOOST_TEST(s.derived->followers[0].name == "process p");
  BOOST_TEST(s.derived->followers[0].lag == 2u);
  BOOST_TEST_REQUIRE(s.derived->images.size() == 1u);
  BOOST_TEST(s.derived->images[0].projection == "sums");
  BOOST_TEST(s.derived->images[0].at == 4u);
  BOOST_TEST(s.derived->images[0].lag == 2u);
  BOOST_TEST(s.derived->images[0].bytes == 6u);
  BOOST_TEST(s.derived->parked == 1u);
  BOOST_TEST_REQUIRE(s.subscriptions.size() == 2u);
  BOOST_TEST(s.subscriptions[0].name == "mail");
  BOOST_TEST(s.subscriptions[0].lag == 4u);
  BOOST_TEST(s.subscriptions[0].parked == 1u);
  BOOST_TEST(s.subscriptions[1].at == 4u);
  BOOST_TEST(s.subscriptions[1].parked == 0u);
  BOOST_TEST(s.log_bytes == std::filesystem::file_size(d.path / "log" / "data.mdb"));
  BOOST_TEST(s.derived_bytes > std::filesystem::file_size(d.path / "derived" / "data.mdb") + 6);
  BOOST_TEST(s.front_bytes > std::uint64_t{1} << 20);
  std::filesystem::remove_all(d / "derived");
  const auto without = look();
  BOOST_TEST(!without.derived.has_value());
  BOOST_TEST(!without.why_no_derived.empty());
  BOOST_TEST(without.categories.size() == 2u);
  BOOST_TEST(without.derived_bytes == 0u);
}

BOOST_AUTO_TEST_CASE(a_view_shows_what_all_have_parked_and_stops_when_told_or_at_what_does_not_decode) {
  temporary_directory d;
  stores::fill(d.path, 9);
  {
    auto store = stores::try_open(d.path).value();
    store->derived->write_parked("sums", std::array{parked_event{2, "a-1", "no", 3, 0}}).value();
    store->derived->write_parked("process order", std::array{parked_event{3, "order-1", "no", 3, 0}}).value();
    const std::array decided{control_entry{key_of_subscription("mail"), encoded(subscription_entry{2, {}})},
                             control_entry{key_of_parked("mail", 1), encoded(parked_event{1, "a-1", "no", 3, 0})},
                             control_entry{key_of_parked("mail", 2), "what is this"}};
    BOOST_TEST((store->log->drain(decided).status == commit_status::committed));
  }
  std::string seen;
  const auto look = [&](std::size_t most) {
    seen.clear();
    return store_view::open(d.path).value().parked([&](std::string_view of, const parked_event& one) {
      BOOST_TEST(transactions_open(d / "log") == 0u);
      BOOST_TEST((!std::filesystem::exists(d / "derived") || transactions_open(d / "derived") == 0u));
      seen += std::string{of} + "@" + std::to_string(one.at) + " ";
      return --most > 0;
    });
  };
  const auto all = look(9);
  BOOST_TEST(seen == "order@3 sums@2 subscription/mail@1 ");
  BOOST_TEST_REQUIRE(!all.has_value());
  BOOST_TEST(all.error().message().find("subscription/mail/00000000000000000002") != std::string::npos);
  BOOST_TEST(look(1).has_value());
  BOOST_TEST(seen == "order@3 ");
  std::filesystem::remove_all(d / "derived");
  BOOST_TEST(!look(9).has_value());
  BOOST_TEST(seen == "subscription/mail@1 ");
}

BOOST_AUTO_TEST_CASE(who_visits_a_view_keeps_no_transaction_open) {
  temporary_directory d;
  stores::fill(d.path, 50);
  const auto view = store_view::open(d.path).value();
  std::string stream;
  std::size_t visits = 0;
  const auto nothing_open = [&] {
    BOOST_TEST(transactions_open(d / "log") == 0u);
    BOOST_TEST(transactions_open(d / "derived") == 0u);
    return ++visits % 10 != 0;
  };
  view.log(1, [&](const record_view& r) { return stream = r.stream, nothing_open(); }).value();
  view.stream(stream, 1, [&](const record_view&) { return nothing_open(); }).value();
  view.streams("", [&](std::string_view, version) { return nothing_open(); }).value();
  BOOST_TEST(visits > 2u);
  // An open transaction would have been seen:
  temporary_directory other;
  stores::fill(other.path, 5);
  const auto env = lmdb_environment::open(other / "log", {std::uint64_t{1} << 30, true}).value();
  const auto reading = read_transaction::begin(*env).value();
  BOOST_TEST(transactions_open(env->directory()) == 1u);
}

BOOST_AUTO_TEST_CASE(case_73_a_log_that_can_be_read_and_not_written_is_not_well) {
  temporary_directory d;
  for (version to = 3; to <= 9; to += 3) stores::fill(d / "s", to);
  BOOST_TEST_REQUIRE(store_view::open(d / "s").value().verify().has_value());
  {
    std::fstream bytes{d / "s" / "log" / "data.mdb", std::ios::in | std::ios::out | std::ios::binary};
    for (const std::size_t meta_page : {0, 1}) {
      const auto place = meta_page * 4096 + sizeof(lmdb_format::page_header) + offsetof(lmdb_format::meta, free.branch_pages);
      std::uint64_t count = 0;
      bytes.seekg(static_cast<std::streamoff>(place)).read(reinterpret_cast<char*>(&count), sizeof count);
      ++count;
      bytes.seekp(static_cast<std::streamoff>(place)).write(reinterpret_cast<const char*>(&count), sizeof count);
    }
  }
  const auto view = store_view::open(d / "s").value();
  position seen = 0;
  view.log(1, [&](const record_view&) { return ++seen, true; }).value();
  BOOST_TEST(seen == 9u);
  const auto verified = view.verify();
  BOOST_TEST_REQUIRE(!verified.has_value());
  for (const auto* text : {"the table of free pages", "annals salvage"})
    BOOST_TEST(verified.error().message().find(text) != std::string::npos, verified.error().message());
  BOOST_TEST(!stores::try_open(d / "s").has_value());
}

BOOST_AUTO_TEST_CASE(case_104_an_index_that_cannot_be_read_is_damage_that_heals) {
  temporary_directory d;
  stores::fill(d / "s", 9);
  const auto file = d / "s" / "derived" / "data.mdb";
  std::stringstream all;
  all << std::ifstream{file, std::ios::binary}.rdbuf();
  auto bytes = all.str();
  const auto run = key_of("a-1", 1);
  std::size_t changed = 0;
  for (auto at = bytes.find(run); at != std::string::npos; at = bytes.find(run, at + 1), ++changed)
    bytes[at + run.size() + sizeof(std::uint64_t)] ^= 1;  // after its checksum
  BOOST_TEST_REQUIRE(changed > 0u);
  std::ofstream{file, std::ios::binary} << bytes;
  const auto seen = store_view::open(d / "s").value().verify().value();
  BOOST_TEST(seen.records == 9u);
  BOOST_TEST(seen.derived_damaged);
  BOOST_TEST(seen.why_no_derived.find("the stream index is damaged") != std::string::npos, seen.why_no_derived);
}

BOOST_AUTO_TEST_CASE(a_view_counts_damaged_images_and_is_otherwise_well) {
  temporary_directory d;
  stores::fill(d.path, 9);
  {
    auto store = stores::try_open(d.path).value();
    for (const position at : {3, 4})
      store->images->write({"sums-" + std::to_string(at), {at, checksum_at(*store->log, at)}, 9, {}, "bytes"}, [] { return true; }).value();
  }
  std::ofstream{d / "derived" / "images" / "sums-3.00000000000000000003", std::ios::app} << "more";
  const auto seen = store_view::open(d.path).value().verify().value();
  BOOST_TEST(seen.images == 1u);
  BOOST_TEST(seen.images_damaged == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
