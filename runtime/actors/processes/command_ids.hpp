// What only process managers send: store/read/send_ids.hpp has the form of their commands' ids.
#pragma once

#include "store/read/send_ids.hpp"

#include <annals/detail/tables.hpp>
#include <annals/result.hpp>

#include <optional>
#include <string_view>

namespace annals::actors {

using store::causation_of;
using store::has_old_id;
using store::id_of_command;
using store::id_of_send;
using store::is_id_of_a_send;

/// Errors: invalid_command for what only the runtime itself may send: an id with the reserved first byte, a command named
/// "annals.*", any command to a process manager.
std::optional<error> reserved_for_runtime(const detail::aggregate_table& to, std::string_view command, std::string_view id);

}  // namespace annals::actors
