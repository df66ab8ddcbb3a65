// How what is a sink's own stands in Redis.
#pragma once

#include "connectors/sink/target.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace annals::redis {

std::uint64_t number_of(std::string_view text);

/// POSITION:CHANGES
std::string text_of(const connectors::slot_place& place);
connectors::slot_place place_from(std::string_view text);

/// ATTEMPTS TIME COMMAND_FIRST COMMAND_LAST BYTES STREAM ERROR, where BYTES are those of the stream, which may hold anything.
std::string text_of(const connectors::parked_row& row);
connectors::parked_row row_from(std::string_view at, std::string_view text);

}  // namespace annals::redis
