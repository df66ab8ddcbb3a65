// RocksDB: one synced batch for everything that waits. An event is stored by position, and its position by (stream, version).
#include "benchmarks/compare/engines.hpp"

#include <rocksdb/db.h>
#include <rocksdb/version.h>

namespace bench::compare {
namespace {

constexpr char by_position = 'p', by_stream = 's';

/// Big-endian, so that the keys sort like the numbers.
void put(std::string& to, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) to.push_back(static_cast<char>(number >> shift));
}

void must(const rocksdb::Status& status) {
  if (!status.ok()) throw std::runtime_error("rocksdb: " + status.ToString());
}

class rocksdb_engine final : public batching_engine {
public:
  explicit rocksdb_engine(const place& at) : batching_engine(all_that_waits) {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.IncreaseParallelism();
    options.write_buffer_size = 128 << 20;
    rocksdb::DB* db = nullptr;
    must(rocksdb::DB::Open(options, at.directory / "events.rocksdb", &db));
    db_.reset(db);
  }

  std::string version() override { return rocksdb::GetRocksVersionAsString(); }

  std::uint64_t count() override {
    std::uint64_t events = 0;
    const std::unique_ptr<rocksdb::Iterator> at{db_->NewIterator({})};
    for (at->Seek({&by_position, 1}); at->Valid() && at->key()[0] == by_position; at->Next()) ++events;
    must(at->status());
    return events;
  }

private:
  void append(std::span<const deposit> batch) override {
    rocksdb::WriteBatch writes;
    for (const auto& d : batch) {
      position_.assign(1, by_position);
      put(position_, ++positions_);
      stream_.assign(1, by_stream).append(d.stream);
      put(stream_, d.version);
      record_.assign(d.stream).push_back('\0');
      put(record_, d.version);
      record_.append(event_type).append(d.payload);
      must(writes.Put(position_, record_));
      must(writes.Put(stream_, rocksdb::Slice{position_.data() + 1, position_.size() - 1}));
    }
    rocksdb::WriteOptions synced;
    synced.sync = true;
    must(db_->Write(synced, &writes));
  }

  std::unique_ptr<rocksdb::DB> db_;
  std::uint64_t positions_ = 0;
  std::string position_, stream_, record_;
};

}  // namespace

std::unique_ptr<engine> open_rocksdb(const place& at) { return std::make_unique<rocksdb_engine>(at); }

}  // namespace bench::compare
