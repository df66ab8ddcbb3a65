// Whole stores with one damaged bit, byte or page in any of their files: each damage is reported or heals by itself. Nothing
// ends the process or blocks it forever, and no event is shown other than as written.
#include "support/store/child_process.hpp"
#include "support/store/stores.hpp"

#include <annals/store_view.hpp>

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <random>
#include <sstream>

using namespace annals;
using namespace annals::store;
namespace fs = std::filesystem;

namespace {

constexpr position records = 2'400;

std::string stream_of(position at) { return "jar-" + std::to_string(at % 40); }
version version_of_record(position at) { return (at - 1) / 40 + 1; }
std::string payload_of(position at) { return std::string(at % 97 == 0 ? 9'000 : 40, static_cast<char>('a' + at % 26)); }

bool is_as_written(const record_view& r) {
  if (r.at > records) return r.stream == "pot-1";
  return r.at >= 1 && r.stream == stream_of(r.at) && r.version == version_of_record(r.at) && r.payload == payload_of(r.at);
}

/// A store with something in each of its tables.
void write_store(const fs::path& at) {
  auto with = stores::options();
  with.front_bytes_min = with.front_bytes_max = std::uint64_t{256} << 10;
  auto store = stores::try_open(at, with).value();
  for (position next = 1; next <= records;) {
    batch some{next};
    for (int n = 0; n < 60; ++n, ++next) some.add(stream_of(next), version_of_record(next), version_of_record(next), payload_of(next));
    BOOST_TEST_REQUIRE((some.commit_to(*store->log).status == commit_status::committed));
    if (next % 480 == 1) stores::bring_up(store);
  }
  const auto mark = checksum_at(*store->log, 2'000);
  store->derived->flush({}, std::array{named_checkpoint{"sums", 2'000}}, store->derived->mark()).value();
  const snapshot taken{stream_of(2'000), version_of_record(2'000), 2'000, mark, 1, std::string(3'000, 's')};
  store->derived->write_snapshots(std::array{taken}, 2).value();
  store->derived->write_parked("sums", std::array{parked_event{7, "a-1", "no", 3, 0}}).value();
  store->images->write({"sums", {2'000, mark}, 9, {}, std::string(500, 'm')}, [] { return true; }).value();
  const std::array decided{control_entry{"skip/sums/7", "yes"}};
  BOOST_TEST_REQUIRE((store->log->drain(decided).status == commit_status::committed));
}

/// Reads everything that can be read from outside. Returns the exit status of a child: 0, or what was wrong.
int look_at(const fs::path& at) {
  const auto view = store_view::open(at);
  if (!view) return view.error().message().empty() ? 20 : 0;
  int wrong = 0;
  const auto look = [&](const record_view& r) {
    if (!is_as_written(r)) wrong = 21;
    return true;
  };
  position count = 0;
  const auto ok = view->log(1, [&](const record_view& r) { return ++count, look(r); });
  if (ok && count < records) return 22;  // fewer records than written, without an error
  for (position one = 1; one <= 40; ++one) {
    version newest = 0;
    const auto read = view->stream(stream_of(one), 1, [&](const record_view& r) { return newest = r.version, look(r); });
    if (read && newest != records / 40) return 23;
  }
  (void)view->streams("", [](std::string_view, version) { return true; });
  (void)view->stats();
  (void)view->parked([](std::string_view, const parked_event&) { return true; });
  (void)view->verify();
  return wrong;
}

/// Opens the store and writes to it, as the runtime does; twice, since damage met the first time may heal the second time.
int write_to(const fs::path& at, bool has_all_records = true) {
  for (int times = 0; times < 2; ++times) {
    auto opened = stores::try_open(at);
    if (!opened) return opened.error().message().empty() ? 30 : 0;
    auto& store = *opened;
    const auto head = store->log->durable();
    if (has_all_records && times == 0 && head != records) return 31;
    (void)next_of(*store->log).add("pot-1", static_cast<version>(times + 1), static_cast<version>(times + 1)).commit_to(*store->log);
    stream_reader tail{*store->log, *store->derived};
    for (;;) {
      const auto more = tail.catch_up(1'000);
      if (!more || *more) break;
    }
    if (const auto segment = tail.take_segment()) (void)store->derived->flush(segment->runs, {}, segment->mark);
    (void)store->derived->write_parked("sums", {});
    (void)store->derived->write_snapshots(std::array{snapshot{stream_of(2'000), 51, 2'040, 1, 1, "s"}}, 1);
    (void)store->log->drain(std::array{control_entry{"skip/sums/7", ""}});
  }
  return 0;
}

/// Damages one bit, one byte, 16 bytes, or a page, which becomes zeros or noise.
std::string damage(const fs::path& file, std::mt19937_64& random) {
  std::fstream bytes{file, std::ios::in | std::ios::out | std::ios::binary};
  const auto size = fs::file_size(file);
  auto at = random() % size;
  std::string now(1, '\0');
  const auto kind = random() % 5;
  if (kind >= 3) {
    at = at / 4096 * 4096;
    now.resize(std::min<std::uint64_t>(4096, size - at));
  } else if (kind == 2) {
    now.resize(std::min<std::uint64_t>(16, size - at));
    at = random() % 2 ? at / 4096 * 4096 : at;  // the header of a page
  }
  bytes.seekg(static_cast<std::streamoff>(at));
  bytes.read(now.data(), static_cast<std::streamsize>(now.size()));
  if (kind == 0)
    now[0] = static_cast<char>(now[0] ^ (1 << random() % 8));
  else if (kind == 4)
    now.assign(now.size(), '\0');
  else
    for (auto& c : now) c = static_cast<char>(random());
  bytes.seekp(static_cast<std::streamoff>(at));
  bytes.write(now.data(), static_cast<std::streamsize>(now.size()));
  return file.string() + ": " + std::to_string(now.size()) + " bytes at " + std::to_string(at) + ", kind " + std::to_string(kind);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(damaged_store)

BOOST_AUTO_TEST_CASE(case_73_one_damaged_place_in_any_file_is_named_or_heals_and_ends_nothing) {
  temporary_directory d;
  const auto whole = d / "whole";
  write_store(whole);
  BOOST_TEST_REQUIRE(look_at(whole) == 0);
  std::vector<fs::path> files{"log/data.mdb", "log/data.mdb", "log/data.mdb", "derived/data.mdb", "derived/data.mdb"};
  for (const auto& entry : fs::recursive_directory_iterator{whole})
    if (entry.is_regular_file() && entry.file_size() > 0) files.push_back(fs::relative(entry.path(), whole));
  std::sort(files.begin() + 5, files.end());  // file systems list them in any order
  std::mt19937_64 random{73};
  for (int n = 0; n < 400; ++n) {
    const auto copy = d / "copy";
    fs::remove_all(copy);
    fs::copy(whole, copy, fs::copy_options::recursive);
    const auto what = damage(copy / files[static_cast<std::size_t>(n) % files.size()], random);
    child_process child{[&](auto&&) {
      ::alarm(20);
      int wrong = look_at(copy);
      if (wrong == 0) wrong = write_to(copy);
      if (wrong == 0) wrong = look_at(copy);
      ::_exit(wrong);
    }};
    const auto said = child.said();
    const int status = child.wait();
    const bool has_ended = WIFEXITED(status);
    BOOST_TEST((has_ended && WEXITSTATUS(status) == 0),
               what << ": " << (has_ended ? "exit " : "signal ") << (has_ended ? WEXITSTATUS(status) : WTERMSIG(status)) << " " << said);
  }
}

/// LMDB meets damage that no check could have found before: it is in the middle of a change then.
BOOST_AUTO_TEST_CASE(case_73_a_page_that_is_damaged_while_a_writer_has_the_store_open_is_an_error) {
  temporary_directory d;
  const auto whole = d / "whole";
  write_store(whole);
  constexpr std::array kinds{'\0', '\xff', 'r'};  // used in turn
  for (const auto* file : {"log/data.mdb", "derived/data.mdb"})
    for (std::uint64_t page = 2; page < fs::file_size(whole / file) / 4096; ++page) {
      const auto kind = kinds[page % kinds.size()];
      const auto copy = d / "copy";
      fs::remove_all(copy);
      fs::copy(whole, copy, fs::copy_options::recursive);
      child_process child{[&](auto&&) {
        ::alarm(20);
        auto store = stores::try_open(copy).value();
        const auto change = [&](std::uint64_t n) {
          (void)next_of(*store->log).add("pot-1", n, n).commit_to(*store->log);
          (void)store->log->drain(std::array{control_entry{"skip/sums/" + std::to_string(n), "yes"}});
          stream_reader tail{*store->log, *store->derived};
          while (auto more = tail.catch_up(1'000))
            if (*more) break;
          if (const auto segment = tail.take_segment()) (void)store->derived->flush(segment->runs, {}, segment->mark);
          (void)store->derived->write_parked("sums", std::array{parked_event{n, "a-1", "no", 3, 0}});
          (void)store->derived->write_snapshots(std::array{snapshot{stream_of(2'000), 50 + n, 2'040, 1, 1, "s"}}, 1);
        };
        change(1);
        std::mt19937_64 random{page};
        std::string now(4096, kind);
        if (kind == 'r')
          for (auto& c : now) c = static_cast<char>(random());
        std::fstream bytes{copy / file, std::ios::in | std::ios::out | std::ios::binary};
        // Starts after the page's number, so that LMDB finds the number it expects.
        bytes.seekp(static_cast<std::streamoff>(page * 4096 + 8));
        bytes.write(now.data(), 4096 - 8);
        bytes.close();
        for (std::uint64_t n = 2; n < 5; ++n) change(n);
        store.reset();
        int wrong = look_at(copy);
        if (wrong == 0) wrong = write_to(copy, false);
        ::_exit(wrong);
      }};
      const auto said = child.said();
      const int status = child.wait();
      const bool has_ended = WIFEXITED(status);
      BOOST_TEST((has_ended && WEXITSTATUS(status) == 0), file << ", page " << page << ", " << int{kind} << ": " << (has_ended ? "exit " : "signal ")
                                                               << (has_ended ? WEXITSTATUS(status) : WTERMSIG(status)) << " " << said);
    }
}

BOOST_AUTO_TEST_SUITE_END()
