// The same events in SQLite.
#include "benchmarks/must.hpp"
#include "benchmarks/replay.hpp"
#include "benchmarks/stopwatch.hpp"
#include "projections/balances.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <limits>

namespace bench {
namespace {

/// Written without syncs, since only reading is measured, and read from the memory map.
constexpr auto schema = R"(
  pragma journal_mode = off;
  pragma synchronous = off;
  pragma cache_size = -65536;
  pragma mmap_size = 2147418112;
  create table events (
    position integer primary key,
    stream text not null,
    version integer not null,
    type text not null,
    cents integer not null,
    text text not null
  );
)";

class table {
public:
  explicit table(const std::filesystem::path& path) {
    expect(sqlite3_open(path.c_str(), &db_), SQLITE_OK);
    expect(sqlite3_exec(db_, schema, nullptr, nullptr, nullptr), SQLITE_OK);
  }
  ~table() { sqlite3_close(db_); }
  table(const table&) = delete;
  table& operator=(const table&) = delete;

  void fill(const history_options& with) const {
    expect(sqlite3_exec(db_, "begin", nullptr, nullptr, nullptr), SQLITE_OK);
    auto* insert = prepared("insert into events (stream, version, type, cents, text) values (?, ?, ?, ?, ?)");
    history all{with};
    for (history::event e; all.next(e);) {
      const auto bind = [&](int column, std::string_view text) {
        expect(sqlite3_bind_text(insert, column, text.data(), static_cast<int>(text.size()), SQLITE_STATIC), SQLITE_OK);
      };
      bind(1, e.stream);
      expect(sqlite3_bind_int64(insert, 2, static_cast<sqlite3_int64>(e.version)), SQLITE_OK);
      bind(3, e.cents == 0 ? bank::account_opened::about.name : bank::money_deposited::about.name);
      expect(sqlite3_bind_int64(insert, 4, e.cents), SQLITE_OK);
      bind(5, e.cents == 0 ? owner_of_all : std::string_view{""});  // an empty view without an address would be null
      expect(sqlite3_step(insert), SQLITE_DONE);
      expect(sqlite3_reset(insert), SQLITE_OK);
    }
    sqlite3_finalize(insert);
    expect(sqlite3_exec(db_, "commit", nullptr, nullptr, nullptr), SQLITE_OK);
  }

  /// Reads and folds all events. Returns the seconds.
  double fold(projections::balances::model& into) const {
    auto* select = prepared("select position, stream, version, type, cents, text from events order by position");
    const stopwatch reading;
    int rc = SQLITE_OK;
    while ((rc = sqlite3_step(select)) == SQLITE_ROW) {
      const auto text = [&](int column) {
        const auto* from = reinterpret_cast<const char*>(sqlite3_column_text(select, column));
        return std::string_view{from, static_cast<std::size_t>(sqlite3_column_bytes(select, column))};
      };
      annals::record_view r;
      r.at = static_cast<annals::position>(sqlite3_column_int64(select, 0));
      r.stream = text(1);
      r.version = static_cast<annals::version>(sqlite3_column_int64(select, 2));
      r.type = text(3);
      const auto cents = sqlite3_column_int64(select, 4);
      if (r.type == bank::account_opened::about.name)
        projections::balances::apply(into, bank::account_opened{std::string{text(5)}}, r);
      else if (r.type == bank::money_deposited::about.name)
        projections::balances::apply(into, bank::money_deposited{cents, std::string{text(5)}}, r);
    }
    expect(rc, SQLITE_DONE);
    const auto took = reading.seconds();
    sqlite3_finalize(select);
    return took;
  }

private:
  void expect(int rc, int expected) const {
    if (rc != expected) fail(std::string{"sqlite: "} + sqlite3_errmsg(db_));
  }
  sqlite3_stmt* prepared(const char* sql) const {
    sqlite3_stmt* statement = nullptr;
    expect(sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr), SQLITE_OK);
    return statement;
  }

  sqlite3* db_ = nullptr;
};

}  // namespace

std::optional<double> replay_from_sqlite(const std::filesystem::path& directory, const replay_options& with) {
  const auto path = directory / "replay.sqlite";
  double least = std::numeric_limits<double>::infinity();
  {
    const table events{path};
    events.fill(with.history);
    for (std::size_t i = 0; i < with.runs; ++i) {
      projections::balances::model model;
      least = std::min(least, events.fold(model));
      if (model.totals.cents != total_cents(with.history)) fail("the model out of SQLite has another sum");
    }
  }
  std::filesystem::remove(path);
  return static_cast<double>(with.history.events) / least;
}

}  // namespace bench
