// What one instance of a process manager did, turn by turn, with the answers to its commands.
#pragma once

#include "store/look/instances.hpp"

#include <annals/hosted_types.hpp>

#include <string>

namespace annals::store {

/// As view::instance(). `of` is one of the types, by which events, commands and timers are shown.
result<instance_history> history_of(const looked_at& in, const hosted_types& types, const detail::process_table& of, known_instances& known,
                                    const std::string& stream, version from, std::size_t turns_max);

}  // namespace annals::store
