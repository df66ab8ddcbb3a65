// The types of the bank and the shop that are needed to handle a parked event.
#pragma once

#include <annals/hosted_types.hpp>

#include <string_view>

namespace tools {

/// The read model of this name, or the process manager of this category with the types that it observes and commands. Null if
/// neither the bank nor the shop has one.
const annals::hosted_types* types_for_parked(std::string_view of);

}  // namespace tools
