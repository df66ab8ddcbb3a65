// A PostgreSQL server with an event table, for the duration of a measurement.
#pragma once

#include "benchmarks/compare/engine.hpp"
#include "benchmarks/compare/server.hpp"
#include "benchmarks/other_process.hpp"

#include <libpq-fe.h>

#include <memory>
#include <optional>

namespace bench::compare {

struct pq_deleter {
  void operator()(PGconn* c) const { PQfinish(c); }
  void operator()(PGresult* r) const { PQclear(r); }
};
using pq_connection = std::unique_ptr<PGconn, pq_deleter>;
using pq_result = std::unique_ptr<PGresult, pq_deleter>;

/// Throws, with the server's message, if the result is not of this kind.
void must_be(PGconn* connection, const PGresult* result, ExecStatusType expected);

class postgresql_server {
public:
  explicit postgresql_server(const place& at);

  pq_connection connect() const;
  std::string version() const;
  std::uint64_t count() const;

private:
  std::filesystem::path caller_key() const;

  std::filesystem::path directory_;
  std::optional<credentials> tls_;
  std::string port_ = "5432";
  std::optional<server> server_;
  pq_connection control_;  // it closes before the server ends
};

}  // namespace bench::compare
