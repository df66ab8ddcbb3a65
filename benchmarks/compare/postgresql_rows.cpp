// PostgreSQL with one writer: one insert statement with many rows for everything that waits.
#include "benchmarks/compare/engines.hpp"
#include "benchmarks/compare/postgresql_server.hpp"

namespace bench::compare {
namespace {

constexpr int row_parameters = 3;

class postgresql_rows_engine final : public batching_engine {
public:
  explicit postgresql_rows_engine(const place& at) : batching_engine(all_that_waits), server_(at), writer_(server_.connect()) {
    const auto insert = "insert into events (stream, version, type, payload) select stream, version, '" + std::string{event_type} +
                        "', payload from unnest($1::text[], $2::bigint[], $3::text[]) as t (stream, version, payload)";
    const pq_result prepared{PQprepare(writer_.get(), "insert", insert.c_str(), row_parameters, nullptr)};
    must_be(writer_.get(), prepared.get(), PGRES_COMMAND_OK);
  }

  std::string version() override { return server_.version(); }
  std::uint64_t count() override { return server_.count(); }

private:
  void append(std::span<const deposit> batch) override {
    std::string streams, versions, payloads;  // arrays in PostgreSQL's text form; no value needs quotes
    for (const auto& d : batch) {
      const auto* separator = streams.empty() ? "{" : ",";
      streams.append(separator).append(d.stream);
      versions.append(separator).append(std::to_string(d.version));
      payloads.append(separator).append(d.payload);
    }
    for (auto* all : {&streams, &versions, &payloads}) all->push_back('}');
    const char* const values[row_parameters] = {streams.c_str(), versions.c_str(), payloads.c_str()};
    const pq_result done{PQexecPrepared(writer_.get(), "insert", row_parameters, values, nullptr, nullptr, 0)};
    must_be(writer_.get(), done.get(), PGRES_COMMAND_OK);
  }

  postgresql_server server_;
  pq_connection writer_;  // the last member: it closes before the server ends
};

}  // namespace

std::unique_ptr<engine> open_postgresql_rows(const place& at) { return std::make_unique<postgresql_rows_engine>(at); }

}  // namespace bench::compare
