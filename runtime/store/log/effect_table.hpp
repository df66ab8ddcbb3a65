// Which effects of a projection have taken place, in the log's control table:
//
//   effects/<who> → the position up to which a projection's effects took place, and those of them that are owed, with spaces
//                   between
#pragma once

#include "store/log/effects.hpp"
#include "store/log/log.hpp"

#include <annals/receipt.hpp>
#include <annals/result.hpp>

#include <string>
#include <string_view>

namespace annals::store {

control_entry effects_done(std::string_view who, const effects& so_far);
/// Nothing: there was none before.
result<std::optional<effects>> effects_done_before(const log& in, std::string_view who);

}  // namespace annals::store
