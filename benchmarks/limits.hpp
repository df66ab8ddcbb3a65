// What the machine itself can do: the disk's sync, and LMDB without anything of ours.
#pragma once

#include "benchmarks/histogram.hpp"
#include "benchmarks/run.hpp"

#include <chrono>
#include <cstdlib>
#include <memory>

namespace bench {

/// A file that is there in full and takes writes of so many bytes, each durable in the end. Ends the process with a message
/// when the disk fails.
class synced_file {
public:
  enum class way {
    fdatasync,  ///< a write, and then that
    direct      ///< one write with O_DSYNC, past the page cache where the file system can do that: the way of the log's front
  };
  synced_file(std::filesystem::path path, std::size_t bytes, way how = way::fdatasync);
  synced_file(const synced_file&) = delete;
  synced_file& operator=(const synced_file&) = delete;
  ~synced_file();
  /// How long it took.
  std::chrono::nanoseconds write();

private:
  std::filesystem::path path_;
  way how_;
  int fd_;
  std::size_t bytes_;
  struct freed {
    void operator()(char* data) const { std::free(data); }
  };
  std::unique_ptr<char, freed> block_;  // at a boundary that direct writes accept
  std::size_t at_ = 0;
};

/// Such writes for about `seconds`.
histogram measure_synced_writes(const std::filesystem::path& directory, std::size_t bytes, double seconds,
                                synced_file::way how = synced_file::way::fdatasync);

/// Records/s appended to an LMDB table by integer key, `batch` records of `record_bytes` a durable commit, for about
/// `seconds`.
double measure_raw_lmdb(const std::filesystem::path& directory, std::size_t record_bytes, std::size_t batch, double seconds);

/// All of them, in about `seconds` together.
figures measure_limits(const std::filesystem::path& directory, double seconds);

void add_limits(CLI::App& app);

}  // namespace bench
