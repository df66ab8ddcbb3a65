// What a stream may be called.
#pragma once

#include <annals/result.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace annals::actors {

/// Of `category`-`key`: error(invalid_stream) when the key is empty or has a control character, or the whole is over 255 bytes.
std::optional<error> wrong_stream(std::string_view category, std::string_view key);

}  // namespace annals::actors
