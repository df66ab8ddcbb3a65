// The replay gate: checks that replaying the log gives the same states, from the start and from every snapshot.
#pragma once

#include "store/derived/index.hpp"
#include "store/log/log.hpp"

#include <annals/detail/tables.hpp>
#include <annals/replay.hpp>

#include <functional>
#include <string_view>

namespace annals::store {

/// The table of a category; null if it is not hosted.
using find_aggregate = std::function<const detail::aggregate_table*(std::string_view category)>;

/// Folds each stream of a hosted type twice from its start, and once from each of its snapshots, and compares the states. The
/// first difference is `not_deterministic`; its place is the event after which the states differ. `behind` is the index of
/// the log; without it (null) there are no snapshots, and streams are found by a scan.
result<replayed> replay_all(const log& source, const index* behind, const find_aggregate& find);

}  // namespace annals::store
