// A server that the comparison starts for itself, and ends by its process id. It goes with the bench, however that
// ends.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace bench::compare {

/// In PATH and in these folders; throws `left_out` when it is nowhere.
std::filesystem::path find_program(const std::string& name, const std::vector<std::filesystem::path>& also_in = {});

struct user {
  uid_t uid;
  gid_t gid;
};

/// Somebody who is not root, when the bench is.
std::optional<user> other_than_root();

struct program {
  std::vector<std::string> arguments;  // the program's path is the first
  std::filesystem::path directory;     // where it runs; its output goes to "output" there
  std::optional<user> as = {};
};

/// Runs it to its end; throws `left_out`, with what it said, when it fails.
void run_program(const program& what);

class server {
public:
  explicit server(const program& what);
  server(const server&) = delete;
  server& operator=(const server&) = delete;
  ~server();

  /// Asks again and again; throws `left_out`, with what the server said, when it ends instead or takes too long.
  void wait_until(const std::function<bool()>& ready);

private:
  std::filesystem::path output_;
  pid_t pid_;
};

}  // namespace bench::compare
