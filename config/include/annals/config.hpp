/// Reads options from a TOML file; annals.toml shows all keys with their defaults.
#pragma once

#include <annals/options.hpp>
#include <annals/result.hpp>

#include <filesystem>
#include <string_view>

namespace annals::config {

/// Reads the options in the file. A missing key keeps its default. Errors: bad_option, with file and line; `place` is the line.
result<options> load(const std::filesystem::path& file);

/// The same for a text; errors name it `name`.
result<options> parse(std::string_view text, std::string_view name);

}  // namespace annals::config
