// SQLite: an event table in WAL mode that syncs at every commit.
#include "benchmarks/compare/engines.hpp"

#include <sqlite3.h>

namespace bench::compare {
namespace {

constexpr auto schema = R"(
  pragma journal_mode = wal;
  pragma synchronous = full;
  pragma wal_autocheckpoint = 10000;
  pragma cache_size = -65536;
  create table events (
    position integer primary key,
    stream text not null,
    version integer not null,
    type text not null,
    payload blob not null,
    unique (stream, version)
  );
)";

class sqlite_engine final : public batching_engine {
public:
  sqlite_engine(const place& at, std::size_t batch_max) : batching_engine(batch_max) {
    must(sqlite3_open((at.directory / "events.sqlite").c_str(), &db_));
    must(sqlite3_exec(db_, schema, nullptr, nullptr, nullptr));
    insert_ = prepared("insert into events (stream, version, type, payload) values (?, ?, ?, ?)");
    begin_ = prepared("begin immediate");
    commit_ = prepared("commit");
  }
  ~sqlite_engine() override {
    for (auto* statement : {insert_, begin_, commit_}) sqlite3_finalize(statement);
    sqlite3_close(db_);
  }

  std::string version() override { return sqlite3_libversion(); }

  std::uint64_t count() override {
    auto* statement = prepared("select count(*) from events");
    const auto rc = sqlite3_step(statement);
    const auto events = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    must(rc, SQLITE_ROW);
    return static_cast<std::uint64_t>(events);
  }

private:
  void must(int rc, int expected = SQLITE_OK) const {
    if (rc != expected) throw std::runtime_error(std::string{"sqlite: "} + sqlite3_errmsg(db_));
  }

  sqlite3_stmt* prepared(const char* sql) const {
    sqlite3_stmt* statement = nullptr;
    must(sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
    return statement;
  }

  void run(sqlite3_stmt* statement) const {
    must(sqlite3_step(statement), SQLITE_DONE);
    must(sqlite3_reset(statement));
  }

  void bind(int column, std::string_view text) const {
    must(sqlite3_bind_text(insert_, column, text.data(), static_cast<int>(text.size()), SQLITE_STATIC));
  }

  void append(std::span<const deposit> batch) override {
    run(begin_);
    for (const auto& d : batch) {
      bind(1, d.stream);
      must(sqlite3_bind_int64(insert_, 2, static_cast<sqlite3_int64>(d.version)));
      bind(3, event_type);
      must(sqlite3_bind_blob(insert_, 4, d.payload.data(), static_cast<int>(d.payload.size()), SQLITE_STATIC));
      run(insert_);
    }
    run(commit_);
  }

  sqlite3* db_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  sqlite3_stmt* begin_ = nullptr;
  sqlite3_stmt* commit_ = nullptr;
};

}  // namespace

std::unique_ptr<engine> open_sqlite(const place& at, std::size_t batch_max) { return std::make_unique<sqlite_engine>(at, batch_max); }

}  // namespace bench::compare
