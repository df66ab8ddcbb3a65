// Speaks HTTP over one connection: cpp-httplib reads the request and writes the answer; between them is an application. No other file
// knows that library. Of its server only this is used: its own listener would end on some errors of accept(), would let two programs
// share a port, and would hold a thread for each client that sends slowly.
#pragma once

#include "ops/http/connection.hpp"
#include "ops/http/message.hpp"

#include <memory>

namespace annals::ops {

/// Thread-safe.
class exchange {
public:
  /// `listening` is the listener's socket.
  exchange(application& to, int listening);
  ~exchange();
  /// Reads the request of a connection on which all of it has come, and answers it. Does not throw.
  void serve(connection& on);

private:
  class speaker;
  std::unique_ptr<speaker> speaker_;
};

}  // namespace annals::ops
