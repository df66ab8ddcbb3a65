// Interfaces through which an actor reaches others without knowing them.
#pragma once

#include "actors/base/command.hpp"

#include <caf/all.hpp>

#include <vector>

namespace annals::actors {

/// Sends a command to its aggregate. Thread-safe.
class command_port {
public:
  /// Copies the texts.
  virtual void send(const command& cmd) const = 0;

protected:
  ~command_port() = default;
};

/// Delivers an answer to an actor that runs only in the turn of another actor. Thread-safe.
class answer_port {
public:
  virtual void put(caf::actor to, caf::message answer) = 0;

protected:
  ~answer_port() = default;
};

/// The actors that get answers, indexed by `recipient`: the gateway first, then the process managers. Complete before the first command.
using recipients = std::vector<caf::actor>;

}  // namespace annals::actors
