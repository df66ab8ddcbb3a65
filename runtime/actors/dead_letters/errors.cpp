#include "actors/dead_letters/errors.hpp"

#include <string>

namespace annals::actors {
namespace {

std::string named(position at) { return "position " + std::to_string(at); }

}  // namespace

error nothing_parked(position at) { return {errc::not_found, "no event is parked at this position", named(at), 0, at}; }

error blocked_by(position first) { return {errc::misuse, "an earlier parked event must be retried or skipped first", named(first), 0, first}; }

error being_skipped(position at) { return {errc::misuse, "an event that this retry includes is being skipped", named(at), 0, at}; }

error too_many_parked(std::size_t most, position at) {
  return {errc::projection_failed, "too many events are parked", std::to_string(most) + " before " + named(at), 0, at};
}

}  // namespace annals::actors
