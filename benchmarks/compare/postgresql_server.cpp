#include "benchmarks/compare/postgresql_server.hpp"

#include "benchmarks/compare/byte_stream.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

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

std::vector<std::string> settings(const std::optional<credentials>& tls) {
  std::vector<std::string> all{"fsync=on", "synchronous_commit=on", "wal_sync_method=fdatasync", "shared_buffers=512MB", "max_wal_size=8GB"};
  if (!tls) return all.push_back("listen_addresses="), all;
  const auto file = [&](const char* name) { return (tls->directory / name).string(); };
  for (const auto& one : {std::string{"listen_addresses=127.0.0.1"}, std::string{"ssl=on"}, "ssl_ca_file=" + file("ca.pem"),
                          "ssl_cert_file=" + file("node.pem"), "ssl_key_file=" + file("node.key")})
    all.push_back(one);
  return all;
}

/// To the user that the server runs as.
void hand_over(const std::filesystem::path& directory, const user& to) {
  for (const auto* file : {"ca.pem", "node.pem", "node.key"})
    if (::chown((directory / file).c_str(), to.uid, to.gid) != 0) throw left_out{"cannot give its certificates to the user that it runs as"};
  std::filesystem::permissions(directory, std::filesystem::perms::others_exec, std::filesystem::perm_options::add);
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
  if (at.tls) {
    tls_ = certificates_in(directory_);
    port_ = std::to_string(free_port());
    std::filesystem::copy_file(tls_->directory / "node.key", caller_key());  // server and client refuse a key that another user owns
    if (as) hand_over(tls_->directory, *as);
    std::ofstream{data + "/pg_hba.conf"} << "hostssl all all 127.0.0.1/32 trust clientcert=verify-ca\n";
  }
  program run{{postgres, "-D", data, "-k", directory_, "-p", port_}, directory_, as};
  for (const auto& setting : settings(tls_)) run.arguments.insert(run.arguments.end(), {"-c", setting});
  server_.emplace(run);
  server_->wait_until([&] { return PQstatus((control_ = connect()).get()) == CONNECTION_OK; });
  const pq_result made{PQexec(control_.get(), tables)};
  must_be(control_.get(), made.get(), PGRES_COMMAND_OK);
}

/// Overrides whatever the environment says about another server.
pq_connection postgresql_server::connect() const {
  const auto host = tls_ ? "127.0.0.1" : directory_.string();
  const auto file = [&](const char* name) { return tls_ ? (tls_->directory / name).string() : std::string{}; };
  const auto ca = file("ca.pem"), certificate = file("node.pem"), key = tls_ ? caller_key().string() : std::string{};
  const char* const names[] = {"host", "port", "user", "dbname", "options", "sslmode", "sslrootcert", "sslcert", "sslkey", nullptr};
  const char* const values[] = {host.c_str(), port_.c_str(),       "bench",     "postgres", "", tls_ ? "verify-ca" : "disable",
                                ca.c_str(),   certificate.c_str(), key.c_str(), nullptr};
  return pq_connection{PQconnectdbParams(names, values, 0)};
}

std::filesystem::path postgresql_server::caller_key() const { return tls_->directory / "caller.key"; }

std::string postgresql_server::version() const { return PQparameterStatus(control_.get(), "server_version"); }

std::uint64_t postgresql_server::count() const {
  const pq_result counted{PQexec(control_.get(), "select count(*) from events")};
  must_be(control_.get(), counted.get(), PGRES_TUPLES_OK);
  return std::stoull(PQgetvalue(counted.get(), 0, 0));
}

}  // namespace bench::compare
