#include "connectors/support/servers.hpp"

#include "support/wait_until.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>

namespace connectors {
namespace {

std::optional<passwd> other_than_root() {
  if (::geteuid() != 0) return std::nullopt;
  for (const auto* name : {"postgres", "nobody"})
    if (const auto* found = ::getpwnam(name)) return *found;
  throw std::runtime_error{"a server refuses to run as root, and there is no other user"};
}

/// Only what is allowed between fork and exec.
[[noreturn]] void become(char* const* arguments, const char* directory, int output, const std::optional<passwd>& as, pid_t parent) {
  const bool done = ::dup2(output, STDOUT_FILENO) >= 0 && ::dup2(output, STDERR_FILENO) >= 0 &&
                    (!as || (::setgroups(0, nullptr) == 0 && ::setgid(as->pw_gid) == 0 && ::setuid(as->pw_uid) == 0)) && ::chdir(directory) == 0 &&
                    ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && ::getppid() == parent;
  if (done) ::execv(arguments[0], arguments);
  ::_exit(127);
}

}  // namespace

std::filesystem::path program_of(const std::string& name, const std::string& folders_below) {
  std::vector<std::filesystem::path> folders;
  std::error_code none;
  if (!folders_below.empty())
    for (const auto& one : std::filesystem::directory_iterator{folders_below, none}) folders.push_back(one.path() / "bin");
  std::sort(folders.rbegin(), folders.rend());
  folders.insert(folders.end(), {"/usr/bin", "/usr/local/bin"});
  for (const auto& folder : folders)
    if (::access((folder / name).c_str(), X_OK) == 0) return folder / name;
  throw std::runtime_error{name + " is not installed"};
}

server_process::server_process(const std::vector<std::string>& arguments, const std::filesystem::path& directory, user who)
    : output_(directory / "output") {
  std::vector<char*> list;
  for (const auto& one : arguments) list.push_back(const_cast<char*>(one.c_str()));
  list.push_back(nullptr);
  const auto as = who == user::of_servers ? other_than_root() : std::nullopt;
  const auto output = ::open(output_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  const auto parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) become(list.data(), directory.c_str(), output, as, parent);
  ::close(output);
  if (pid_ < 0) throw std::runtime_error{"fork"};
}

server_process::~server_process() { kill(); }

void server_process::signal(int which) const {
  if (pid_ > 0) ::kill(pid_, which);
}

void server_process::kill(int signal) {
  if (pid_ < 0) return;
  ::kill(pid_, signal);
  wait();
}

bool server_process::has_ended() const {
  siginfo_t info{};
  return pid_ < 0 || (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid_);
}

int server_process::wait() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return status;
}

void server_process::wait_until(const std::function<bool()>& ready) const {
  ::wait_until([&] {
    if (!has_ended()) return ready();
    std::ostringstream said;
    said << std::ifstream{output_}.rdbuf();
    throw std::runtime_error{"a server has ended: " + said.str()};
  });
}

server_directory::server_directory() {
  if (const auto as = other_than_root())
    if (::chown(made_.path.c_str(), as->pw_uid, as->pw_gid) != 0) throw std::runtime_error{"chown"};
}

std::string free_port() {
  const int one = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  const bool done = ::bind(one, reinterpret_cast<sockaddr*>(&at), size) == 0 && ::getsockname(one, reinterpret_cast<sockaddr*>(&at), &size) == 0;
  ::close(one);
  if (!done) throw std::runtime_error{"no port"};
  return std::to_string(ntohs(at.sin_port));
}

}  // namespace connectors
