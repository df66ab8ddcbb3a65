// The command that looks back: state.
#pragma once

#include "tools/where.hpp"

#include <annals/time_travel.hpp>

#include <string>

namespace tools {

/// Prints the past state of a stream of the bank or the shop. Returns the exit status.
int show_state(const where& place, const std::string& stream, const annals::as_of& when, bool json);
/// Prints what each event up to then changed. Returns the exit status.
int show_changes(const where& place, const std::string& stream, const annals::as_of& when, bool json);

}  // namespace tools
