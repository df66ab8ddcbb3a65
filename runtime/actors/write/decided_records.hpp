// The records of what a command decided.
#pragma once

#include "actors/base/command.hpp"

#include <string>

namespace annals::actors {

/// One after the other, as the journal takes them, for a stream that is at this version; in place of what is in `bytes`.
void put_records(std::string& bytes, const command& cmd, std::uint64_t fingerprint, const detail::decided& made, annals::version at);

}  // namespace annals::actors
