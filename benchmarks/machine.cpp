#include "benchmarks/machine.hpp"

#include <lmdb.h>
#include <sched.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/vfs.h>

#include <fmt/format.h>

#include <fstream>

namespace bench {
namespace {

std::string processor() {
  std::ifstream in{"/proc/cpuinfo"};
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("model name"))
      if (const auto colon = line.find(": "); colon != std::string::npos) return line.substr(colon + 2);
  return "unknown";
}

int cores() {
  cpu_set_t mine;
  CPU_ZERO(&mine);
  return ::sched_getaffinity(0, sizeof mine, &mine) == 0 ? CPU_COUNT(&mine) : 0;
}

std::string kernel() {
  utsname system{};
  if (::uname(&system) != 0) return "unknown";
  return fmt::format("{} {} {}", system.sysname, system.release, system.machine);
}

/// The numbers are listed in statfs(2).
std::string file_system(const std::filesystem::path& directory) {
  struct statfs info{};
  if (::statfs(directory.c_str(), &info) != 0) return "unknown";
  switch (static_cast<unsigned long>(info.f_type)) {
    case 0xEF53: return "ext4";
    case 0x58465342: return "xfs";
    case 0x9123683E: return "btrfs";
    case 0x2FC12FC1: return "zfs";
    case 0xF2F52010: return "f2fs";
    case 0x794C7630: return "overlayfs";
    case 0x01021994: return "tmpfs: syncs are free here";
    default: return fmt::format("0x{:x}", static_cast<unsigned long>(info.f_type));
  }
}

}  // namespace

figures machine(const std::filesystem::path& directory) {
  struct sysinfo memory{};
  ::sysinfo(&memory);
  int major = 0, minor = 0, patch = 0;
  ::mdb_version(&major, &minor, &patch);
  return {{"processor", processor()},
          {"cores", cores()},
          {"memory_bytes", std::uint64_t{memory.totalram} * memory.mem_unit},
          {"kernel", kernel()},
          {"file_system", file_system(directory)},
          {"answer_waits_for", "a write with O_DSYNC"},
          {"annals", ANNALS_BENCH_VERSION},
          {"caf", ANNALS_BENCH_CAF_VERSION},
          {"lmdb", fmt::format("{}.{}.{}", major, minor, patch)},
          {"compiler", "g++ " __VERSION__}};
}

}  // namespace bench
