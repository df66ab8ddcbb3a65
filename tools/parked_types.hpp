// Which types of the bank and the shop it takes to handle a parked event.
#pragma once

#include <annals/hosted_types.hpp>

#include <string_view>

namespace tools {

/// The read model of this name; or the process manager of this category, with what it observes and commands. Null when
/// neither the bank nor the shop has one.
const annals::hosted_types* types_for_parked(std::string_view of);

}  // namespace tools
