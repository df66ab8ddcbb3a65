// The parts of a sampled command's span: loading its aggregate, its decision, its commit.
#pragma once

#include "actors/write/aggregate.hpp"
#include "actors/write/journal.hpp"

#include <cstdint>

namespace annals::actors {

/// A decision that began then. Those of process managers are part of what they observe.
void trace_decision(const aggregate_state& s, const command& cmd, const trace_context& of, std::int64_t begun, const detail::decided& made);
/// Each command that waited for the aggregate has it in its trace.
void trace_load(const aggregate_state& s, const rehydration& of, bool has_failed);
/// The commit of this item, which is durable. The spans of one commit are linked to the first of them.
void trace_commit(journal_state& s, const handed_batch& from, const handed_over& item);

}  // namespace annals::actors
