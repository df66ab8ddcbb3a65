// What the actors keep in the log's control table: decisions about parked events (store/skip_table.hpp), and
//
//   effects/<who> → the position up to which a projection's effects took place, and those of them that are owed, with spaces
//                   between
#pragma once

#include "actors/effects.hpp"
#include "store/log.hpp"
#include "store/skip_table.hpp"

#include <annals/receipt.hpp>
#include <annals/result.hpp>

#include <string>
#include <string_view>

namespace annals::actors {

using store::skip_decision;
using store::skipped_before;

store::control_entry effects_done(std::string_view who, const effects& so_far);
/// Nothing: there was none before.
result<std::optional<effects>> effects_done_before(const store::log& in, std::string_view who);

error nothing_parked(position at);

}  // namespace annals::actors
