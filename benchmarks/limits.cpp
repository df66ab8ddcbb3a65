#include "benchmarks/limits.hpp"

#include "benchmarks/machine.hpp"

#include <fcntl.h>
#include <lmdb.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

namespace bench {
namespace {

using steady = std::chrono::steady_clock;

constexpr std::size_t file_bytes = 16 << 20;

void check(bool ok, const char* what) {
  if (ok) return;
  std::perror(what);
  std::exit(1);
}
void must_lmdb(int rc, const char* what) {
  if (rc == 0) return;
  std::fprintf(stderr, "annals-bench: %s: %s\n", what, mdb_strerror(rc));
  std::exit(1);
}

}  // namespace

synced_file::synced_file(std::filesystem::path path, std::size_t bytes, way how) : path_(std::move(path)), how_(how), bytes_(bytes) {
  constexpr std::size_t boundary = 4096;
  block_.reset(static_cast<char*>(std::aligned_alloc(boundary, (bytes + boundary - 1) / boundary * boundary)));
  check(block_ != nullptr, "allocating");
  std::fill_n(block_.get(), bytes, 'x');
  fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0644);
  check(fd_ >= 0, "opening a file to sync");
  for (std::size_t at = 0; at + bytes <= file_bytes; at += bytes)
    check(::pwrite(fd_, block_.get(), bytes, static_cast<off_t>(at)) == static_cast<ssize_t>(bytes), "writing");
  check(::fsync(fd_) == 0, "fsync");
  if (how == way::fdatasync) return;
  ::close(fd_);
  fd_ = ::open(path_.c_str(), O_WRONLY | O_DSYNC | O_DIRECT);
  if (fd_ < 0) fd_ = ::open(path_.c_str(), O_WRONLY | O_DSYNC);
  check(fd_ >= 0, "opening a file for direct writes");
}

synced_file::~synced_file() {
  ::close(fd_);
  ::unlink(path_.c_str());
}

std::chrono::nanoseconds synced_file::write() {
  const auto begin = steady::now();
  check(::pwrite(fd_, block_.get(), bytes_, static_cast<off_t>(at_)) == static_cast<ssize_t>(bytes_), "writing");
  if (how_ == way::fdatasync) check(::fdatasync(fd_) == 0, "fdatasync");
  at_ = at_ + 2 * bytes_ <= file_bytes ? at_ + bytes_ : 0;
  return steady::now() - begin;
}

histogram measure_synced_writes(const std::filesystem::path& directory, std::size_t bytes, double seconds, synced_file::way how) {
  synced_file file{directory / "synced-file", bytes, how};
  histogram times;
  const auto end = steady::now() + std::chrono::duration<double>(seconds);
  do times.add(static_cast<std::uint64_t>(file.write().count()));
  while (steady::now() < end);
  return times;
}

double measure_raw_lmdb(const std::filesystem::path& directory, std::size_t record_bytes, std::size_t batch, double seconds) {
  const auto path = directory / "raw-lmdb";
  std::filesystem::remove_all(path);
  std::filesystem::create_directories(path);
  MDB_env* env = nullptr;
  MDB_dbi db = 0;
  MDB_txn* txn = nullptr;
  must_lmdb(mdb_env_create(&env), "creating an environment");
  mdb_env_set_mapsize(env, std::size_t{64} << 30);
  must_lmdb(mdb_env_open(env, path.c_str(), MDB_NORDAHEAD, 0644), "opening an environment");
  must_lmdb(mdb_txn_begin(env, nullptr, 0, &txn), "beginning");
  must_lmdb(mdb_dbi_open(txn, nullptr, MDB_INTEGERKEY, &db), "opening a table");
  must_lmdb(mdb_txn_commit(txn), "committing");
  std::string record(record_bytes, 'x');
  std::uint64_t position = 0;
  const auto begin = steady::now();
  double took = 0;
  do {
    MDB_cursor* cursor = nullptr;
    must_lmdb(mdb_txn_begin(env, nullptr, 0, &txn), "beginning");
    must_lmdb(mdb_cursor_open(txn, db, &cursor), "opening a cursor");
    for (std::size_t i = 0; i < batch; ++i) {
      ++position;
      MDB_val key{sizeof position, &position}, val{record.size(), record.data()};
      must_lmdb(mdb_cursor_put(cursor, &key, &val, MDB_APPEND), "appending");
    }
    mdb_cursor_close(cursor);
    must_lmdb(mdb_txn_commit(txn), "committing");
    took = std::chrono::duration<double>(steady::now() - begin).count();
  } while (took < seconds);
  mdb_env_close(env);
  std::filesystem::remove_all(path);
  return static_cast<double>(position) / took;
}

figures measure_limits(const std::filesystem::path& directory, double seconds) {
  constexpr std::size_t record_bytes = 200;
  const auto each = seconds / 8;
  figures all;
  const auto small = measure_synced_writes(directory, 4 << 10, each);
  all["fdatasync_p50_us"] = rounded(small.percentile_us(50));
  all["fdatasync_p99_us"] = rounded(small.percentile_us(99));
  all["fdatasync_max_us"] = rounded(small.max_us());
  all["direct_p50_us"] = rounded(measure_synced_writes(directory, 4 << 10, each, synced_file::way::direct).percentile_us(50));
  for (const std::size_t kib : {16, 64})
    all["fdatasync_" + std::to_string(kib) + "k_p50_us"] = rounded(measure_synced_writes(directory, kib << 10, each).percentile_us(50));
  for (const std::size_t batch : {1, 64, 1024, 8192})
    all["raw_lmdb_batch_" + std::to_string(batch) + "_per_second"] = std::round(measure_raw_lmdb(directory, record_bytes, batch, each));
  return all;
}

figures limits_result(const run_options& run, double seconds) {
  const work_directory place{run.directory};
  figures all{{"benchmark", "limits"}, {"seconds", seconds}};
  all.update(measure_limits(place.path(), seconds));
  all["machine"] = machine(place.path());
  return all;
}

}  // namespace bench
