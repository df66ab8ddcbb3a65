// Verifies derived state against the log: a contradiction is reported with its place; lagging behind is right.
#include "store/derived/lmdb_derived_store.hpp"
#include "store/derived/memory_derived_store.hpp"
#include "store/derived/memory_images.hpp"
#include "store/inspect/verify.hpp"
#include "store/inspect/verify_derived.hpp"
#include "store/read/scan.hpp"
#include "support/printed.hpp"
#include "support/store/kept_run.hpp"
#include "support/store/log_worlds.hpp"
#include "support/store/stores.hpp"

#include <annals/store_view.hpp>

#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace annals::store;

namespace {

const log_identity someone{std::string(32, 'a'), 7, {}, 1};
constexpr environment_options map{std::uint64_t{1} << 30};

/// "a-1" at the odd positions up to 9, "b-1" at the even ones up to 10.
void write_events(memory_log& log) {
  for (version v = 1; v <= 5; ++v)
    for (const auto* stream : {"a-1", "b-1"}) append(log, stream, v, v);
}

/// What derived state says; by default it is right up to position 8.
struct derived_says {
  std::vector<kept_run> runs{{"a-1", 1, {1, 3, 5, 7}}, {"b-1", 1, {2, 4, 6, 8}}};
  std::vector<named_checkpoint> checkpoints{{"p", 6}};
  derived_mark mark;
  std::vector<snapshot> snapshots;
  image model;

  explicit derived_says(const store::log& log) : mark{8, checksum_at(log, 8)} {
    snapshots = {{"a-1", 3, 5, checksum_at(log, 5), 9, "three"}, {"b-1", 4, 8, checksum_at(log, 8), 9, "four"}};
    model = {"sums", {7, checksum_at(log, 7)}, 9, {}, "bytes"};
  }
  void write_to(store::derived_store& index) const {
    for (const auto& run : runs) index.flush(std::array{run.view()}, {}, {}).value();
    index.flush({}, checkpoints, mark).value();
    index.write_snapshots(snapshots, 5).value();
  }
};

/// What verify() finds if derived state says something else.
result<verified> found_with(const std::function<void(derived_says&)>& change) {
  memory_log log{std::make_shared<memory_disk>(1)};
  write_events(log);
  derived_says said{log};
  change(said);
  temporary_directory d;
  const auto index = lmdb_derived_store::create(d.path, someone, map).value();
  said.write_to(*index);
  memory_images models{std::make_shared<memory_image_disk>()};
  models.write(said.model, [] { return true; }).value();
  return verify(log, index.get(), &models);
}

void is_named(const std::function<void(derived_says&)>& change, errc code, position place, std::string_view text) {
  const auto found = found_with(change);
  BOOST_TEST_REQUIRE(!found.has_value(), text);
  BOOST_TEST((found.error().code == code), found.error().message());
  BOOST_TEST(found.error().place == place, found.error().message());
  BOOST_TEST(found.error().message().find(text) != std::string::npos, found.error().message());
}

std::vector<position>& of_a(derived_says& s) { return s.runs[0].positions; }

class index_on_disk {
public:
  store::derived_store& get() { return *index_; }

private:
  temporary_directory directory_;
  std::unique_ptr<lmdb_derived_store> index_ = lmdb_derived_store::create(directory_.path, someone, map).value();
};
class index_in_memory {
public:
  store::derived_store& get() { return index_; }

private:
  memory_derived_store index_{std::make_shared<memory_derived_disk>()};
};
using every_index = boost::mpl::list<index_on_disk, index_in_memory>;

}  // namespace

BOOST_AUTO_TEST_SUITE(verifying_derived_state)

BOOST_AUTO_TEST_CASE(what_agrees_is_counted) {
  const auto seen = found_with([](auto&) {}).value();
  BOOST_TEST(seen.records == 10u);
  BOOST_TEST(seen.indexed == 8u);
  BOOST_TEST(seen.snapshots == 2u);
  BOOST_TEST(seen.snapshots_damaged == 0u);
  BOOST_TEST(seen.images == 1u);
  BOOST_TEST(seen.checkpoints == 1u);
}

