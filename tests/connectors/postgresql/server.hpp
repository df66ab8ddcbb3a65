// A PostgreSQL that the tests of this program share, on a socket in a directory of its own.
#pragma once

#include "connectors/support/servers.hpp"

#include <libpq-fe.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace connectors {

class postgresql_server {
public:
  static postgresql_server& shared() {
    static postgresql_server one;
    return one;
  }

  std::string connection() const { return "host=" + directory_.path().string() + " port=5432 user=test dbname=postgres sslmode=disable"; }

  /// Rows as lines, fields with "|" in between. Throws if the statement fails.
  std::string ask(const std::string& sql) const {
    const std::unique_ptr<PGconn, decltype(&PQfinish)> to{PQconnectdb(connection().c_str()), PQfinish};
    PQsetNoticeProcessor(to.get(), [](void*, const char*) {}, nullptr);
    const std::unique_ptr<PGresult, decltype(&PQclear)> found{PQexec(to.get(), sql.c_str()), PQclear};
    const auto status = PQresultStatus(found.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) throw std::runtime_error{PQerrorMessage(to.get())};
    std::string text;
    for (int row = 0; row < PQntuples(found.get()); ++row)
      for (int column = 0; column < PQnfields(found.get()); ++column)
        (text += PQgetvalue(found.get(), row, column)) += column + 1 == PQnfields(found.get()) ? "\n" : "|";
    return text;
  }

  /// At once, as a crash: the next start recovers.
  void stop() {
    running_->kill(SIGQUIT);
    running_.reset();
  }
  void start() {
    const auto socket = directory_.path().string();
    running_ = std::make_unique<server_process>(
        std::vector<std::string>{program("postgres"), "-D", data(), "-k", socket, "-p", "5432", "-c", "listen_addresses=", "-c", "fsync=off", "-c",
                                 "max_connections=60", "-c", "deadlock_timeout=50ms"},
        directory_.path());
    running_->wait_until([&] { return PQping(connection().c_str()) == PQPING_OK; });
  }

private:
  postgresql_server() {
    server_process made{{program("initdb"), "-D", data(), "-U", "test", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"}, directory_.path()};
    if (made.wait() != 0) throw std::runtime_error{"initdb"};
    start();
  }
  static std::string program(const char* name) { return program_of(name, "/usr/lib/postgresql"); }
  std::string data() const { return (directory_.path() / "data").string(); }

  server_directory directory_;
  std::unique_ptr<server_process> running_;
};

}  // namespace connectors
