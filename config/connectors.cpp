// The tables that say what a connector does: [relay], [intake] and [sink].
#include <annals/connector_config.hpp>

#include "config/reader.hpp"

#include <algorithm>

namespace annals::config {
namespace {

constexpr std::uint64_t hour_long_ms = 3'600'000;
constexpr std::size_t redis_batch_max = 500;  // Redis does nothing else during a step
constexpr std::uint64_t year_long_ms = 365 * 24 * hour_long_ms;

/// Calls `read` with the table of this name.
template <class Settings, class Read>
result<Settings> from_connector(std::string_view text, std::string_view name, std::string_view table, const std::vector<std::string_view>& required,
                                Read&& read) {
  const auto whole = parsed(text, name);
  if (!whole) return whole.error();
  const auto* found = whole->get_as<toml::table>(table);
  if (!found) return error{errc::bad_option, std::string{name}, "has no table [" + std::string{table} + "]"};
  Settings made;
  reader r{*found, name};
  read(r, made);
  for (const auto key : required)
    if (!r.has(key)) r.refuse_table(key, "is missing");
  if (auto wrong = r.finish()) return std::move(*wrong);
  return made;
}

template <class Settings>
result<Settings> from_file(const std::filesystem::path& file, result<Settings> (*parse)(std::string_view, std::string_view)) {
  const auto text = text_of(file);
  if (!text) return text.error();
  return parse(*text, file.string());
}

void read_failure(reader& r, failure_policy& out) {
  r.number("attempts", out.attempts, 1, 1'000'000);
  r.duration("first_pause", out.first_pause, 0, year_long_ms);
  r.one_of("on_failure", out.then, labels_of(on_failure{}));
}

void read_redis(reader& r, redis_settings& out) {
  r.text("address", out.address);
  r.text("user", out.user);
  r.text("password", out.password);
  r.number("database", out.database, 0, 1'000'000);
  if (r.has("user") && !r.has("password")) r.refuse_key("user", "needs a password");
}

}  // namespace

result<relay_settings> parse_relay(std::string_view text, std::string_view name) {
  return from_connector<relay_settings>(text, name, "relay", {"name", "brokers", "source"}, [](reader& r, relay_settings& s) {
    r.text("name", s.name);
    r.text("brokers", s.brokers);
    r.text("source", s.source);
    r.text("topic_prefix", s.topic_prefix);
    r.texts("categories", s.categories);
    r.texts("types", s.types);
    r.number("from", s.from, 1, std::uint64_t{1} << 62);
    r.one_of("format", s.format, labels_of(relay_format{}));
    r.flag("exactly_once", s.exactly_once);
    r.text("positions_topic", s.positions_topic);
    r.number("batch_events_max", s.batch_events_max, 1, 65'536);
    s.in_flight_max = std::max(s.in_flight_max, s.batch_events_max);
    r.number("in_flight_max", s.in_flight_max, 1, 65'536);
    r.at_least("in_flight_max", s.in_flight_max, "batch_events_max", s.batch_events_max);
    r.flag("background", s.background);
    r.duration("stop_max", s.stop_max, 0, hour_long_ms);
    read_failure(r, s.failure);
    r.number("parked_max", s.parked_max, 1, 1'048'576);
    r.table_of_texts("properties", s.properties);
  });
}

result<intake_settings> parse_intake(std::string_view text, std::string_view name) {
  return from_connector<intake_settings>(text, name, "intake", {"group", "brokers", "topics", "dead_letter_topic"},
                                         [](reader& r, intake_settings& s) {
                                           r.text("group", s.group);
                                           r.text("brokers", s.brokers);
                                           r.texts("topics", s.topics);
                                           r.text("dead_letter_topic", s.dead_letter_topic);
                                           r.text("id_prefix", s.id_prefix);
                                           r.number("in_flight_max", s.in_flight_max, 1, 65'536);
                                           r.duration("commit_every", s.commit_every, 10, hour_long_ms);
                                           r.duration("stop_max", s.stop_max, 0, hour_long_ms);
                                           r.table_of_texts("properties", s.properties);
                                           r.table_of_texts("dead_letter_properties", s.dead_letter_properties);
                                         });
}

result<sink_settings> parse_sink(std::string_view text, std::string_view name) {
  return from_connector<sink_settings>(text, name, "sink", {}, [](reader& r, sink_settings& s) {
    r.text("connection", s.connection);
    r.table("redis", [&](reader& table) { read_redis(table, s.redis.emplace()); });
    const bool is_in_redis = r.has("redis");
    if (is_in_redis) s.batch_max = redis_batch_max;
    if (is_in_redis && r.has("connection")) r.refuse_key("connection", "is for PostgreSQL, and there is a table redis: a file is for one database");
    if (!is_in_redis && !r.has("connection")) r.refuse_table("connection", "is missing; for Redis there is the table sink.redis instead");
    r.texts("models", s.models);
    r.number("batch_max", s.batch_max, 1, 100'000);
    r.number("parked_max", s.parked_max, 1, 1'000'000);
    r.duration("time_out", s.time_out, 1, year_long_ms);
  });
}

result<relay_settings> load_relay(const std::filesystem::path& file) { return from_file(file, parse_relay); }
result<intake_settings> load_intake(const std::filesystem::path& file) { return from_file(file, parse_intake); }
result<sink_settings> load_sink(const std::filesystem::path& file) { return from_file(file, parse_sink); }

}  // namespace annals::config
