#include <annals/config.hpp>

#include <toml++/toml.h>

#include <array>
#include <charconv>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>
#include <string>

namespace annals::config {
namespace {

struct unit {
  std::string_view name;
  std::uint64_t factor;
};
constexpr std::array sizes{unit{"B", 1}, unit{"KiB", 1ull << 10}, unit{"MiB", 1ull << 20}, unit{"GiB", 1ull << 30}, unit{"TiB", 1ull << 40}};
constexpr std::array durations{unit{"ms", 1}, unit{"s", 1000}, unit{"min", 60'000}, unit{"h", 3'600'000}};

/// A whole number, a space or none, and a unit; nothing else.
template <std::size_t N>
std::optional<std::uint64_t> with_unit(std::string_view text, const std::array<unit, N>& units) {
  std::uint64_t number = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (wrong != std::errc{}) return std::nullopt;
  auto name = text.substr(static_cast<std::size_t>(end - text.data()));
  if (name.starts_with(' ')) name.remove_prefix(1);
  for (const auto& u : units) {
    std::uint64_t product = 0;
    if (name == u.name && !__builtin_mul_overflow(number, u.factor, &product)) return product;
  }
  return std::nullopt;
}

/// Reads one file's keys into options; the first mistake is kept, with its place.
class reader {
public:
  reader(const toml::table& table, std::string_view name) : table_(table), name_(name) {}

  void flag(std::string_view key, bool& out) {
    const auto* node = take(key);
    if (!node) return;
    if (const auto v = node->value_exact<bool>())
      out = *v;
    else
      refuse(*node, key, "expected true or false");
  }

  template <class T>
  void number(std::string_view key, T& out, std::uint64_t least, std::uint64_t most) {
    const auto* node = take(key);
    if (!node) return;
    const auto v = node->value_exact<std::int64_t>();
    if (!v || *v < 0) return refuse(*node, key, "expected a whole number, not below zero");
    store(*node, key, static_cast<std::uint64_t>(*v), out, least, most);
  }

  template <class T>
  void bytes(std::string_view key, T& out, std::uint64_t least, std::uint64_t most) {
    const auto* node = take(key);
    if (!node) return;
    if (const auto v = node->value_exact<std::int64_t>(); v && *v >= 0) return store(*node, key, static_cast<std::uint64_t>(*v), out, least, most);
    const auto text = node->value_exact<std::string_view>();
    const auto v = text ? with_unit(*text, sizes) : std::nullopt;
    if (!v) return refuse(*node, key, "expected a size: bytes, or a number with B, KiB, MiB, GiB or TiB");
    store(*node, key, *v, out, least, most);
  }

  void duration(std::string_view key, std::chrono::milliseconds& out, std::uint64_t least, std::uint64_t most) {
    const auto* node = take(key);
    if (!node) return;
    const auto text = node->value_exact<std::string_view>();
    const auto v = text ? with_unit(*text, durations) : std::nullopt;
    if (!v) return refuse(*node, key, "expected a duration: a number with ms, s, min or h");
    std::uint64_t ms = 0;
    store(*node, key, *v, ms, least, most);
    if (!wrong_) out = std::chrono::milliseconds{ms};
  }

  /// A knob that may not be below another one: said of whichever is in the file.
  void at_least(std::string_view key, std::uint64_t value, std::string_view other, std::uint64_t bound) {
    if (value >= bound) return;
    const auto* node = table_.get(key);
    if (!node) node = table_.get(other);
    const auto why = std::to_string(value) + " is below " + std::string{other} + ", " + std::to_string(bound);
    if (node) refuse(*node, key, why);
  }

  /// What was not taken is unknown.
  std::optional<error> finish() {
    for (const auto& [key, node] : table_)
      if (!taken_.contains(std::string{key.str()})) refuse(node, key.str(), "unknown key");
    return wrong_;
  }

private:
  const toml::node* take(std::string_view key) {
    taken_.emplace(key);
    return table_.get(key);
  }

  template <class T>
  void store(const toml::node& node, std::string_view key, std::uint64_t v, T& out, std::uint64_t least, std::uint64_t most) {
    if (v < least || v > most)
      return refuse(node, key, std::to_string(v) + " is not within " + std::to_string(least) + " to " + std::to_string(most));
    out = static_cast<T>(v);
  }

  void refuse(const toml::node& node, std::string_view key, const std::string& why) {
    const auto line = node.source().begin.line;
    if (wrong_ && wrong_->place <= line) return;
    wrong_ = error{errc::bad_option, name_ + ":" + std::to_string(line), std::string{key} + ": " + why, 0, line};
  }

  const toml::table& table_;
  std::string name_;
  std::set<std::string> taken_;
  std::optional<error> wrong_;
};

}  // namespace

result<options> parse(std::string_view text, std::string_view name) {
  const auto parsed = [&]() -> result<toml::table> {
    try {
      return toml::parse(text, name);
    } catch (const toml::parse_error& e) {
      return error{errc::bad_option, std::string{name} + ":" + std::to_string(e.source().begin.line), std::string{e.description()}, 0,
                   e.source().begin.line};
    }
  }();
  if (!parsed) return parsed.error();
  constexpr std::uint64_t any = std::uint64_t{1} << 62;
  constexpr std::uint64_t mib = 1 << 20;
  constexpr std::uint64_t day_ms = 24ull * 3'600'000;
  options o;
  reader r{*parsed, name};
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
  std::ifstream in{file, std::ios::binary};
  in.peek();  // a directory opens, and fails here
  if (!in.is_open() || in.bad()) return error{errc::bad_option, file.string(), "cannot be read"};
  in.clear();  // an empty file has nothing to peek at
  std::ostringstream text;
  text << in.rdbuf();
  return parse(text.str(), file.string());
}

}  // namespace annals::config
