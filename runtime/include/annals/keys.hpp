/// Key files: how a node proves its name to other nodes.
#pragma once

#include <annals/result.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace annals {

inline constexpr std::size_t node_name_bytes_max = 255;
/// Whether a node may be called so: 1 to 255 bytes without control characters.
bool is_node_name(std::string_view name);

/// Makes a new key and writes it to a new file, which only its owner may read (mode 0600). The file holds the secret: anyone who has it can
/// act under the node's name. Returns the public key as text, "ed25519:…", for the peers file of a server and for
/// remote_options::server_keys of a client. Errors: bad_option (the file exists, or cannot be created), storage_full, store_failed.
result<std::string> make_key_file(const std::filesystem::path& file);
/// The public key of the key in this file. Errors: bad_option, as those of listen() and connect() about the file.
result<std::string> public_key_in(const std::filesystem::path& file);

}  // namespace annals
