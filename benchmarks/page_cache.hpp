// The kernel's page cache, for figures without it.
#pragma once

#include <filesystem>

namespace bench {

/// Drops the pages of all files in this directory and below it. No process may have them open. Returns the part of them that is still
/// in memory, from 0 to 1.
double drop_from_page_cache(const std::filesystem::path& directory);

}  // namespace bench