BOOST_AUTO_TEST_CASE(a_stream_index_that_contradicts_the_log_is_named) {
  const auto wrong = [](const std::function<void(derived_says&)>& change, position place, std::string_view text) {
    is_named(change, errc::store_failed, place, text);
  };
  wrong([](auto& s) { of_a(s) = {1, 3, 5, 8}; }, 7, "version 4 of stream a-1 at position 8, the log at position 7");
  wrong([](auto& s) { of_a(s) = {2, 3, 5, 7}; }, 1, "version 1 of stream a-1 at position 2, the log at position 1");
  wrong([](auto& s) { of_a(s).pop_back(); }, 7, "the index lacks version 4 of stream a-1, which is at position 7");
  wrong([](auto& s) { of_a(s).push_back(8); }, 8, "version 5 of stream a-1 at position 8, and the log has no such event");
  wrong([](auto& s) { of_a(s) = {1, 5, 3, 7}; }, 3, "version 3 of stream a-1 at position 3, not after the previous version");
  wrong([](auto& s) { s.runs.pop_back(); }, 2, "the index lacks version 1 of stream b-1");
  wrong([](auto& s) { s.runs.push_back({"c-1", 1, {3}}); }, 3, "version 1 of stream c-1 at position 3, and the log has no such event");
  wrong([](auto& s) { s.mark.checksum ^= 1; }, 8, "the log has another record at the index's mark, position 8");
}

BOOST_AUTO_TEST_CASE(what_the_index_has_behind_its_mark_is_looked_up) {
  const auto seen = found_with([](auto& s) {
                      of_a(s).push_back(9);
                      s.runs[1].positions.push_back(10);
                    }).value();
  BOOST_TEST(seen.indexed == 8u);
  is_named([](auto& s) { of_a(s).push_back(10); }, errc::store_failed, 10,
           "version 5 of stream a-1 at position 10, where the log has version 5 of stream b-1");
  is_named([](auto& s) { of_a(s).push_back(12); }, errc::derived_ahead, 11, "version 5 of stream a-1 at position 12");
  // Written again, as after a crash: the index keeps the first.
  BOOST_TEST(found_with([](auto& s) { s.runs.push_back({"a-1", 3, {5, 7}}); }).has_value());
}

BOOST_AUTO_TEST_CASE(case_22_derived_state_ahead_of_the_log_is_named) {
  is_named([](auto& s) { s.mark = {20, 5}; }, errc::derived_ahead, 11, "the stream index is at position 20");
  is_named([](auto& s) { s.checkpoints.push_back({"q", 11}); }, errc::derived_ahead, 11, "the checkpoint of q is at position 11");
  is_named([](auto& s) { s.snapshots[0].at = 11; }, errc::derived_ahead, 11, "version 3 of stream a-1 is at position 11");
  is_named([](auto& s) { s.model.mark.at = 12; }, errc::derived_ahead, 11, "the image of sums is at position 12");
}

BOOST_AUTO_TEST_CASE(a_snapshot_or_image_of_what_the_log_does_not_have_is_named) {
  is_named([](auto& s) { s.snapshots[0].at = 6; }, errc::store_failed, 6, "names position 6, where the log has version 3 of stream b-1");
  is_named([](auto& s) { s.snapshots[0].version = 2; }, errc::store_failed, 5, "names position 5, where the log has version 3 of stream a-1");
  is_named([](auto& s) { s.snapshots[1].checksum ^= 1; }, errc::store_failed, 8,
           "version 4 of stream b-1 was taken of another record than that at position 8");
  is_named([](auto& s) { s.model.mark.at = 6; }, errc::store_failed, 6, "the image of sums was taken of another record than that at position 6");
}

BOOST_AUTO_TEST_CASE(case_21_a_damaged_snapshot_is_counted_and_no_error) {
  memory_log log{std::make_shared<memory_disk>(1)};
  write_events(log);
  temporary_directory d;
  derived_says{log}.write_to(*lmdb_derived_store::create(d.path, someone, map).value());
  const std::string nonsense(60, 'x');
  stores::put_raw(d.path, "snapshots", std::string{"a-1\0\0\0\0\0\0\0\0\3", 12}, &nonsense);
  const auto index = lmdb_derived_store::open(d.path, someone, map).value();
  const auto seen = verify(log, index.get()).value();
  BOOST_TEST(seen.snapshots == 1u);
  BOOST_TEST(seen.snapshots_damaged == 1u);
}

