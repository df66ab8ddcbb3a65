#include <annals/config.hpp>

#include "config/reader.hpp"

#include <fstream>
#include <sstream>
#include <string>

namespace annals::config {

result<toml::table> parsed(std::string_view text, std::string_view name) {
  try {
    return toml::parse(text, name);
  } catch (const toml::parse_error& e) {
    const auto line = e.source().begin.line;
    return error{errc::bad_option, std::string{name} + ":" + std::to_string(line), std::string{e.description()}, 0, line};
  }
}

result<std::string> text_of(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  in.peek();  // a directory opens, and fails here
  if (!in.is_open() || in.bad()) return error{errc::bad_option, file.string(), "cannot be read"};
  in.clear();  // an empty file has nothing to peek at
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

result<options> parse(std::string_view text, std::string_view name) {
  const auto table = parsed(text, name);
  if (!table) return table.error();
  constexpr std::uint64_t any = std::uint64_t{1} << 62;
  constexpr std::uint64_t mib = 1 << 20;
  constexpr std::uint64_t day_ms = 24ull * 3'600'000;
  options o;
  reader r{*table, name};
  r.leave("listen");
  r.leave("remote");
  r.flag("create", o.create);
  r.flag("readable_by_group", o.readable_by_group);
  r.bytes("log_map_bytes", o.log_map_bytes, mib, std::uint64_t{64} << 40);
  r.bytes("derived_map_bytes", o.derived_map_bytes, mib, std::uint64_t{64} << 40);
  r.bytes("front_bytes_min", o.front_bytes_min, mib / 16, 64 * mib);
  r.number("commands_in_flight_max", o.commands_in_flight_max, 1, 1'048'576);
  r.bytes("event_bytes_max", o.event_bytes_max, 1, 16 * mib);
  r.bytes("command_bytes_max", o.command_bytes_max, 1, 16 * mib);
  r.number("command_events_max", o.command_events_max, 1, 10'000);
  r.number("batch_records_max", o.batch_records_max, 1, 1'048'576);
  r.bytes("batch_bytes_max", o.batch_bytes_max, 4096, 24 * mib);
  r.number("aggregates_resident_max", o.aggregates_resident_max, 1, any);
  r.bytes("aggregate_bytes_max", o.aggregate_bytes_max, mib, any);
  r.duration("aggregate_idle_max", o.aggregate_idle_max, 1, 365 * day_ms);
  r.number("index_flush_records", o.index_flush_records, 1, any);
  r.number("index_tail_records_max", o.index_tail_records_max, 1, any);
  r.number("snapshot_every", o.snapshot_every, 0, any);
  r.number("image_every_records", o.image_every_records, 0, any);
  r.number("snapshots_kept", o.snapshots_kept, 1, 1'000);
  r.number("projection_batch_records", o.projection_batch_records, 1, 1'000'000);
  r.number("shards", o.shards, 0, 64);
  r.number("threads", o.threads, 0, 1024);
  r.duration("close_deadline", o.close_deadline, 0, 3'600'000);
  r.at_least("command_bytes_max", o.command_bytes_max, "event_bytes_max", o.event_bytes_max);
  r.at_least("index_tail_records_max", o.index_tail_records_max, "index_flush_records", o.index_flush_records);
  if (auto wrong = r.finish()) return std::move(*wrong);
  return o;
}

result<options> load(const std::filesystem::path& file) {
  const auto text = text_of(file);
  if (!text) return text.error();
  return parse(*text, file.string());
}

}  // namespace annals::config
