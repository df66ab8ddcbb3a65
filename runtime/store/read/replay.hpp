// The replay gate: checks that replaying the log gives the same states, from the start and from every snapshot.
#pragma once

#include "store/derived/snapshot_table.hpp"
#include "store/derived/stream_index.hpp"
#include "store/log/log.hpp"

#include <annals/detail/tables.hpp>
#include <annals/replay.hpp>

#include <functional>
#include <string_view>

namespace annals::store {

/// The table of a category; null if it is not hosted.
using find_aggregate = std::function<const detail::aggregate_table*(std::string_view category)>;

/// Folds each stream of a hosted type twice from its start, and once from each of its snapshots, and compares the states. The
/// first difference is `not_deterministic`; its place is the event after which the states differ. Without an
/// index (null) streams are found by a scan; without a snapshot table (null) there are no snapshots.
result<replayed> replay_all(const log& source, const stream_index* index, const snapshot_table* snapshots, const find_aggregate& find);

}  // namespace annals::store
