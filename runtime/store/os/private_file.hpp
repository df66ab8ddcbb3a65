// Files that only their owner may read: what keeps a secret.
#pragma once

#include <annals/result.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace annals::store::files {

/// Reads a whole file into one buffer that never moves, so that the caller can wipe it. Errors, all bad_option, name the file: it
/// cannot be read, is no regular file, has more than `bytes_max` bytes, or group or others have any permission (with the mode).
result<std::string> read_private(const std::filesystem::path& file, std::size_t bytes_max);

/// Writes a new file with mode 0600, durably; the file appears complete or not at all, unless the machine fails. Errors: bad_option if
/// the file exists or cannot be created; storage_full, store_failed.
result<void> write_new_private(const std::filesystem::path& file, std::string_view text);

}  // namespace annals::store::files
