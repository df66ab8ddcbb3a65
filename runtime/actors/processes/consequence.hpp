// What a process manager's parts return to the actor, which acts on it: the messages to send, and what follows from an answer.
#pragma once

#include "actors/base/command.hpp"
#include "actors/base/messages.hpp"

#include <annals/receipt.hpp>
#include <annals/result.hpp>

#include <chrono>
#include <optional>

namespace annals::actors {

/// What follows from an answer, apart from messages.
struct consequence {
  std::optional<error> stop;                       ///< the process manager cannot go on
  std::optional<std::chrono::milliseconds> pause;  ///< the input at `at` is tried again after this pause
  position at = 0;
};

/// A message to be sent, or one that need not be sent because its answer is known: its stream or command can only be refused.
struct outgoing {
  command what;  ///< its string views are valid until the part that returned it changes
  std::optional<answer> refused;
};

/// The outcome is unknown, or the target cannot take commands at present: send again.
inline bool is_passing(errc code) { return code == errc::unknown || code == errc::overloaded || code == errc::storage_full; }
/// The runtime is closing: the next start sends again.
inline bool is_closing(errc code) { return code == errc::closed || code == errc::not_written; }

}  // namespace annals::actors
