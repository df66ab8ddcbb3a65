#include "benchmarks/compare/server.hpp"

#include "benchmarks/compare/engine.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <system_error>
#include <thread>

namespace bench::compare {
namespace {

using steady = std::chrono::steady_clock;
constexpr std::chrono::milliseconds look_again{10};
constexpr std::chrono::seconds patience{30};
constexpr int please_end = SIGINT;  // both servers then end in an orderly way at once, even with clients connected
constexpr std::size_t said_bytes_max = 600;

/// Calls only what is allowed between fork and exec.
[[noreturn]] void become(const program& what, char* const* arguments, int output, pid_t parent) {
  const bool done = ::dup2(output, STDOUT_FILENO) >= 0 && ::dup2(output, STDERR_FILENO) >= 0 &&
                    (!what.as || (::setgroups(0, nullptr) == 0 && ::setgid(what.as->gid) == 0 && ::setuid(what.as->uid) == 0)) &&
                    ::chdir(what.directory.c_str()) == 0 &&
                    // The last step, because a change of user would undo it.
                    ::prctl(PR_SET_PDEATHSIG, please_end) == 0 && ::getppid() == parent;
  if (done) ::execv(arguments[0], arguments);
  constexpr std::string_view said = "the user that it runs as cannot reach its directory, or cannot run it";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, said.data(), said.size());
  ::_exit(127);
}

pid_t start(const program& what) {
  std::vector<char*> arguments;
  for (const auto& a : what.arguments) arguments.push_back(const_cast<char*>(a.c_str()));
  arguments.push_back(nullptr);
  const auto output = ::open((what.directory / "output").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (output < 0) throw std::system_error(errno, std::generic_category(), "a file for a server's output");
  const auto parent = ::getpid();
  const auto pid = ::fork();
  if (pid == 0) become(what, arguments.data(), output, parent);
  ::close(output);
  if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
  return pid;
}

bool has_ended(pid_t pid) {
  siginfo_t info{};
  return ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid;
}

/// The end of the output, in one line.
std::string what_it_said(const std::filesystem::path& output) {
  std::ostringstream all;
  all << std::ifstream{output}.rdbuf();
  auto text = all.str();
  for (auto& c : text)
    if (c == '\n') c = ' ';
  return text.size() <= said_bytes_max ? text : text.substr(text.size() - said_bytes_max);
}

}  // namespace

std::filesystem::path find_program(const std::string& name, const std::vector<std::filesystem::path>& also_in) {
  auto folders = also_in;
  std::istringstream path{std::getenv("PATH") ? std::getenv("PATH") : ""};
  for (std::string folder; std::getline(path, folder, ':');) folders.emplace_back(folder);
  for (const auto& folder : folders)
    if (::access((folder / name).c_str(), X_OK) == 0) return folder / name;
  throw left_out{name + " is not installed"};
}

std::optional<user> other_than_root() {
  if (::geteuid() != 0) return std::nullopt;
  for (const auto* name : {"postgres", "nobody"})
    if (const auto* found = ::getpwnam(name)) return user{found->pw_uid, found->pw_gid};
  throw left_out{"it refuses to run as root, and there is no other user"};
}

void run_program(const program& what) {
  const auto pid = start(what);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) throw left_out{what.arguments.front() + ": " + what_it_said(what.directory / "output")};
}

server::server(const program& what) : output_(what.directory / "output"), pid_(start(what)) {}

server::~server() {
  ::kill(pid_, please_end);
  const auto until = steady::now() + patience;
  while (!has_ended(pid_) && steady::now() < until) std::this_thread::sleep_for(look_again);
  if (!has_ended(pid_)) ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void server::wait_until(const std::function<bool()>& ready) {
  const auto until = steady::now() + patience;
  while (!ready()) {
    if (has_ended(pid_) || steady::now() > until) throw left_out{"it does not start: " + what_it_said(output_)};
    std::this_thread::sleep_for(look_again);
  }
}

}  // namespace bench::compare
