// config/relay.toml, intake.toml and sink.toml and the settings say the same, and a mistake in such a file is named with its line.
#include "support/temporary_directory.hpp"

#include <annals/config.hpp>
#include <annals/connector_config.hpp>
#include <boost/test/unit_test.hpp>

#include <cctype>
#include <fstream>
#include <map>
#include <regex>
#include <set>

using namespace annals::config;

namespace {

using values = std::map<std::string, std::string>;

std::string shown(const std::vector<std::string>& all) {
  std::string text;
  for (const auto& one : all) text += one + ";";
  return text;
}
std::string shown(const std::map<std::string, std::string>& all) {
  std::string text;
  for (const auto& [name, value] : all) text += name + "=" + value + ";";
  return text;
}
std::string shown(std::chrono::milliseconds d) { return std::to_string(d.count()); }

/// What a file can set, by key; without the tables of properties. Taking settings apart does not compile when a member comes or goes.
values values_of(const relay_settings& s) {
  const auto& [name, brokers, source, topic_prefix, categories, types, from, format, exactly_once, positions_topic, batch_events_max, in_flight_max,
               background, stop_max, failure, parked_max, properties] = s;
  static_cast<void>(properties);
  return {{"name", name},
          {"brokers", brokers},
          {"source", source},
          {"topic_prefix", topic_prefix},
          {"categories", shown(categories)},
          {"types", shown(types)},
          {"from", std::to_string(from)},
          {"format", std::string{labels_of(format)[static_cast<std::size_t>(format)]}},
          {"exactly_once", exactly_once ? "true" : "false"},
          {"positions_topic", positions_topic},
          {"batch_events_max", std::to_string(batch_events_max)},
          {"in_flight_max", std::to_string(in_flight_max)},
          {"background", background ? "true" : "false"},
          {"stop_max", shown(stop_max)},
          {"attempts", std::to_string(failure.attempts)},
          {"first_pause", shown(failure.first_pause)},
          {"on_failure", std::string{labels_of(failure.then)[static_cast<std::size_t>(failure.then)]}},
          {"parked_max", std::to_string(parked_max)}};
}
values values_of(const intake_settings& s) {
  const auto& [group, brokers, topics, dead_letter_topic, id_prefix, in_flight_max, commit_every, stop_max, properties, dead_letter_properties] = s;
  static_cast<void>(properties);
  static_cast<void>(dead_letter_properties);
  return {{"group", group},
          {"brokers", brokers},
          {"topics", shown(topics)},
          {"dead_letter_topic", dead_letter_topic},
          {"id_prefix", id_prefix},
          {"in_flight_max", std::to_string(in_flight_max)},
          {"commit_every", shown(commit_every)},
          {"stop_max", shown(stop_max)}};
}
values values_of(const sink_settings& s) {
  const auto& [connection, redis, models, batch_max, parked_max, time_out] = s;
  static_cast<void>(redis);
  return {{"connection", connection},
          {"models", shown(models)},
          {"batch_max", std::to_string(batch_max)},
          {"parked_max", std::to_string(parked_max)},
          {"time_out", shown(time_out)}};
}
values values_of(const redis_settings& s) {
  const auto& [address, user, password, database] = s;
  return {{"address", address}, {"user", user}, {"password", password}, {"database", std::to_string(database)}};
}

/// Keys of a table in a file that comes with annals, with their values as they are written there; with those that are commented out.
values keys_of_file(const std::string& path, std::string_view table) {
  std::ifstream file{path};
  values all;
  static const std::regex assignment{R"(^(?:# )?(\w+) = (["\[0-9tf].*)$)"};
  static const std::regex header{R"(^(?:# )?\[([\w.]+)\]$)"};
  std::smatch m;
  std::string now;
  for (std::string line; std::getline(file, line);)
    if (std::regex_match(line, m, header))
      now = m[1];
    else if (now == table && std::regex_match(line, m, assignment))
      BOOST_TEST(all.emplace(m[1], m[2]).second, line);
  return all;
}

std::string written_with(std::string_view table, const values& all) {
  auto text = "[" + std::string{table} + "]\n";
  for (const auto& [key, value] : all) text += key + " = " + value + "\n";
  return text;
}

std::string other_value(const std::string& key, const std::string& value) {
  if (key == "format") return "\"msgpack\"";
  if (key == "in_flight_max") return "17000";  // not below batch_events_max
  if (key == "on_failure") return "\"stop\"";
  if (value.starts_with('[')) return "[\"other\"]";
  if (value == "false") return "true";
  if (value == "true") return "false";
  if (std::isdigit(static_cast<unsigned char>(value[0]))) return "17";
  return std::regex_match(value, std::regex{R"("\d+ m?s")"}) ? "\"17 s\"" : "\"other\"";
}

const std::string files = CONNECTOR_FILES;