BOOST_AUTO_TEST_CASE(an_index_of_many_parts_is_compared_to_its_end) {
  constexpr version streams = 2'500;
  for (const bool whole : {true, false}) {
    memory_log log{std::make_shared<memory_disk>(1)};
    auto events = next_of(log);
    std::vector<kept_run> runs;
    for (version n = 1; n <= streams; ++n) {
      runs.push_back({"s-" + std::to_string(10'000 + n), 1, {n}});
      record_view r;
      r.stream = runs.back().stream;
      r.version = 1;
      events.add(r);
    }
    events.commit_to(log);
    if (!whole) runs.back().positions[0] = streams - 1;
    temporary_directory d;
    const auto index = lmdb_derived_store::create(d.path, someone, map).value();
    index->flush(runs_of(runs), {}, {streams, checksum_at(log, streams)}).value();
    const auto found = verify(log, index.get());
    BOOST_TEST(found.has_value() == whole);
    if (whole)
      BOOST_TEST(found->indexed == streams);
    else
      BOOST_TEST(found.error().place == streams);
  }
}

BOOST_AUTO_TEST_CASE(case_59_a_flush_between_the_reads_is_no_contradiction) {
  memory_log log{std::make_shared<memory_disk>(1)};
  write_events(log);
  temporary_directory d;
  const auto index = lmdb_derived_store::create(d.path, someone, map).value();
  derived_says said{log};
  said.write_to(*index);
  derived_check check{log, *index};
  check.begin().value();
  seen_streams streams;
  scan(log, 1, [&](const record_view& r) {
    const auto wrong = check.take(r, streams[std::string{r.stream}]);
    BOOST_TEST(!wrong.has_value());
    return true;
  }).value();
  BOOST_TEST(append(log, "a-1", 6, 6));
  BOOST_TEST(append(log, "new-1", 1, 1));
  said.runs = {{"a-1", 5, {9, 11}}, {"b-1", 5, {10}}, {"new-1", 1, {12}}};
  said.mark = {12, checksum_at(log, 12)};
  said.checkpoints = {{"p", 12}};
  said.snapshots = {{"a-1", 6, 11, checksum_at(log, 11), 9, "six"}};
  said.write_to(*index);
  verified seen;
  const auto ok = check.end(10, streams, seen);
  BOOST_TEST(ok.has_value(), (ok ? "" : ok.error().message()));
  BOOST_TEST(seen.indexed == 8u);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(an_index_shows_its_runs_and_checkpoints, World, every_index) {
  World world;
  auto& index = world.get();
  const std::vector<kept_run> all{{"a", 1, {1, 2}}, {"a-1", 1, {3, 5, 8}}, {"b", 1, {4}}};
  index.flush(runs_of(all), std::array{named_checkpoint{"q", 2}, named_checkpoint{"p", 5}}, {8, 1}).value();
  const auto seen = [&](std::string_view stream, version from, std::size_t max) {
    std::string text;
    index
        .runs(stream, from,
              [&](const stream_run& run) {
                text += std::string{run.stream} + "@" + std::to_string(run.first);
                for (const auto at : run.positions) text += " " + std::to_string(at);
                text += "\n";
                return --max > 0;
              })
        .value();
    return text;
  };
  BOOST_TEST(seen("", 0, 9) == "a@1 1 2\na-1@1 3 5 8\nb@1 4\n");
  BOOST_TEST(seen("", 0, 2) == "a@1 1 2\na-1@1 3 5 8\n");
  BOOST_TEST(seen("a", 2, 9) == "a-1@1 3 5 8\nb@1 4\n");
  BOOST_TEST(seen("a-1", 1, 9) == "a-1@1 3 5 8\nb@1 4\n");
  BOOST_TEST(seen("c", 1, 9).empty());
  const auto checkpoints = index.checkpoints().value();
  BOOST_TEST_REQUIRE(checkpoints.size() == 2u);
  BOOST_TEST(checkpoints[0].name == "p");
  BOOST_TEST(checkpoints[0].at == 5u);
  BOOST_TEST(checkpoints[1].name == "q");
}

BOOST_AUTO_TEST_SUITE_END()
