// The kernel's page cache, for figures that are to be without it.
#pragma once

#include <filesystem>

namespace bench {

/// Drops the pages of all files in this directory and below it. Nobody may have them open. Returns which part of them
/// is in memory still, from 0 to 1.
double drop_from_page_cache(const std::filesystem::path& directory);

}  // namespace bench
