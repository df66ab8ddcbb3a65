// What the machine itself can do: the disk's sync, and LMDB without anything of ours.
#pragma once

#include <cstdint>
#include <filesystem>

namespace bench {

struct sync_figures {
  double p50_us = 0;  // write 4 KiB to a preallocated file and fdatasync
  double p99_us = 0;
};
sync_figures measure_sync(const std::filesystem::path& directory, std::size_t rounds);

/// Records/s appended to an LMDB table by integer key, `batch` records of `record_bytes` a durable commit, for about
/// `seconds`.
double measure_raw_lmdb(const std::filesystem::path& directory, std::size_t record_bytes, std::size_t batch, double seconds);

}  // namespace bench
