// The list of the options that a file may set, and how their values are shown.
#include <annals/option_list.hpp>

#include <charconv>
#include <iterator>
#include <limits>
#include <type_traits>
#include <utility>

namespace annals {
namespace {

constexpr std::uint64_t any = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t mib = 1 << 20;
constexpr std::uint64_t hour_ms = 3'600'000;

constexpr option_entry flag(std::string_view name, bool options::* place) { return {name, place}; }
constexpr option_entry number(std::string_view name, std::uint64_t options::* place, std::uint64_t least, std::uint64_t most,
                              option_entry::floor not_below = {}) {
  return {name, place, false, least, most, not_below};
}
constexpr option_entry size(std::string_view name, std::uint64_t options::* place, std::uint64_t least, std::uint64_t most,
                            option_entry::floor not_below = {}) {
  return {name, place, true, least, most, not_below};
}
constexpr option_entry duration(std::string_view name, std::chrono::milliseconds options::* place, std::uint64_t least, std::uint64_t most) {
  return {name, place, false, least, most};
}

constexpr option_entry entries[] = {
    flag("create", &options::create),
    flag("readable_by_group", &options::readable_by_group),
    size("log_map_bytes", &options::log_map_bytes, mib, std::uint64_t{64} << 40),
    size("derived_map_bytes", &options::derived_map_bytes, mib, std::uint64_t{64} << 40),
    size("front_bytes_min", &options::front_bytes_min, mib / 16, 64 * mib),
    number("commands_in_flight_max", &options::commands_in_flight_max, 1, 1'048'576),
    size("event_bytes_max", &options::event_bytes_max, 1, 16 * mib),
    size("command_bytes_max", &options::command_bytes_max, 1, 16 * mib, {"event_bytes_max", &options::event_bytes_max}),
    number("command_events_max", &options::command_events_max, 1, 10'000),
    number("batch_records_max", &options::batch_records_max, 1, 1'048'576),
    size("batch_bytes_max", &options::batch_bytes_max, 4'096, 24 * mib),
    number("aggregates_resident_max", &options::aggregates_resident_max, 1, any),
    size("aggregate_bytes_max", &options::aggregate_bytes_max, mib, any),
    duration("aggregate_idle_max", &options::aggregate_idle_max, 1, 365 * 24 * hour_ms),
    number("index_flush_records", &options::index_flush_records, 1, any),
    number("index_tail_records_max", &options::index_tail_records_max, 1, any, {"index_flush_records", &options::index_flush_records}),
    number("snapshot_every", &options::snapshot_every, 0, any),
    number("snapshots_kept", &options::snapshots_kept, 1, 1'000),
    number("image_every_records", &options::image_every_records, 0, any),
    number("projection_batch_records", &options::projection_batch_records, 1, 1'000'000),
    number("shards", &options::shards, 0, 64),
    number("threads", &options::threads, 0, 1'024),
    {"trace_ratio", &options::trace_ratio, false, 0, 1},
    flag("trace_streams", &options::trace_streams),
    duration("close_deadline", &options::close_deadline, 0, hour_ms),
    {"stderr_level", &options::stderr_level},
    {"stderr_format", &options::stderr_format},
};

struct value_and_unit {
  std::string value;
  std::string unit;
};

/// In the largest unit of which it is a whole number.
template <std::size_t N>
value_and_unit in_units(std::uint64_t number, const std::array<option_unit, N>& units) {
  const auto* best = &units.front();
  for (const auto& each : units)
    if (number != 0 && number % each.factor == 0) best = &each;
  return {std::to_string(number / best->factor), std::string{best->name}};
}

value_and_unit shown(const option_entry& as, std::uint64_t value) {
  if (as.is_size) return in_units(value, size_units);
  return {std::to_string(value), {}};
}
value_and_unit shown(const option_entry&, bool value) { return {value ? "true" : "false", {}}; }
value_and_unit shown(const option_entry&, std::chrono::milliseconds value) {
  return in_units(static_cast<std::uint64_t>(value.count()), duration_units);
}
value_and_unit shown(const option_entry&, double value) {
  char text[32];
  const auto end = std::to_chars(std::begin(text), std::end(text), value).ptr;
  return {std::string{std::begin(text), end}, {}};
}
template <class Label>
  requires std::is_enum_v<Label>
value_and_unit shown(const option_entry&, Label value) {
  return {std::string{labels_of(value)[static_cast<std::size_t>(value)]}, {}};
}

}  // namespace

std::span<const option_entry> all_options() { return entries; }

std::vector<option_in_force> listed(const options& of) {
  const options unset;
  std::vector<option_in_force> all;
  for (const auto& each : entries)
    std::visit(
        [&](auto place) {
          auto [value, unit] = shown(each, of.*place);
          all.push_back({std::string{each.name}, std::move(value), std::move(unit), of.*place == unset.*place});
        },
        each.place);
  return all;
}

}  // namespace annals
