#include "actors/processes/command_ids.hpp"

namespace annals::actors {
namespace {

/// A refused id in readable form: its first byte is not printable.
std::string shown(std::string_view id) { return "\\x01" + std::string{id.substr(1)}; }

}  // namespace

std::optional<error> reserved_for_runtime(const detail::aggregate_table& to, std::string_view command, std::string_view id) {
  if (is_id_of_a_send(id)) return error{errc::invalid_command, "ids that begin with the byte 0x01 are the runtime's own", shown(id)};
  if (to.is_process) return error{errc::invalid_command, "a process manager takes no commands", std::string{to.category}};
  if (command.starts_with("annals.")) return error{errc::invalid_command, "commands named annals.… are the runtime's own", std::string{command}};
  return std::nullopt;
}

}  // namespace annals::actors
