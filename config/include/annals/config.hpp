/// Options from a TOML file: see annals.toml, which has every knob.
#pragma once

#include <annals/options.hpp>
#include <annals/result.hpp>

#include <filesystem>
#include <string_view>

namespace annals::config {

/// The options in the file; what it leaves out keeps its default. Errors: bad_option, with file and line.
result<options> load(const std::filesystem::path& file);

/// The same from text; `name` stands for the file in errors.
result<options> parse(std::string_view text, std::string_view name);

}  // namespace annals::config
