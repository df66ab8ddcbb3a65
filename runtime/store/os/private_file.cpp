#include "store/os/private_file.hpp"

#include "store/os/descriptor.hpp"
#include "store/os/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace annals::store::files {
namespace {

error refused(const std::filesystem::path& file, std::string why) { return {errc::bad_option, file.string(), std::move(why)}; }

std::string octal(unsigned mode) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04o", mode);
  return text.data();
}

result<void> write_all(int fd, std::string_view text, const std::filesystem::path& file) {
  while (!text.empty()) {
    const auto written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return files::os_error(errno, "writing " + file.string());
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(fd) != 0) return files::os_error(errno, "syncing " + file.string());
  return {};
}

}  // namespace

result<std::string> read_private(const std::filesystem::path& file, std::size_t bytes_max) {
  // O_NONBLOCK: a pipe without a writer would block the open.
  const descriptor in{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
  if (in.get() < 0) return refused(file, std::string{"cannot be read: "} + std::strerror(errno));
  struct stat info{};
  if (::fstat(in.get(), &info) != 0) return refused(file, std::string{"cannot be read: "} + std::strerror(errno));
  if (!S_ISREG(info.st_mode)) return refused(file, "is no regular file");
  if (const auto mode = info.st_mode & 07777; (mode & 0077) != 0)
    return refused(file, "has mode " + octal(mode) + ": only its owner may have access to a secret; chmod 600");
  if (static_cast<std::size_t>(info.st_size) > bytes_max)
    return refused(file, "has " + std::to_string(info.st_size) + " bytes, at most " + std::to_string(bytes_max));
  std::string text(static_cast<std::size_t>(info.st_size), '\0');
  std::size_t have = 0;
  while (have < text.size()) {
    const auto got = ::read(in.get(), text.data() + have, text.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return refused(file, std::string{"cannot be read: "} + std::strerror(errno));
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  text.resize(have);
  return text;
}

result<void> write_new_private(const std::filesystem::path& file, std::string_view text) {
  const descriptor out{::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (out.get() < 0 && errno == EEXIST) return refused(file, "already exists");
  if (out.get() < 0) return refused(file, std::string{"cannot be created: "} + std::strerror(errno));
  auto done = write_all(out.get(), text, file);
  if (!done) {
    ::unlink(file.c_str());
    return done;
  }
  const auto parent = file.parent_path();
  return sync(parent.empty() ? std::filesystem::path{"."} : parent);
}

}  // namespace annals::store::files
