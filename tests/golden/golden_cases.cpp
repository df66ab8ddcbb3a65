// Golden stores: what earlier builds wrote is read, goes on, and is what it was. README.md says what they are.
#include "golden/picture.hpp"
#include "golden/writer.hpp"
#include "support/memory_engine.hpp"
#include "support/printed.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <mutex>

using namespace annals;
using namespace golden;
namespace fs = std::filesystem;

namespace {

constexpr std::string_view formats[] = {"format-1"};

/// Runs CMake's tar in this directory.
void tar(const fs::path& in, const std::string& arguments) {
  const auto command = "cd '" + in.string() + "' && '" CMAKE_PROGRAM "' -E tar " + arguments;
  BOOST_TEST_REQUIRE(std::system(command.c_str()) == 0, command);
}

/// A copy of a golden store, with what the build that wrote it read there.
struct golden_store {
  temporary_directory place;
  fs::path path = place / "store";
  lines records, others, states;  // of the text: the log, what else is read only, what needs the types
  position head = 0;

  explicit golden_store(std::string_view name) {
    const auto base = std::string{GOLDEN_STORES} + "/" + std::string{name};
    tar(place.path, "xf '" + base + ".tar.zst'");
    std::ifstream text{base + ".jsonl"};
    for (std::string line; std::getline(text, line);)
      (line.starts_with(R"({"position")")                                        ? records
       : line.starts_with(R"({"state_of")") || line.starts_with(R"({"parcels")") ? states
                                                                                 : others)
          .push_back(line);
    head = records.size();
    BOOST_TEST_REQUIRE(head > 0u);
  }

  lines log_only() const {
    lines all{others.front()};
    all.insert(all.end(), records.begin(), records.end());
    all.insert(all.end(), others.begin() + 1, others.end());
    return all;
  }
};

void check_same(const lines& found, const lines& expected) { BOOST_TEST(found == expected, boost::test_tools::per_element()); }

}  // namespace

BOOST_AUTO_TEST_SUITE(golden_stores)

BOOST_AUTO_TEST_CASE(each_is_read_without_changing_it) {
  for (const auto name : formats) {
    const golden_store kept{name};
    const auto front = look_at_front(kept.path);
    BOOST_TEST(front.in_lmdb < front.in_all);  // the front is needed
    BOOST_TEST(front.in_all == kept.head);
    for (int again = 0; again < 2; ++again) {
      const auto view = store_view::open(kept.path).value();
      check_same(picture_of_log(view), kept.log_only());
      BOOST_TEST(view.verify().value().records == kept.head);
    }
    BOOST_TEST(look_at_front(kept.path).in_lmdb == front.in_lmdb);
  }
}

BOOST_AUTO_TEST_CASE(each_is_opened_for_writing_comes_to_the_same_and_goes_on) {
  for (const auto name : formats) {
    const golden_store kept{name};
    std::mutex mutex;
    lines warned;
    const auto warn = [&](std::string_view line) {
      const std::lock_guard lock{mutex};
      warned.emplace_back(line);
    };
    {
      program on{kept.path, written_at + hour, false, warn};
      BOOST_TEST(on.head() == kept.head);
      check_same(picture_of_records(on, kept.head), kept.records);
      check_same(picture_of_states(on, kept.head), kept.states);
      BOOST_TEST(on.verify_replay().snapshots == 0u);  // they were in derived/, which has an older format

      const auto repeated = on.send("p2", add_notes{{"one", "two", "three"}}, {.id = "three notes"}).value();
      BOOST_TEST(repeated.events == 3u);
      BOOST_TEST(repeated.at < kept.head);
      BOOST_TEST((on.send("p2", add_notes{{"four"}}, {.id = "three notes"}).error().code == errc::id_reused));
      const auto of_the_front = on.send("p5", add_notes{{"one", "two"}}, {.id = "the last"}).value();
      BOOST_TEST(of_the_front.at == kept.head);
      const auto next = on.send("p5", add_notes{{"three"}}).value();
      BOOST_TEST(next.at == kept.head + 1);
      BOOST_TEST(next.version == 3u);
    }
    const program on{kept.path, written_at + hour, false, warn};
    check_same(picture_of_records(on, kept.head), kept.records);
    check_same(picture_of_states(on, kept.head), kept.states);
    // A format of derived/ that is not read any more, as that of all of them, is dropped with a line, once.
    BOOST_TEST_REQUIRE(warned.size() == 1u);
    BOOST_TEST(warned[0].find("is dropped and rebuilt") != std::string::npos, warned[0]);
    BOOST_TEST(warned[0].find("another format") != std::string::npos, warned[0]);
  }
}

BOOST_AUTO_TEST_CASE(each_comes_to_the_same_without_its_derived_state) {
  for (const auto name : formats) {
    const golden_store kept{name};
    fs::remove_all(kept.path / "derived");
    const program on{kept.path, written_at + hour, false};
    check_same(picture_of_records(on, kept.head), kept.records);
    check_same(picture_of_states(on, kept.head), kept.states);
  }
}

/// The timer of the parcel that no courier took; the others were cancelled or have fired.
BOOST_AUTO_TEST_CASE(the_process_managers_of_each_go_on_where_they_were) {
  for (const auto name : formats)
    for (const bool without_derived : {false, true}) {
      const golden_store kept{name};
      if (without_derived) fs::remove_all(kept.path / "derived");
      {
        const program early{kept.path, written_at + hour - 1, true};
        early.settle();
        BOOST_TEST(early.head() == kept.head);
      }
      const program on{kept.path, written_at + 2 * hour, true};
      wait_until([&] { return on.state_of<parcel>("p1").state.late == 1; });
      on.settle();
      lines then;
      on.log(kept.head + 1, on.head(), [&](const record_view& r) { then.push_back(std::string{r.stream} + " " + std::string{r.type}); });
      check_same(then, {"shipping-p1 annals.timer_fired", "shipping-p1 annals.command_sent", "parcel-p1 parcel_late"});
    }
}

BOOST_AUTO_TEST_SUITE_END()

/// See writer.hpp.
BOOST_AUTO_TEST_SUITE(writing_golden_stores, *boost::unit_test::disabled())

BOOST_AUTO_TEST_CASE(write_one) {
  const auto* to = std::getenv("ANNALS_GOLDEN");
  BOOST_TEST_REQUIRE(to != nullptr);
  const auto base = fs::absolute(to);
  const temporary_directory place;
  const auto store = place / "store";
  write_store(store);
  const auto front = look_at_front(store);
  BOOST_TEST_REQUIRE(front.in_lmdb < front.in_all, "LMDB had it all already: try again");
  tar(place.path, "cf '" + base.string() + ".tar.zst' --zstd store");
  lines all = picture_of_log(store_view::open(store).value());
  {
    const program on{store, written_at + hour, false};
    const auto states = picture_of_states(on, on.head());
    all.insert(all.end(), states.begin(), states.end());
  }
  std::ofstream text{base.string() + ".jsonl"};
  for (const auto& line : all) text << line << '\n';
  BOOST_TEST(text.good());
}

BOOST_AUTO_TEST_SUITE_END()
