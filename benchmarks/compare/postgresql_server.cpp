#include "benchmarks/compare/postgresql_server.hpp"

#include <unistd.h>

#include <algorithm>

namespace bench::compare {
namespace {

constexpr auto tables = R"(
  create table events (
    position bigint generated always as identity primary key,
    stream text not null,
    version bigint not null,
    type text not null,
    payload text not null,
    unique (stream, version)
  );
  create function append(to_stream text, expected bigint, of_type text, with_payload text) returns bigint language plpgsql as $$
  declare
    current bigint;
    appended bigint;
  begin
    select version into current from events where stream = to_stream order by version desc limit 1;
    if coalesce(current, 0) <> expected then
      raise exception 'stream % is at version %, not %', to_stream, coalesce(current, 0), expected;
    end if;
    insert into events (stream, version, type, payload) values (to_stream, expected + 1, of_type, with_payload)
      returning position into appended;
    return appended;
  end $$;
)";

/// Debian keeps the programs outside of PATH, in one folder for each version.
std::filesystem::path find_newest(const std::string& name) {
  std::vector<std::filesystem::path> folders;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator{"/usr/lib/postgresql", none}) folders.push_back(entry.path() / "bin");
  std::sort(folders.rbegin(), folders.rend());
  return find_program(name, folders);
}

}  // namespace

void must_be(PGconn* connection, const PGresult* result, ExecStatusType expected) {
  if (PQresultStatus(result) != expected) throw std::runtime_error(std::string{"postgresql: "} + PQerrorMessage(connection));
}

postgresql_server::postgresql_server(const place& at) : directory_(at.directory) {
  const auto initdb = find_newest("initdb"), postgres = find_newest("postgres");
  const auto as = other_than_root();
  if (as) {
    if (::chown(directory_.c_str(), as->uid, as->gid) != 0) throw left_out{"cannot give a directory to the user that it runs as"};
    // The bench's own directory, which that user has to pass through.
    std::filesystem::permissions(directory_.parent_path(), std::filesystem::perms::others_exec, std::filesystem::perm_options::add);
  }
  const auto data = (directory_ / "data").string();
  run_program({{initdb, "-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"}, directory_, as});
  server_.emplace(program{{postgres, "-D", data, "-k", directory_, "-p", "5432", "-c", "listen_addresses=", "-c", "fsync=on", "-c",
                           "synchronous_commit=on", "-c", "wal_sync_method=fdatasync", "-c", "shared_buffers=512MB", "-c", "max_wal_size=8GB"},
                          directory_,
                          as});
  server_->wait_until([&] { return PQstatus((control_ = connect()).get()) == CONNECTION_OK; });
  const pq_result made{PQexec(control_.get(), tables)};
  must_be(control_.get(), made.get(), PGRES_COMMAND_OK);
}

/// Overrides whatever the environment says about another server.
pq_connection postgresql_server::connect() const {
  const auto host = directory_.string();
  const char* const names[] = {"host", "port", "user", "dbname", "options", nullptr};
  const char* const values[] = {host.c_str(), "5432", "bench", "postgres", "", nullptr};
  return pq_connection{PQconnectdbParams(names, values, 0)};
}

std::string postgresql_server::version() const { return PQparameterStatus(control_.get(), "server_version"); }

std::uint64_t postgresql_server::count() const {
  const pq_result counted{PQexec(control_.get(), "select count(*) from events")};
  must_be(control_.get(), counted.get(), PGRES_TUPLES_OK);
  return std::stoull(PQgetvalue(counted.get(), 0, 0));
}

}  // namespace bench::compare
