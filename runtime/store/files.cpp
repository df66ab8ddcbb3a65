#include "store/files.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>

namespace annals::store::files {
namespace {

namespace fs = std::filesystem;

error os_error(std::string doing) { return {errc::store_failed, std::move(doing), std::strerror(errno)}; }

/// A file descriptor that closes by itself.
class descriptor {
public:
  explicit descriptor(int fd) : fd_(fd) {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

private:
  int fd_;
};

}  // namespace

result<void> sync(const fs::path& path) {
  const descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.get() < 0 || ::fsync(file.get()) != 0) return os_error("syncing " + path.string());
  return {};
}

temporary::~temporary() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

result<void> temporary::become(const fs::path& target) {
  std::error_code wrong;
  for (fs::recursive_directory_iterator i{path_, wrong}, end; !wrong && i != end; i.increment(wrong))
    if (auto ok = sync(i->path()); !ok) return ok;
  if (auto ok = sync(path_); !ok) return ok;
  if (fs::exists(target, wrong)) return error{errc::store_failed, target.string(), "it is there already"};
  fs::rename(path_, target, wrong);
  if (wrong) return error{errc::store_failed, "renaming to " + target.string(), wrong.message()};
  path_.clear();
  return sync(fs::absolute(target).parent_path());
}

result<temporary> temporary_beside(const fs::path& target) {
  const auto whole = fs::absolute(target).lexically_normal();
  auto path = whole.string();
  while (path.ends_with('/')) path.pop_back();
  std::error_code wrong;
  if (fs::exists(path, wrong)) return error{errc::store_failed, path, "it is there already"};
  path += ".new-" + std::to_string(::getpid());
  fs::remove_all(path, wrong);
  if (!fs::create_directory(path, wrong)) return error{errc::store_failed, "creating " + path, wrong.message()};
  return temporary{path};
}

void remove_leftovers(const fs::path& directory) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator{directory, ignored})
    if (entry.path().filename().string().find(".new-") != std::string::npos) fs::remove_all(entry.path(), ignored);
}

result<void> check_file_system(const fs::path& directory) {
  constexpr std::array network{std::pair{0x6969l, "NFS"},       std::pair{0x517Bl, "SMB"},  std::pair{0xFF534D42l, "CIFS"},
                               std::pair{0xFE534D42l, "SMB2"},  std::pair{0x65735546l, "FUSE"}, std::pair{0x01021997l, "9P"},
                               std::pair{0x5346414Fl, "AFS"},   std::pair{0x00c36400l, "Ceph"}};
  struct statfs s {};
  if (::statfs(directory.c_str(), &s) != 0) return os_error("looking at the file system of " + directory.string());
  for (const auto& [magic, name] : network)
    if (static_cast<std::uint32_t>(s.f_type) == static_cast<std::uint32_t>(magic))
      return error{errc::store_unsupported, directory.string(),
                   std::string{"on "} + name + ", where locks and memory maps cannot be trusted: use a local disk"};
  return {};
}

// LMDB 0.9's file: two meta pages; in each, behind the page header of 16 bytes: magic:u32 version:u32 address:u64
// mapsize:u64 two tables of 48 bytes (the first begins with the page size:u32) last_page:u64 transaction:u64.
// Source: struct MDB_meta in mdb.c of LMDB 0.9.24.
result<void> check_lmdb_file(const fs::path& directory) {
  const auto path = directory / "data.mdb";
  const auto refuse = [&](std::string why) { return error{errc::store_foreign, path.string(), std::move(why)}; };
  const descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.get() < 0) return refuse(std::strerror(errno));
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return os_error("looking at " + path.string());
  const auto size = static_cast<std::uint64_t>(info.st_size);
  if (size == 0) return refuse("it is empty");
  struct meta {
    std::uint32_t magic;
    std::uint32_t version;
    std::uint64_t address;
    std::uint64_t map_bytes;
    std::uint32_t page_bytes;
    char tables[92];
    std::uint64_t last_page;
    std::uint64_t transaction;
  };
  static_assert(sizeof(meta) == 136);
  std::uint64_t page_bytes = 4096, needed = 0, newest = 0;
  for (int i = 0; i < 2; ++i) {
    meta m{};
    if (::pread(file.get(), &m, sizeof m, static_cast<off_t>(i * page_bytes + 16)) != sizeof m)
      return refuse("it is truncated: no meta page " + std::to_string(i));
    if (m.magic != 0xBEEFC0DE || m.version != 1) return refuse("it is not an LMDB file");
    if (i == 0) page_bytes = m.page_bytes;
    if (page_bytes < 512 || page_bytes > 65536) return refuse("its page size is impossible");
    if (i == 0 || m.transaction > newest) {
      newest = m.transaction;
      needed = (m.last_page + 1) * page_bytes;
    }
  }
  if (size < needed)
    return refuse("it is truncated: " + std::to_string(size) + " bytes, " + std::to_string(needed) + " are in use");
  return {};
}

result<writer_lock> writer_lock::take(const fs::path& store) {
  const auto path = store / "lock";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return os_error("opening " + path.string());
  writer_lock made{fd};
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (::fcntl(fd, F_OFD_SETLK, &whole) != 0) {
    char pid[32] = {};
    const auto n = ::pread(fd, pid, sizeof pid - 1, 0);
    return error{errc::store_locked, store.string() + " is open for writing elsewhere",
                 "by process " + std::string{pid, n > 0 ? static_cast<std::size_t>(n) : 0}};
  }
  const auto pid = std::to_string(::getpid());
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size()))
    return os_error("writing " + path.string());
  return made;
}

writer_lock::~writer_lock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace annals::store::files
