// Which names a stream can have.
#pragma once

#include <annals/result.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace annals::actors {

/// Checks the name `category`-`key`: invalid_stream if the key is empty or has a control character, or the name exceeds 255 bytes.
std::optional<error> wrong_stream(std::string_view category, std::string_view key);

}  // namespace annals::actors
