// Figures of an open store, for stats() of a runtime and of a store_view.
#pragma once

#include "store/open_store.hpp"

#include <annals/statistics.hpp>

namespace annals::store {

result<store_stats> statistics_of(const opened& from, figures which = figures::all);
/// Of all files in it. Files may come and go meanwhile.
std::uint64_t bytes_in(const anchored_path& directory);

}  // namespace annals::store
