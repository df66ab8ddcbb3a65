// Whether a file may be handed to LMDB, which maps it and trusts what it says of itself.
#pragma once

#include <annals/result.hpp>

#include <filesystem>

namespace annals::store {

/// store_foreign unless `directory`/data.mdb is an LMDB file that is as long as its own meta pages say. Reads it
/// without mapping it: an empty file would be initialised, and a short one raises SIGBUS. May be called beside a writer.
result<void> check_lmdb_file(const std::filesystem::path& directory);

}  // namespace annals::store
