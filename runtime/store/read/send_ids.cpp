#include "store/read/send_ids.hpp"

#include "store/read/stream_table.hpp"

#include <annals/instances.hpp>

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace annals {
namespace store {
namespace {

constexpr char reserved = '\x01';
constexpr std::uint16_t first_schema_with_own_ids = 2;
constexpr std::size_t id_bytes_max = 255;

std::string fitted(std::string text, std::string_view stream, std::string end) {
  if (text.size() + stream.size() + end.size() <= id_bytes_max) return text.append(stream).append(end);
  end = "~" + std::to_string(hash_of_stream(stream)) + end;
  return text.append(stream.substr(0, id_bytes_max - text.size() - end.size())).append(end);
}

constexpr std::size_t hex_digits = 16;

std::string hex(std::uint64_t number) {
  std::array<char, hex_digits> digits;
  const auto* end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
  const std::string_view text{digits.data(), static_cast<std::size_t>(end - digits.data())};
  return std::string(digits.size() - text.size(), '0').append(text);
}

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (wrong != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

bool is_id_of_a_send(std::string_view id) { return id.starts_with(reserved); }

std::string id_of_send(std::string_view stream, version v, std::uint64_t checksum) {
  return fitted(std::string(1, reserved), stream, "#" + std::to_string(v) + "#" + hex(checksum));
}

std::string old_id_of_send(std::string_view stream, version v) { return fitted({}, stream, "#" + std::to_string(v)); }

bool has_old_id(const record_view& command_sent) { return command_sent.schema < first_schema_with_own_ids; }

std::string id_of_command(const record_view& command_sent) {
  return has_old_id(command_sent) ? old_id_of_send(command_sent.stream, command_sent.version)
                                  : id_of_send(command_sent.stream, command_sent.version, command_sent.checksum);
}

std::string causation_of(position at) { return "@" + std::to_string(at); }

std::uint64_t fingerprint_of(std::string_view name, std::string_view body) {
  return XXH3_64bits_withSeed(body.data(), body.size(), XXH3_64bits(name.data(), name.size()));
}

bool is_written_by(const detail::command_sent& what, const record_view& record) {
  return what.to == record.stream && fingerprint_of(what.command, what.body.bytes) == record.fingerprint;
}

}  // namespace store

std::optional<std::string> id_of_sent_command(const record_view& record) {
  if (record.type != detail::command_sent::about.name) return std::nullopt;
  return store::id_of_command(record);
}

std::optional<sent_by> sender_of(std::string_view command_id) {
  if (!store::is_id_of_a_send(command_id)) return std::nullopt;
  const auto full = command_id.size() == store::id_bytes_max;
  command_id.remove_prefix(1);
  if (command_id.size() <= store::hex_digits) return std::nullopt;
  command_id.remove_suffix(store::hex_digits);
  if (!command_id.ends_with('#')) return std::nullopt;
  command_id.remove_suffix(1);
  const auto end = command_id.rfind('#');
  if (end == std::string_view::npos) return std::nullopt;
  const auto stream = command_id.substr(0, end);
  const auto sent = store::number_in(command_id.substr(end + 1));
  const auto hash = stream.rfind('~');
  if (!sent || (full && hash != std::string_view::npos && store::number_in(stream.substr(hash + 1)))) return std::nullopt;
  return sent_by{std::string{stream}, *sent};
}

std::optional<position> position_in(std::string_view causation) {
  return causation.starts_with('@') ? store::number_in(causation.substr(1)) : std::nullopt;
}

}  // namespace annals
