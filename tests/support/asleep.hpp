// Whether a thread of this process sleeps: the only sign of a thread that waits inside of a call.
#pragma once

#include <fstream>
#include <string>

#include <sys/types.h>

/// The thread is there.
inline bool is_asleep(pid_t thread) {
  std::ifstream status{"/proc/self/task/" + std::to_string(thread) + "/status"};
  std::string line;
  while (std::getline(status, line) && !line.starts_with("State:")) {
  }
  return line.starts_with("State:\tS");
}
