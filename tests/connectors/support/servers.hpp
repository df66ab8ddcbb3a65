// Servers that a test program starts for itself, in a directory of their own, and ends by their process ids. They end with the program,
// however that ends.
#pragma once

#include "support/temporary_directory.hpp"

#include <sys/types.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace connectors {

/// The first of these that can be executed. Throws if there is none.
std::filesystem::path program_of(const std::string& name, const std::string& folders_below = {});

enum class user { of_servers, of_this_program };

class server_process {
public:
  /// As another user than root, if the test runs as root; or as this program's.
  server_process(const std::vector<std::string>& arguments, const std::filesystem::path& directory, user as = user::of_servers);
  server_process(const server_process&) = delete;
  server_process& operator=(const server_process&) = delete;
  ~server_process();

  bool has_ended() const;
  /// Returns its status.
  int wait();
  void signal(int which) const;
  /// And waits for its end.
  void kill(int signal = SIGKILL);
  /// Throws with the process's output if it ends instead.
  void wait_until(const std::function<bool()>& ready) const;

private:
  std::filesystem::path output_;
  pid_t pid_ = -1;
};

/// A directory that the servers' user may write to. A socket's path in it is short enough.
class server_directory {
public:
  server_directory();
  const std::filesystem::path& path() const { return made_.path; }

private:
  temporary_directory made_;
};

/// A port of loopback that nobody listens on at present.
std::string free_port();

}  // namespace connectors
