// What the machine itself can do: the disk's sync, and LMDB without anything of ours.
#pragma once

#include "benchmarks/histogram.hpp"
#include "benchmarks/run.hpp"

#include <chrono>
#include <vector>

namespace bench {

/// A file that is there in full and takes writes of so many bytes, each with an fdatasync. Ends the process with a
/// message when the disk fails.
class synced_file {
public:
  synced_file(std::filesystem::path path, std::size_t bytes);
  synced_file(const synced_file&) = delete;
  synced_file& operator=(const synced_file&) = delete;
  ~synced_file();
  /// How long it took.
  std::chrono::nanoseconds write();

private:
  std::filesystem::path path_;
  int fd_;
  std::vector<char> block_;
  std::size_t at_ = 0;
};

/// Such writes for about `seconds`.
histogram measure_synced_writes(const std::filesystem::path& directory, std::size_t bytes, double seconds);

/// Records/s appended to an LMDB table by integer key, `batch` records of `record_bytes` a durable commit, for about
/// `seconds`.
double measure_raw_lmdb(const std::filesystem::path& directory, std::size_t record_bytes, std::size_t batch, double seconds);

/// All of them, in about `seconds` together.
figures measure_limits(const std::filesystem::path& directory, double seconds);

void add_limits(CLI::App& app);

}  // namespace bench
