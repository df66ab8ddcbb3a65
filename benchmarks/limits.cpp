#include "benchmarks/limits.hpp"

#include "benchmarks/histogram.hpp"

#include <fcntl.h>
#include <lmdb.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace bench {
namespace {

using steady = std::chrono::steady_clock;

void must(bool ok, const char* what) {
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

sync_figures measure_sync(const std::filesystem::path& directory, std::size_t rounds) {
  const auto path = directory / "sync-file";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0644);
  must(fd >= 0, "opening a file to sync");
  constexpr std::size_t size = 4096, blocks = 4096;
  const std::vector<char> block(size, 'x');
  for (std::size_t i = 0; i < blocks; ++i) must(::pwrite(fd, block.data(), size, static_cast<off_t>(i * size)) == size, "writing");
  must(::fsync(fd) == 0, "fsync");
  auto times = std::make_unique<histogram>();
  for (std::size_t i = 0; i < rounds; ++i) {
    const auto begin = steady::now();
    must(::pwrite(fd, block.data(), size, static_cast<off_t>(i % blocks * size)) == size, "writing");
    must(::fdatasync(fd) == 0, "fdatasync");
    times->add(static_cast<std::uint64_t>(std::chrono::nanoseconds(steady::now() - begin).count()));
  }
  ::close(fd);
  ::unlink(path.c_str());
  return {times->percentile_us(50), times->percentile_us(99)};
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

}  // namespace bench
