// config/annals.toml and options say the same, and a mistake in a file is named with its line.
#include "support/printed.hpp"
#include "support/temporary_directory.hpp"

#include <annals/config.hpp>
#include <annals/option_list.hpp>
#include <boost/test/unit_test.hpp>

#include <fstream>
#include <map>
#include <regex>
#include <sstream>

using annals::config::load;
using annals::config::parse;

namespace {

/// What a file can set, by key. Taking options apart does not compile when a member comes or goes: its key has to be
/// here, and so in the file.
std::map<std::string, std::uint64_t> knobs_of(const annals::options& o) {
  const auto& [create, accept_loss, readable_by_group, log_map_bytes, derived_map_bytes, front_bytes_min, commands_in_flight_max, batch_records_max,
               batch_bytes_max, event_bytes_max, command_bytes_max, command_events_max, aggregates_resident_max, aggregate_bytes_max,
               aggregate_idle_max, index_tail_records_max, index_flush_records, snapshot_every, snapshots_kept, image_every_records,
               projection_batch_records, shards, threads, trace_ratio, trace_streams, close_deadline, stderr_level, stderr_format, log_sink,
               on_failure, on_parked] = o;
  static_cast<void>(accept_loss);  // a decision for one open, which no file should take again and again
  static_cast<void>(log_sink);
  static_cast<void>(on_failure);
  static_cast<void>(on_parked);
  const auto ms = [](std::chrono::milliseconds d) { return static_cast<std::uint64_t>(d.count()); };
  return {{"create", create},
          {"readable_by_group", readable_by_group},
          {"log_map_bytes", log_map_bytes},
          {"derived_map_bytes", derived_map_bytes},
          {"front_bytes_min", front_bytes_min},
          {"commands_in_flight_max", commands_in_flight_max},
          {"batch_records_max", batch_records_max},
          {"batch_bytes_max", batch_bytes_max},
          {"event_bytes_max", event_bytes_max},
          {"command_bytes_max", command_bytes_max},
          {"command_events_max", command_events_max},
          {"aggregates_resident_max", aggregates_resident_max},
          {"aggregate_bytes_max", aggregate_bytes_max},
          {"aggregate_idle_max", ms(aggregate_idle_max)},
          {"index_tail_records_max", index_tail_records_max},
          {"index_flush_records", index_flush_records},
          {"snapshot_every", snapshot_every},
          {"snapshots_kept", snapshots_kept},
          {"image_every_records", image_every_records},
          {"projection_batch_records", projection_batch_records},
          {"shards", shards},
          {"threads", threads},
          {"trace_ratio", static_cast<std::uint64_t>(trace_ratio * 1e6)},
          {"trace_streams", trace_streams},
          {"close_deadline", ms(close_deadline)},
          {"stderr_level", static_cast<std::uint64_t>(stderr_level)},
          {"stderr_format", static_cast<std::uint64_t>(stderr_format)}};
}

/// Keys with their values as they are written in the file that comes with annals.
std::map<std::string, std::string> written_knobs() {
  std::ifstream file{ANNALS_TOML};
  std::map<std::string, std::string> all;
  static const std::regex assignment{R"(^(\w+) = (.*)$)"};
  std::smatch m;
  for (std::string line; std::getline(file, line);)
    if (std::regex_match(line, m, assignment)) BOOST_TEST(all.emplace(m[1], m[2]).second, line);
  return all;
}

/// The line that a mistake is said to be on; the message has the file's name, the line and `names`.
std::uint64_t line_of_mistake(const std::string& text, const std::string& names) {
  const auto parsed = parse(text, "some.toml");
  BOOST_TEST_REQUIRE(!parsed.has_value(), text);
  const auto& why = parsed.error();
  BOOST_TEST((why.code == annals::errc::bad_option));
  BOOST_TEST(why.message().find("some.toml:" + std::to_string(why.place)) != std::string::npos, why.message());
  BOOST_TEST(why.message().find(names) != std::string::npos, why.message());
  BOOST_TEST(why.message().find('\n') == std::string::npos);
  return why.place;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(config)

BOOST_AUTO_TEST_CASE(the_file_that_comes_with_annals_has_every_knob_with_its_default) {
  const auto loaded = load(ANNALS_TOML).value();
  const auto defaults = knobs_of({});
  for (const auto& [key, value] : knobs_of(loaded)) BOOST_TEST(value == defaults.at(key), key);
  const auto written = written_knobs();
  for (const auto& [key, value] : defaults) BOOST_TEST(written.contains(key), key);
  BOOST_TEST(written.size() == defaults.size());
}

BOOST_AUTO_TEST_CASE(each_key_sets_its_own_knob_and_no_other) {
  for (const auto& [key, value] : written_knobs()) {
    // Small enough for a number of things, and large enough for a size when it is one.
    const auto other = [&] {
      if (value == "true") return "false";
      if (value == "false") return "true";
      if (key == "trace_ratio") return "0.25";
      if (key == "index_tail_records_max") return "9000000";  // not below index_flush_records
      if (key == "stderr_level") return "\"debug\"";
      if (key == "stderr_format") return "\"json\"";
      if (!value.starts_with('"')) return "7";
      return value.find("iB") != value.npos ? "\"7 MiB\"" : "\"7 s\"";
    }();
    const auto changed = parse(key + " = " + other, "some.toml");
    BOOST_TEST_REQUIRE(changed.has_value(), (changed ? key : changed.error().message()));
    const auto defaults = knobs_of({});
    for (const auto& [name, now] : knobs_of(*changed)) BOOST_TEST((now != defaults.at(name)) == (name == key), key + " sets " + name);
  }
}

BOOST_AUTO_TEST_CASE(the_options_in_force_are_those_of_the_file_as_they_are_written_there) {
  std::map<std::string, std::string> written;
  for (const auto& [key, value] : written_knobs()) written[key] = value.starts_with('"') ? value.substr(1, value.size() - 2) : value;
  std::map<std::string, std::string> shown;
  for (const auto& each : annals::listed({})) {
    BOOST_TEST(each.is_default, each.name);
    shown[each.name] = each.value + (each.unit.empty() ? "" : " " + each.unit);
  }
  BOOST_TEST((shown == written));
  for (const auto& [key, value] : shown)
    if (written[key] != value) BOOST_TEST(written[key] == value, key);
  const auto of = parse(
                      "snapshot_every = 7\nevent_bytes_max = 1500\nclose_deadline = \"90 s\"\ntrace_ratio = 0.001\nlog_map_bytes = \"2 TiB\"\n"
                      "stderr_format = \"json\"\nreadable_by_group = true\naggregate_idle_max = \"250 ms\"\nstderr_level = \"warning\"",
                      "t")
                      .value();
  std::string changed;
  for (const auto& each : annals::listed(of))
    if (!each.is_default) changed += each.name + "=" + each.value + each.unit + " ";
  BOOST_TEST(changed ==
             "readable_by_group=true log_map_bytes=2TiB event_bytes_max=1500B aggregate_idle_max=250ms snapshot_every=7 trace_ratio=0.001 "
             "close_deadline=90s stderr_format=json ");
}

BOOST_AUTO_TEST_CASE(units_are_what_they_say) {
  const auto bytes = [](const std::string& v) { return parse("event_bytes_max = " + v, "t").value().event_bytes_max; };
  BOOST_TEST(bytes("4096") == 4096u);
  BOOST_TEST(bytes("\"100 B\"") == 100u);
  BOOST_TEST(bytes("\"4 KiB\"") == 4096u);
  BOOST_TEST(bytes("\"4KiB\"") == 4096u);
  BOOST_TEST(bytes("\"2 MiB\"") == std::size_t{2} << 20);
  BOOST_TEST(parse("log_map_bytes = \"3 GiB\"", "t").value().log_map_bytes == std::uint64_t{3} << 30);
  BOOST_TEST(parse("log_map_bytes = \"3 TiB\"", "t").value().log_map_bytes == std::uint64_t{3} << 40);
  const auto ms = [](const std::string& v) { return parse("close_deadline = \"" + v + "\"", "t").value().close_deadline.count(); };
  BOOST_TEST(ms("250 ms") == 250);
  BOOST_TEST(ms("10 s") == 10'000);
  BOOST_TEST(ms("5 min") == 300'000);
  BOOST_TEST(ms("1 h") == 3'600'000);
}

BOOST_AUTO_TEST_CASE(what_a_file_leaves_out_keeps_its_default) {
  BOOST_TEST((knobs_of(parse("", "t").value()) == knobs_of({})));
  BOOST_TEST((knobs_of(parse("# nothing\n", "t").value()) == knobs_of({})));
}

BOOST_AUTO_TEST_CASE(case_55_an_unknown_key_is_refused_with_its_line) {
  BOOST_TEST(line_of_mistake("shards = 2\n\nshard = 3\n", "shard: unknown key") == 3u);
  BOOST_TEST(line_of_mistake("[journal]\nbatch_bytes_max = 5\n", "journal") == 1u);
  BOOST_TEST(line_of_mistake("shards = 2\naccept_loss = true\n", "accept_loss") == 2u);
}

BOOST_AUTO_TEST_CASE(case_55_a_bad_unit_is_refused_with_its_line) {
  for (const auto* v : {"\"4 KB\"", "\"4 kib\"", "\"4\"", "\"KiB\"", "\"4  KiB\"", "\"4 KiB \"", "\"1.5 KiB\"", "\"-4 KiB\"", "\"\"",
                        "\"99999999999999999999 B\"", "\"99999999999 TiB\""})
    BOOST_TEST(line_of_mistake(std::string{"\nevent_bytes_max = "} + v, "event_bytes_max") == 2u);
  for (const auto* v : {"\"4 sec\"", "\"4\"", "\"4 S\"", "\"4 KiB\"", "\"-4 s\"", "4", "\"99999999999999999 h\""})
    BOOST_TEST(line_of_mistake(std::string{"\nclose_deadline = "} + v, "close_deadline") == 2u);
}

BOOST_AUTO_TEST_CASE(case_55_a_value_out_of_range_is_refused_with_its_line_and_the_range) {
  for (const auto* line : {"shards = 65", "commands_in_flight_max = 0", "commands_in_flight_max = 1048577", "event_bytes_max = \"17 MiB\"",
                           "event_bytes_max = 0", "command_events_max = 65536", "batch_records_max = 0", "aggregate_idle_max = \"0 ms\"",
                           "log_map_bytes = \"1 KiB\"", "close_deadline = \"2 h\"", "projection_batch_records = 0", "threads = 1025",
                           "trace_ratio = 1.5", "trace_ratio = 2", "trace_ratio = \"1\"", "trace_ratio = nan"}) {
    BOOST_TEST(line_of_mistake(std::string{"create = true\n"} + line, "is not within") == 2u);
  }
  BOOST_TEST(line_of_mistake("shards = -1", "shards") == 1u);
}

BOOST_AUTO_TEST_CASE(case_55_a_value_that_does_not_go_with_another_is_refused_with_its_line) {
  BOOST_TEST(line_of_mistake("\nevent_bytes_max = \"9 MiB\"", "command_bytes_max: 8388608 is below event") == 2u);
  BOOST_TEST(line_of_mistake("\ncommand_bytes_max = \"1 KiB\"", "is below event_bytes_max") == 2u);
  BOOST_TEST(line_of_mistake("\nindex_flush_records = 9000000", "index_tail_records_max: 8000000 is below") == 2u);
  BOOST_TEST(parse("event_bytes_max = \"9 MiB\"\ncommand_bytes_max = \"9 MiB\"", "t").has_value());
}

BOOST_AUTO_TEST_CASE(case_55_a_value_of_another_type_is_refused_with_its_line) {
  for (const auto* line : {"create = 1", "create = \"true\"", "shards = \"2\"", "shards = 2.0", "shards = [2]", "shards = true",
                           "event_bytes_max = 1.5", "event_bytes_max = -1", "close_deadline = true", "close_deadline = {}"})
    BOOST_TEST(line_of_mistake(std::string{"\n\n"} + line, "expected") == 3u);
}

BOOST_AUTO_TEST_CASE(case_55_what_is_not_toml_is_refused_with_its_line) {
  for (const auto* line : {"shards", "shards = ", "shards = 2 3", "= 2", "shards = 2\nshards = 3", "create = \"", "["})
    BOOST_TEST(line_of_mistake(std::string{"# first\n"} + line, "bad_option") >= 2u);
  line_of_mistake("\xff = 1", "utf-8");
}

BOOST_AUTO_TEST_CASE(of_several_mistakes_the_first_is_named) {
  BOOST_TEST(line_of_mistake("zzz = 1\nshards = 99\naaa = 1\n", "zzz") == 1u);
  BOOST_TEST(line_of_mistake("shards = 99\ncreate = 1\n", "shards") == 1u);
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_read_is_not_an_empty_one) {
  const temporary_directory d;
  for (const auto& file : {d / "none.toml", d.path}) {
    const auto loaded = load(file);
    BOOST_TEST_REQUIRE(!loaded.has_value(), file.string());
    BOOST_TEST(loaded.error().message().find(file.string()) != std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()
