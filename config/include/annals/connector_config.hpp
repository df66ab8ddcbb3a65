/// Reads from a TOML file what a connector is to do; relay.toml, intake.toml and sink.toml show all keys with their defaults. These are plain
/// values: a program that links the connectors copies them to relay_options, intake_options (annals::kafka) and options
/// (annals::postgresql, annals::redis), where their meaning is described.
#pragma once

#include <annals/parked.hpp>
#include <annals/receipt.hpp>
#include <annals/result.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annals::config {

/// How a relay writes events.
enum class relay_format : std::uint8_t { json, msgpack };
constexpr auto labels_of(relay_format) { return std::to_array<std::string_view>({"json", "msgpack"}); }

/// The table [relay]. `name`, `brokers` and `source` are required.
struct relay_settings {
  std::string name;
  std::string brokers;
  std::string source;
  std::string topic_prefix;
  std::vector<std::string> categories;
  std::vector<std::string> types;
  position from = 1;
  relay_format format = relay_format::json;
  bool exactly_once = false;
  std::string positions_topic;
  std::size_t batch_events_max = 4'096;
  std::size_t in_flight_max = 16'384;  ///< without it in the file, batch_events_max if that is more
  bool background = true;
  std::chrono::milliseconds stop_max = std::chrono::seconds{5};
  failure_policy failure;  ///< the keys attempts, first_pause and on_failure
  std::size_t parked_max = 10'000;
  std::map<std::string, std::string> properties;  ///< of librdkafka; the table [relay.properties]
};

/// The table [intake]. `group`, `brokers`, `topics` and `dead_letter_topic` are required.
struct intake_settings {
  std::string group;
  std::string brokers;
  std::vector<std::string> topics;
  std::string dead_letter_topic;
  std::string id_prefix;
  std::size_t in_flight_max = 1'024;
  std::chrono::milliseconds commit_every = std::chrono::seconds{1};
  std::chrono::milliseconds stop_max = std::chrono::seconds{5};
  std::map<std::string, std::string> properties;              ///< of the consumer; the table [intake.properties]
  std::map<std::string, std::string> dead_letter_properties;  ///< of the producer; the table [intake.dead_letter_properties]
};

/// The table [sink.redis].
struct redis_settings {
  std::string address = "127.0.0.1:6379";
  std::string user;
  std::string password;
  std::uint32_t database = 0;
};

/// The table [sink]. It has either `connection` or the table `redis`.
struct sink_settings {
  std::string connection;               ///< of PostgreSQL
  std::optional<redis_settings> redis;  ///< if the read models are in Redis
  std::vector<std::string> models;      ///< names of the read models; empty: all that the program has for this database
  std::size_t batch_max = 1'000;        ///< with Redis the default is 500
  std::size_t parked_max = 10'000;
  std::chrono::milliseconds time_out = std::chrono::seconds{30};
};

/// Errors of all: bad_option, with file and line; `place` is the line. Other tables of the file, and the options of the runtime, are left to
/// the functions of config.hpp.
result<relay_settings> load_relay(const std::filesystem::path& file);
result<intake_settings> load_intake(const std::filesystem::path& file);
result<sink_settings> load_sink(const std::filesystem::path& file);

/// The same for a text; errors name it `name`.
result<relay_settings> parse_relay(std::string_view text, std::string_view name);
result<intake_settings> parse_intake(std::string_view text, std::string_view name);
result<sink_settings> parse_sink(std::string_view text, std::string_view name);

}  // namespace annals::config
