// The stream reader: tail, segments being flushed, and index together give one stream without gaps.
#include "store/derived/memory_derived_store.hpp"
#include "store/read/scan.hpp"
#include "store/read/stream_reader.hpp"
#include "support/printed.hpp"
#include "support/store/kept_run.hpp"
#include "support/store/log_worlds.hpp"
#include "support/store/stores.hpp"

#include <rapidcheck.h>
#include <boost/test/unit_test.hpp>

#include <array>
#include <functional>
#include <map>

using namespace annals;
using namespace annals::store;

namespace {

struct read_world {
  std::shared_ptr<memory_disk> disk = std::make_shared<memory_disk>(1);
  std::shared_ptr<memory_derived_disk> index_disk = std::make_shared<memory_derived_disk>();
  memory_log log{disk};
  memory_derived_store index{index_disk};

  void write(const tail_segment& s) { index.flush(s.runs, {}, s.mark).value(); }
};

std::vector<version> versions_of(stream_reader& reader, std::string_view stream, version from, std::size_t max = 1'000) {
  std::vector<version> seen;
  const auto next = reader.read(stream, from, max, [&](const record_view& r) {
    seen.push_back(r.version);
    return true;
  });
  if (*next != std::max<version>(from, 1) + seen.size()) seen.clear();
  return seen;
}

std::vector<version> from_to(version from, version to) {
  std::vector<version> all;
  for (; from <= to; ++from) all.push_back(from);
  return all;
}

/// The error blames the index; the log is whole.
void is_the_indexs(const error& why, std::string_view text, position place) {
  BOOST_TEST((why.code == errc::store_failed), why.message());
  BOOST_TEST(why.reason == "the stream index is damaged");
  BOOST_TEST(why.detail.find(text) != std::string::npos, why.message());
  BOOST_TEST(why.detail.find("rebuilds the index") != std::string::npos, why.message());
  BOOST_TEST(why.place == place, why.message());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(reading_streams)

BOOST_AUTO_TEST_CASE(a_stream_is_read_across_index_segments_and_open_tail) {
  read_world w;
  stream_reader reader{w.log, w.index};
  std::shared_ptr<const tail_segment> segments[2];
  for (version v = 1; v <= 10; ++v) BOOST_TEST(append(w.log, v % 2 ? "a-1" : "b-1", (v + 1) / 2, (v + 1) / 2));
  BOOST_TEST(reader.catch_up(100).value());
  segments[0] = reader.take_segment();
  BOOST_TEST(append(w.log, "a-1", 6, 9));
  BOOST_TEST(reader.catch_up(100).value());
  segments[1] = reader.take_segment();
  BOOST_TEST(append(w.log, "a-1", 10, 12));
  BOOST_TEST(reader.catch_up(100).value());
  BOOST_TEST(reader.tail_records() == 17u);
  BOOST_TEST(reader.open_records() == 3u);

  const auto whole = [&] {
    for (version from = 0; from <= 13; ++from)
      BOOST_TEST(versions_of(reader, "a-1", from) == from_to(std::max<version>(from, 1), 12), boost::test_tools::per_element());
    BOOST_TEST(versions_of(reader, "a-1", 4, 4) == from_to(4, 7), boost::test_tools::per_element());
    BOOST_TEST(versions_of(reader, "b-1", 1) == from_to(1, 5), boost::test_tools::per_element());
    BOOST_TEST(versions_of(reader, "c-1", 1).empty());
    BOOST_TEST(reader.last_version("a-1").value() == 12u);
    BOOST_TEST(reader.last_version("b-1").value() == 5u);
    BOOST_TEST(reader.last_version("a").value() == 0u);
  };
  whole();
  w.write(*segments[0]);
  whole();  // in the index and in the tail: read once
  w.write(*segments[1]);
  whole();
  reader.flushed(*segments[0]);
  whole();
  reader.flushed(*segments[1]);
  whole();
  BOOST_TEST(reader.tail_records() == 3u);
}

BOOST_AUTO_TEST_CASE(the_tail_is_taken_a_part_at_a_time_from_the_indexs_mark_on) {
  read_world w;
  BOOST_TEST(append(w.log, "a-1", 1, 10));
  {
    stream_reader first{w.log, w.index};
    BOOST_TEST(!first.catch_up(4).value());
    BOOST_TEST(first.known() == 4u);
    w.write(*first.take_segment());
  }
  stream_reader reader{w.log, w.index};
  BOOST_TEST(reader.known() == 4u);
  BOOST_TEST(!reader.catch_up(5).value());
  BOOST_TEST(versions_of(reader, "a-1", 1) == from_to(1, 9), boost::test_tools::per_element());  // as far as the tail knows
  BOOST_TEST(reader.catch_up(5).value());
  BOOST_TEST(reader.tail_records() == 6u);
  BOOST_TEST(versions_of(reader, "a-1", 1) == from_to(1, 10), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_segment_is_sorted_and_carries_the_mark_of_its_last_record) {
  read_world w;
  stream_reader reader{w.log, w.index};
  BOOST_TEST(!reader.take_segment());
  for (const auto stream : {"c-1", "a-1", "b-1"}) BOOST_TEST(append(w.log, stream, 1, 2));
  BOOST_TEST(reader.catch_up(100).value());
  const auto segment = reader.take_segment();
  BOOST_TEST_REQUIRE(segment->runs.size() == 3u);
  BOOST_TEST(segment->runs[0].stream == "a-1");
  BOOST_TEST(segment->runs[2].stream == "c-1");
  BOOST_TEST(segment->records == 6u);
  BOOST_TEST(segment->mark.at == 6u);
  BOOST_TEST(segment->mark.checksum == record_checksum(w.disk->records[5]));
  BOOST_TEST(!reader.take_segment());
}

BOOST_AUTO_TEST_CASE(a_gap_in_the_versions_of_the_log_stops_the_tail_and_names_the_place) {
  read_world w;
  BOOST_TEST(append(w.log, "a-1", 1, 2));
  BOOST_TEST(append(w.log, "a-1", 4, 4));
  stream_reader reader{w.log, w.index};
  for (int again = 0; again < 2; ++again) {
    const auto gap = reader.catch_up(100);
    BOOST_TEST_REQUIRE(!gap.has_value());
    BOOST_TEST((gap.error().code == errc::corrupt_record));
    BOOST_TEST(gap.error().place == 3u);
    BOOST_TEST(gap.error().message().find("a-1") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_gap_between_the_index_and_the_tail_stops_the_load) {
  read_world w;
  BOOST_TEST(append(w.log, "a-1", 1, 5));
  w.index.flush(std::array{kept_run{"a-1", 1, {1, 2}}.view()}, {}, {3, 0}).value();  // the index has lost position 3
  stream_reader reader{w.log, w.index};
  BOOST_TEST(reader.catch_up(100).value());
  const auto read = reader.read("a-1", 1, 100, [](const record_view&) { return true; });
  BOOST_TEST_REQUIRE(!read.has_value());
  is_the_indexs(read.error(), "the index lacks version 3 of stream a-1, and the log continues with version 4", 0);
}

BOOST_AUTO_TEST_CASE(an_index_that_points_to_another_streams_record_stops_the_load) {
  read_world w;
  BOOST_TEST(append(w.log, "a-1", 1, 2));
  BOOST_TEST(append(w.log, "b-1", 1, 1));
  w.index.flush(std::array{kept_run{"a-1", 1, {1, 3}}.view()}, {}, {3, 0}).value();
  stream_reader reader{w.log, w.index};
  std::size_t seen = 0;
  const auto read = reader.read("a-1", 1, 100, [&](const record_view&) { return ++seen > 0; });
  BOOST_TEST_REQUIRE(!read.has_value());
  is_the_indexs(read.error(), "the index has version 2 of stream a-1 at position 3, where the log has version 1 of stream b-1", 3);
  BOOST_TEST(seen == 1u);
}

BOOST_AUTO_TEST_CASE(an_index_that_points_where_no_record_is_stops_the_load) {
  for (const auto& [positions, place] : {std::pair{std::vector<position>{1, 4}, 4u}, {{2, 1}, 1u}, {{0, 2}, 0u}}) {
    read_world w;
    BOOST_TEST(append(w.log, "a-1", 1, 3));
    w.index.flush(std::array{kept_run{"a-1", 1, positions}.view()}, {}, {3, 0}).value();
    stream_reader reader{w.log, w.index};
    const auto read = reader.read("a-1", 1, 100, [](const record_view&) { return true; });
    BOOST_TEST_REQUIRE(!read.has_value());
    is_the_indexs(read.error(), "of stream a-1 at position " + std::to_string(place), place);
  }
}

BOOST_AUTO_TEST_CASE(what_is_durable_is_in_the_tail_before_it_is_readable) {
  read_world w;
  w.log.set_faults({.readable_lags = true});
  BOOST_TEST(append(w.log, "a-1", 1, 3));
  stream_reader reader{w.log, w.index};
  BOOST_TEST(reader.catch_up(100).value());
  BOOST_TEST(reader.tail_records() == 3u);
  w.log.release();
  BOOST_TEST(reader.catch_up(100).value());
  BOOST_TEST(reader.tail_records() == 3u);
}

BOOST_AUTO_TEST_CASE(any_interleaving_of_appends_flushes_and_restarts_reads_the_same_streams) {
  BOOST_TEST(rc::check([] {
    read_world w;
    std::map<std::string, version> newest;
    std::deque<std::shared_ptr<const tail_segment>> on_the_way;
    std::size_t written = 0;  // how many of these the index has, oldest first
    auto reader = std::make_unique<stream_reader>(w.log, w.index);
    for (int steps = *rc::gen::inRange(1, 60); steps > 0; --steps) switch (*rc::gen::inRange(0, 7)) {
        case 0:
        case 1:
        case 2: {
          const auto stream = "a-" + std::to_string(*rc::gen::inRange(0, 5));
          const auto count = *rc::gen::inRange<version>(1, 6);
          RC_ASSERT(append(w.log, stream, newest[stream] + 1, newest[stream] + count));
          newest[stream] += count;
          break;
        }
        case 3: RC_ASSERT(reader->catch_up(*rc::gen::inRange<std::size_t>(1, 9)).has_value()); break;
        case 4:
          if (auto segment = reader->take_segment()) on_the_way.push_back(std::move(segment));
          break;
        case 5:
          if (written < on_the_way.size())
            w.write(*on_the_way[written++]);
          else if (written > 0) {
            reader->flushed(*on_the_way.front());
            on_the_way.pop_front();
            --written;
          }
          break;
        default:
          on_the_way.clear();
          written = 0;
          reader = std::make_unique<stream_reader>(w.log, w.index);
      }
    while (!reader->catch_up(100).value()) {
    }
    for (const auto& [stream, last] : newest) {
      RC_ASSERT(reader->last_version(stream).value() == last);
      const auto from = *rc::gen::inRange<version>(1, last + 2);
      RC_ASSERT(versions_of(*reader, stream, from) == from_to(from, last));
    }
  }));
}

// Each of these entries looks sound by itself: only the log shows that it is wrong.
BOOST_AUTO_TEST_CASE(case_73_an_index_that_contradicts_the_log_is_noted_and_the_next_open_builds_it_again) {
  const std::vector<kept_run> all_wrong{
      {"a-1", 1, {1, 2, 4}},   // another stream has position 4
      {"a-1", 1, {1, 3, 2}},   // backwards
      {"a-1", 1, {1, 2, 99}},  // after the head
  };
  using reading = std::function<result<void>(const stores::opened&)>;
  const auto visit = [](const record_view&) { return true; };
  const std::vector<reading> ways{
      [&](const stores::opened& s) -> result<void> {
        const auto read = stream_reader{*s->log, *s->derived}.read("a-1", 1, 10, visit);
        return read ? result<void>{} : read.error();
      },
      [&](const stores::opened& s) { return scan_stream(*s->log, s->derived.get(), "a-1", 1, visit); },
      [&](const stores::opened& s) { return scan_some(*s->log, s->derived.get(), std::array{std::string{"a-1"}}, visit); }};
  for (std::size_t n = 0; n < 7; ++n) {
    const auto& wrong = all_wrong[n / 2 % all_wrong.size()];  // the last way reads in position order, so it meets only the first case
    const auto& read_by = n == 6 ? ways[2] : ways[n % 2];
    temporary_directory d;
    {
      const auto store = stores::try_open(d / "s").value();
      BOOST_TEST_REQUIRE((append(*store->log, "a-1", 1, 3) && append(*store->log, "b-1", 1, 1)));
      store->derived->flush(runs_of({wrong, {"b-1", 1, {4}}}), {}, {4, checksum_at(*store->log, 4)}).value();
      const auto read = read_by(store);
      BOOST_TEST_REQUIRE(!read.has_value());
      BOOST_TEST(read.error().reason == "the stream index is damaged");
    }
    std::vector<std::string> warnings;
    const auto store = stores::try_open(d / "s", stores::options(&warnings)).value();
    BOOST_TEST_REQUIRE(warnings.size() == 1u);
    BOOST_TEST(warnings[0].find("is dropped and rebuilt") != std::string::npos, warnings[0]);
    stores::bring_up(store);
    stream_reader reader{*store->log, *store->derived};
    BOOST_TEST(versions_of(reader, "a-1", 1) == from_to(1, 3), boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_SUITE_END()
