// What the machine can do without annals: the disk's sync, and LMDB alone.
#pragma once

#include "benchmarks/histogram.hpp"
#include "benchmarks/run.hpp"

#include <chrono>
#include <cstdlib>
#include <memory>

namespace bench {

/// A preallocated file for durable writes of `bytes` bytes each. Ends the process with a message if the disk
/// fails.
class synced_file {
public:
  enum class way {
    fdatasync,  ///< a write, followed by fdatasync
    direct      ///< one write with O_DSYNC, past the page cache where the file system can: what the log's front does
  };
  synced_file(std::filesystem::path path, std::size_t bytes, way how = way::fdatasync);
  synced_file(const synced_file&) = delete;
  synced_file& operator=(const synced_file&) = delete;
  ~synced_file();
  /// Writes once. Returns how long it took.
  std::chrono::nanoseconds write();

private:
  std::filesystem::path path_;
  way how_;
  int fd_;
  std::size_t bytes_;
  struct freed {
    void operator()(char* data) const { std::free(data); }
  };
  std::unique_ptr<char, freed> block_;  // aligned for direct writes
  std::size_t at_ = 0;
};

/// Makes such writes for about `seconds`.
histogram measure_synced_writes(const std::filesystem::path& directory, std::size_t bytes, double seconds,
                                synced_file::way how = synced_file::way::fdatasync);

/// Appends to an LMDB table by integer key for about `seconds`, with `batch` records of `record_bytes` in each durable commit.
/// Returns records/s.
double measure_raw_lmdb(const std::filesystem::path& directory, std::size_t record_bytes, std::size_t batch, double seconds);

/// Measures all of them, in about `seconds` together.
figures measure_limits(const std::filesystem::path& directory, double seconds);

/// What `annals-bench limits` prints.
figures limits_result(const run_options& run, double seconds);

}  // namespace bench
