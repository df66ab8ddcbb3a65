// The shop on a node, which may be in this process or elsewhere: sends the input, and waits until all orders have ended.
#pragma once

#include "tools/invoices.hpp"
#include "tools/summary.hpp"

#include <annals/node.hpp>

namespace tools {

/// From now on SIGTERM and SIGINT end run_shop() with an error.
void stop_at_signals();
/// Whether one has come.
bool is_interrupted();
annals::error stopped_by_signal();

/// Continues where an earlier run on the same store ended.
annals::result<summary> run_shop(annals::node& on, const parked_of& parked, const demo_input& input, bool shows_progress);

}  // namespace tools
