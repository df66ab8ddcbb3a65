// A server that the comparison starts for itself, and ends by its process id. The server ends with the bench, however that
// ends.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace bench::compare {

/// Searches PATH and these folders. Throws `left_out` if the program is in none of them.
std::filesystem::path find_program(const std::string& name, const std::vector<std::filesystem::path>& also_in = {});

struct user {
  uid_t uid;
  gid_t gid;
};

/// A user other than root, if the bench runs as root.
std::optional<user> other_than_root();

struct program {
  std::vector<std::string> arguments;  // the first one is the program's path
  std::filesystem::path directory;     // where it runs; its output goes to the file "output" there
  std::optional<user> as = {};
};

/// Runs the program to its end. Throws `left_out` with its output if it fails.
void run_program(const program& what);

class server {
public:
  explicit server(const program& what);
  server(const server&) = delete;
  server& operator=(const server&) = delete;
  ~server();

  /// Asks repeatedly. Throws `left_out` with the server's output if the server ends instead, or takes too long.
  void wait_until(const std::function<bool()>& ready);

private:
  std::filesystem::path output_;
  pid_t pid_;
};

}  // namespace bench::compare
