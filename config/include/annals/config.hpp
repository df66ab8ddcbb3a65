/// Reads options from a TOML file; annals.toml, serve.toml and remote.toml show all keys with their defaults.
#pragma once

#include <annals/listen.hpp>
#include <annals/options.hpp>
#include <annals/remote.hpp>
#include <annals/result.hpp>

#include <filesystem>
#include <string_view>

namespace annals::config {

/// Reads the options in the file; the tables [listen] and [remote] are left to the functions below, those of connectors to
/// connector_config.hpp. A missing key keeps its default. Errors:
/// bad_option, with file and line; `place` is the line.
result<options> load(const std::filesystem::path& file);

/// The same for a text; errors name it `name`.
result<options> parse(std::string_view text, std::string_view name);

/// Reads the table [listen]: how a runtime lets other nodes in. The address may be missing. Relative paths begin in the directory of the
/// file. Errors: as load().
result<listen_options> load_listen(const std::filesystem::path& file);
/// The same for a text; relative paths begin in `beside`.
result<listen_options> parse_listen(std::string_view text, std::string_view name, const std::filesystem::path& beside);

/// Reads the table [remote]: as whom a program connects to another node. Paths and errors as those of load_listen().
result<remote_options> load_remote(const std::filesystem::path& file);
result<remote_options> parse_remote(std::string_view text, std::string_view name, const std::filesystem::path& beside);

}  // namespace annals::config