/// Each key of a file sets its value and no other, and the file has all keys with their defaults.
template <class Settings>
void file_and_settings_agree(std::string_view table, annals::result<Settings> (*parse)(std::string_view, std::string_view),
                             annals::result<Settings> (*load)(const std::filesystem::path&), const std::set<std::string>& without_default) {
  const auto path = files + "/" + std::string{table.substr(0, table.find('.'))} + ".toml";
  const auto all = keys_of_file(path, table);
  const auto defaults = values_of(Settings{});
  BOOST_TEST(all.size() == defaults.size());
  for (const auto& [key, value] : values_of(load(path).value()))
    if (!without_default.contains(key)) BOOST_TEST(value == defaults.at(key), key);
  const auto before = values_of(parse(written_with(table, all), "some.toml").value());
  for (const auto& [key, value] : all) {
    BOOST_TEST(defaults.contains(key), key);
    auto changed = all;
    changed[key] = other_value(key, value);
    const auto parsed = parse(written_with(table, changed), "some.toml");
    BOOST_TEST_REQUIRE(parsed.has_value(), (parsed ? key : parsed.error().message()));
    for (const auto& [name, now] : values_of(*parsed)) BOOST_TEST((now != before.at(name)) == (name == key), key + " sets " + name);
  }
}

template <class Settings>
void is_refused(const annals::result<Settings>& parsed, std::uint64_t line, const std::string& names) {
  BOOST_TEST_REQUIRE(!parsed.has_value(), names);
  BOOST_TEST((parsed.error().code == annals::errc::bad_option));
  BOOST_TEST(parsed.error().place == line, parsed.error().message());
  BOOST_TEST(parsed.error().message().find("some.toml:" + std::to_string(line)) != std::string::npos, parsed.error().message());
  BOOST_TEST(parsed.error().message().find(names) != std::string::npos, parsed.error().message());
}

const std::string least_relay = "[relay]\nname = \"a\"\nbrokers = \"b\"\nsource = \"s\"\n";
const std::string least_intake = "[intake]\ngroup = \"a\"\nbrokers = \"b\"\ntopics = [\"t\"]\ndead_letter_topic = \"d\"\n";
const std::string least_sink = "[sink]\nconnection = \"dbname=x\"\n";
const std::string least_redis = "[sink]\nparked_max = 7\n[sink.redis]\n";

