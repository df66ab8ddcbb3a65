#include "actors/processes/command_ids.hpp"

#include "store/read/stream_table.hpp"

#include <array>
#include <charconv>

namespace annals::actors {
namespace {

constexpr char reserved = '\x01';
constexpr std::uint16_t first_schema_with_own_ids = 2;
constexpr std::size_t bytes_max = 255;

std::string fitted(std::string text, std::string_view stream, std::string end) {
  if (text.size() + stream.size() + end.size() <= bytes_max) return text.append(stream).append(end);
  end = "~" + std::to_string(store::hash_of_stream(stream)) + end;
  return text.append(stream.substr(0, bytes_max - text.size() - end.size())).append(end);
}

std::string hex(std::uint64_t number) {
  std::array<char, 16> digits;
  const auto* end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
  const std::string_view text{digits.data(), static_cast<std::size_t>(end - digits.data())};
  return std::string(digits.size() - text.size(), '0').append(text);
}

/// A refused id in readable form: its first byte is not printable.
std::string shown(std::string_view id) { return "\\x01" + std::string{id.substr(1)}; }

}  // namespace

bool is_id_of_a_send(std::string_view id) { return id.starts_with(reserved); }

std::string id_of_send(std::string_view stream, version v, std::uint64_t checksum) {
  return fitted(std::string(1, reserved), stream, "#" + std::to_string(v) + "#" + hex(checksum));
}

std::string old_id_of_send(std::string_view stream, version v) { return fitted({}, stream, "#" + std::to_string(v)); }

bool has_old_id(const record_view& command_sent) { return command_sent.schema < first_schema_with_own_ids; }

std::string causation_of(position at) { return "@" + std::to_string(at); }

std::optional<error> reserved_for_runtime(const detail::aggregate_table& to, std::string_view command, std::string_view id) {
  if (id.starts_with(reserved)) return error{errc::invalid_command, "ids that begin with the byte 0x01 are the runtime's own", shown(id)};
  if (to.is_process) return error{errc::invalid_command, "a process manager takes no commands", std::string{to.category}};
  if (command.starts_with("annals.")) return error{errc::invalid_command, "commands named annals.… are the runtime's own", std::string{command}};
  return std::nullopt;
}

}  // namespace annals::actors
