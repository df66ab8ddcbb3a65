// What a process manager's parts return to the actor, which acts: what is to be sent, and what follows from an answer.
#pragma once

#include "actors/base/command.hpp"
#include "actors/base/messages.hpp"

#include <annals/receipt.hpp>
#include <annals/result.hpp>

#include <chrono>
#include <optional>

namespace annals::actors {

/// Beside what is to be sent.
struct consequence {
  std::optional<error> stop;                       ///< the process manager cannot go on
  std::optional<std::chrono::milliseconds> pause;  ///< the input at `at` is tried again after so long
  position at = 0;
};

/// A message to be sent, or one that need not be sent since its answer is known: nobody could be reached under that name.
struct outgoing {
  command what;                  ///< its texts are valid until the part that returned it changes
  std::optional<answer> refused;
};

/// The outcome is not known, or the target was busy: send again.
inline bool is_passing(errc code) { return code == errc::unknown || code == errc::overloaded || code == errc::storage_full; }
/// The runtime ends: the next one sends again.
inline bool is_closing(errc code) { return code == errc::closed || code == errc::not_written; }

}  // namespace annals::actors
