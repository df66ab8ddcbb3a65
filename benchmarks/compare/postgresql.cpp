// PostgreSQL: a function checks the expected version and appends; one command for each transaction, over many
// connections.
#include "benchmarks/compare/engines.hpp"
#include "benchmarks/compare/pipelined.hpp"
#include "benchmarks/compare/postgresql_server.hpp"

namespace bench::compare {
namespace {

constexpr std::size_t connections_max = 32;
constexpr int parameters = 4;

void must(PGconn* connection, int done) {
  if (!done) throw std::runtime_error(std::string{"postgresql: "} + PQerrorMessage(connection));
}

class postgresql_engine final : public pipelined_engine {
public:
  explicit postgresql_engine(const place& at) : postgresql_engine(at, std::min(at.in_flight, connections_max)) {}

  std::string version() override { return server_.version(); }
  std::uint64_t count() override { return server_.count(); }

private:
  postgresql_engine(const place& at, std::size_t connections) : pipelined_engine(connections), server_(at) {
    for (std::size_t i = 0; i < connections; ++i) {
      auto* c = connections_.emplace_back(server_.connect()).get();
      const pq_result prepared{PQprepare(c, "append", "select append($1, $2, $3, $4)", parameters, nullptr)};
      must_be(c, prepared.get(), PGRES_COMMAND_OK);
      must(c, PQsetnonblocking(c, 1) == 0);
      must(c, PQenterPipelineMode(c));
    }
  }

  int descriptor(std::size_t connection) override { return PQsocket(connections_[connection].get()); }

  /// A sync follows each command, so that each is a transaction.
  void send(std::size_t connection, const deposit& d) override {
    auto* c = connections_[connection].get();
    const std::string stream{d.stream}, expected = std::to_string(d.version - 1), type{event_type}, payload{d.payload};
    const char* const values[parameters] = {stream.c_str(), expected.c_str(), type.c_str(), payload.c_str()};
    must(c, PQsendQueryPrepared(c, "append", parameters, values, nullptr, nullptr, 0));
    must(c, PQpipelineSync(c));
  }

  bool flush(std::size_t connection) override {
    auto* c = connections_[connection].get();
    const auto left = PQflush(c);
    must(c, left >= 0);
    return left == 0;
  }

  /// The results of a command are its row, the end of its rows, and its sync.
  std::size_t receive(std::size_t connection, std::size_t under_way) override {
    auto* c = connections_[connection].get();
    must(c, PQconsumeInput(c));
    std::size_t answered = 0;
    while (answered < under_way && !PQisBusy(c)) {
      const pq_result result{PQgetResult(c)};
      if (!result) continue;
      if (PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC)
        ++answered;
      else
        must_be(c, result.get(), PGRES_TUPLES_OK);
    }
    return answered;
  }

  postgresql_server server_;
  std::vector<pq_connection> connections_;  // the last member: connections close before the server ends
};

}  // namespace

std::unique_ptr<engine> open_postgresql(const place& at) { return std::make_unique<postgresql_engine>(at); }

}  // namespace bench::compare