annals::result<redis_settings> parse_redis(std::string_view text, std::string_view name) {
  const auto all = parse_sink(text, name);
  if (!all) return all.error();
  return all->redis.value();
}
/// The file has it commented out.
annals::result<redis_settings> load_redis(const std::filesystem::path& file) {
  return parse_redis(written_with("sink.redis", keys_of_file(file.string(), "sink.redis")), file.string());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(config_of_connectors)

BOOST_AUTO_TEST_CASE(files_and_settings_agree) {
  file_and_settings_agree<relay_settings>("relay", parse_relay, load_relay, {"name", "brokers", "source"});
  file_and_settings_agree<intake_settings>("intake", parse_intake, load_intake, {"group", "brokers", "topics", "dead_letter_topic"});
  file_and_settings_agree<sink_settings>("sink", parse_sink, load_sink, {"connection"});
  file_and_settings_agree<redis_settings>("sink.redis", parse_redis, load_redis, {"user", "password"});
}

BOOST_AUTO_TEST_CASE(a_sink_is_for_one_database) {
  const auto in_redis = parse_sink(least_redis, "some.toml").value();
  BOOST_TEST((values_of(in_redis.redis.value()) == values_of(redis_settings{})));
  BOOST_TEST(in_redis.connection.empty());
  BOOST_TEST(in_redis.parked_max == 7u);
  BOOST_TEST(in_redis.batch_max == 500u);
  BOOST_TEST(parse_sink("[sink]\nbatch_max = 3\nredis = {}\n", "some.toml").value().batch_max == 3u);
  BOOST_TEST(!parse_sink(least_sink, "some.toml").value().redis.has_value());
  is_refused(parse_sink(least_sink + "[sink.redis]\n", "some.toml"), 2, "connection: is for PostgreSQL");
  is_refused(parse_sink(least_sink + "address = \"127.0.0.1:6379\"\n", "some.toml"), 3, "address: unknown key");
  for (const auto& [line, names] : values{{"connection = \"dbname=x\"", "redis.connection: unknown key"},
                                          {"batch_max = 3", "redis.batch_max: unknown key"},
                                          {"address = 6379", "redis.address: expected a text"},
                                          {"database = 1000001", "redis.database: 1000001 is not within"},
                                          {"user = \"shop\"", "redis.user: needs a password"}})
    is_refused(parse_sink(least_redis + line, "some.toml"), 4, names);
  is_refused(parse_sink("[sink]\nredis = \"127.0.0.1:6379\"\n", "some.toml"), 2, "redis: expected a table");
  is_refused(parse_sink(least_redis + "port = 1\n[[other]]\n[sink.more]\n", "some.toml"), 4, "redis.port: unknown key");
}

BOOST_AUTO_TEST_CASE(properties_are_texts_by_name) {
  const auto relay = parse_relay(least_relay + "[relay.properties]\n\"ssl.ca.location\" = \"ca.pem\"\n\"linger.ms\" = \"5\"\n", "some.toml").value();
  BOOST_TEST(shown(relay.properties) == "linger.ms=5;ssl.ca.location=ca.pem;");
  const auto intake = parse_intake(least_intake + "properties = { a = \"1\" }\ndead_letter_properties = { b = \"2\" }\n", "some.toml").value();
  BOOST_TEST(shown(intake.properties) == "a=1;");
  BOOST_TEST(shown(intake.dead_letter_properties) == "b=2;");
  is_refused(parse_relay(least_relay + "[relay.properties]\nlinger.ms = \"5\"\n", "some.toml"), 6, "stands in quotes");
  is_refused(parse_relay(least_relay + "[relay.properties]\n\"linger.ms\" = 5\n", "some.toml"), 6, "expected a text");
  is_refused(parse_relay(least_relay + "properties = 3\n", "some.toml"), 5, "expected a table");
}

BOOST_AUTO_TEST_CASE(a_relay_that_publishes_more_together_holds_as_much) {
  BOOST_TEST(parse_relay(least_relay + "batch_events_max = 20000\n", "some.toml").value().in_flight_max == 20'000u);
  BOOST_TEST(parse_relay(least_relay + "batch_events_max = 64\n", "some.toml").value().in_flight_max == 16'384u);
}

BOOST_AUTO_TEST_CASE(case_55_mistakes_in_the_tables_of_connectors_are_refused_with_their_line) {
  for (const auto& [line, names] : values{{"topic = \"x\"", "topic: unknown key"},
                                          {"format = \"xml\"", "expected one of: json, msgpack"},
                                          {"on_failure = \"park\"", "expected one of: park_event"},
                                          {"batch_events_max = 65537", "is not within 1 to 65536"},
                                          {"in_flight_max = 4095", "4095 is below batch_events_max, 4096"},
                                          {"background = 1", "expected true or false"},
                                          {"attempts = 0", "attempts"},
                                          {"first_pause = 3", "expected a duration"},
                                          {"from = 0", "from"},
                                          {"stop_max = \"2 h\"", "stop_max"},
                                          {"parked_max = 0", "parked_max"}})
    is_refused(parse_relay(least_relay + line, "some.toml"), 5, names);
  for (const auto& [line, names] :
       values{{"in_flight_max = 0", "in_flight_max"}, {"commit_every = \"1 ms\"", "commit_every"}, {"stop_max = \"2 h\"", "stop_max"}})
    is_refused(parse_intake(least_intake + line, "some.toml"), 6, names);
  for (const auto& [line, names] :
       values{{"batch_max = 0", "batch_max"}, {"parked_max = 1000001", "parked_max"}, {"time_out = \"0 ms\"", "time_out"}})
    is_refused(parse_sink(least_sink + line, "some.toml"), 3, names);
}

BOOST_AUTO_TEST_CASE(what_is_required_is_named) {
  const auto without = [](const std::string& text, const std::string& key) {
    return std::regex_replace(text, std::regex{"\n" + key + " = [^\n]*"}, "");
  };
  for (const auto* key : {"name", "brokers", "source"})
    is_refused(parse_relay(without(least_relay, key), "some.toml"), 1, key + std::string{": is missing"});
  for (const auto* key : {"group", "brokers", "topics", "dead_letter_topic"})
    is_refused(parse_intake(without(least_intake, key), "some.toml"), 1, key + std::string{": is missing"});
  is_refused(parse_sink(without(least_sink, "connection"), "some.toml"), 1, "connection: is missing");
  BOOST_TEST(parse_sink("shards = 1\n", "some.toml").error().message().find("[sink]") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_options_of_the_runtime_stand_in_the_same_file) {
  const auto text = "shards = 3\n" + least_relay + least_intake + least_sink;
  BOOST_TEST(annals::config::parse(text, "some.toml").value().shards == 3u);
  BOOST_TEST(parse_intake(text, "some.toml").value().group == "a");
}

BOOST_AUTO_TEST_CASE(a_file_of_connectors_that_cannot_be_read_is_named) {
  const temporary_directory d;
  for (const auto& file : {d / "none.toml", d.path}) {
    BOOST_TEST(load_relay(file).error().message().find(file.string()) != std::string::npos);
    BOOST_TEST(load_intake(file).error().message().find(file.string()) != std::string::npos);
    BOOST_TEST(load_sink(file).error().message().find(file.string()) != std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()
