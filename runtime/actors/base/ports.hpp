// What an actor needs of others without knowing them.
#pragma once

#include "actors/base/command.hpp"

#include <caf/all.hpp>

#include <vector>

namespace annals::actors {

/// The way of a command to the aggregate that it is for. From any thread.
class command_port {
public:
  /// The texts are copied.
  virtual void send(const command& cmd) const = 0;

protected:
  ~command_port() = default;
};

/// The way of an answer to an actor that runs only in the turn of another one. From any thread.
class answer_port {
public:
  virtual void put(caf::actor to, caf::message answer) = 0;

protected:
  ~answer_port() = default;
};

/// Who gets answers, by `recipient`: the gateway first, then the process managers. Complete before the first command.
using recipients = std::vector<caf::actor>;

}  // namespace annals::actors
