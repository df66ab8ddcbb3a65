// Checks whether a file may be handed to LMDB, which maps it and trusts its meta pages.
#pragma once

#include <annals/result.hpp>

#include <filesystem>

namespace annals::store {

/// store_foreign unless `directory`/data.mdb is an LMDB file that is as long as its own meta pages say. Reads the file
/// without mapping it: LMDB would initialise an empty file, and a short one raises SIGBUS. May be called while a writer runs.
result<void> check_lmdb_file(const std::filesystem::path& directory);

}  // namespace annals::store
