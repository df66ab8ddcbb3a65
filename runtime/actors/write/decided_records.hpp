// The records of the events that a command produced.
#pragma once

#include "actors/base/command.hpp"

#include <string>

namespace annals::actors {

/// Replaces `bytes` with the records, one after the other, unsealed, as the journal takes them. `at`: the stream's version before them.
void put_records(std::string& bytes, const command& cmd, std::uint64_t fingerprint, const detail::decided& made, annals::version at);

}  // namespace annals::actors
