// Which effects of a projection have been executed, in the log's control table:
//
//   effects/<projection> → the position up to which the projection's effects have been executed, followed by the positions up to it
//                   whose effects are still pending, separated by spaces
#pragma once

#include "store/log/effects.hpp"
#include "store/log/log.hpp"

#include <annals/receipt.hpp>
#include <annals/result.hpp>

#include <string>
#include <string_view>

namespace annals::store {

control_entry effects_done(std::string_view projection, const effects& so_far);
/// Empty if the table has no entry.
result<std::optional<effects>> effects_done_before(const log& in, std::string_view projection);

}  // namespace annals::store
