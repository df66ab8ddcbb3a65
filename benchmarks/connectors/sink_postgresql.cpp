#include "benchmarks/compare/postgresql_server.hpp"
#include "benchmarks/connectors/sink.hpp"
#include "benchmarks/must.hpp"
#include "benchmarks/stopwatch.hpp"

#include <annals/postgresql.hpp>

#include <bank/account.hpp>

#include <poll.h>

#include <array>
#include <future>

namespace bench {
namespace {

using compare::must_be;
using compare::pq_result;

constexpr auto table = "create table balances (id text primary key, cents bigint not null)";
constexpr auto open_one = "insert into balances values ($1, 0)";
constexpr auto add_to_one = "update balances set cents = cents + $2 where id = $1";

template <std::size_t Workers>
struct balances_table {
  static constexpr std::string_view name = "balances";
  using follows = annals::types<bank::account>;
  using model = annals::postgresql::statements;
  static constexpr std::size_t partitions = Workers;

  static void schema(model& to) { to.sql(table); }
  static void apply(model& to, const bank::account_opened&, const annals::record_view& r) { to.one(open_one, r.key()); }
  static void apply(model& to, const bank::money_deposited& e, const annals::record_view& r) { to.one(add_to_one, r.key(), e.cents); }
};

/// Statements go out while results of the batch before come in.
class bare_pipeline {
public:
  explicit bare_pipeline(compare::pq_connection over) : over_(std::move(over)) {
    prepare("open", open_one);
    prepare("add", add_to_one);
    if (PQsetnonblocking(to(), 1) != 0 || PQenterPipelineMode(to()) != 1) broken();
  }

  void write(const balance_changes& all, std::size_t batch) {
    for (std::size_t begin = 0; begin < all.size(); begin += batch) {
      send("begin");
      for (auto i = begin; i < std::min(begin + batch, all.size()); ++i) send(all[i]);
      send("commit");
      if (PQpipelineSync(to()) != 1) broken();
      if (++under_way_ > 1) read_batch();
    }
    while (under_way_ > 0) read_batch();
  }

private:
  PGconn* to() const { return over_.get(); }
  [[noreturn]] void broken() const { throw std::runtime_error{std::string{"postgresql: "} + PQerrorMessage(to())}; }
  void prepare(const char* name, const char* text) const {
    const pq_result made{PQprepare(to(), name, text, 0, nullptr)};
    must_be(to(), made.get(), PGRES_COMMAND_OK);
  }
  void send(const char* text) const {
    if (PQsendQueryParams(to(), text, 0, nullptr, nullptr, nullptr, nullptr, 0) != 1) broken();
  }
  void send(const balance_change& one) const {
    const auto cents = std::to_string(one.cents);
    const std::array values{one.account.c_str(), cents.c_str()};
    if (PQsendQueryPrepared(to(), one.cents == 0 ? "open" : "add", one.cents == 0 ? 1 : 2, values.data(), nullptr, nullptr, 0) != 1) broken();
  }
  void read_batch() {
    for (bool is_end = false; !is_end;) {
      const auto unsent = PQflush(to());
      if (unsent < 0) broken();
      if (PQisBusy(to())) {
        pollfd one{PQsocket(to()), static_cast<short>(POLLIN | (unsent == 1 ? POLLOUT : 0)), 0};
        ::poll(&one, 1, -1);
        if (PQconsumeInput(to()) != 1) broken();
        continue;
      }
      const pq_result found{PQgetResult(to())};
      if (!found) continue;
      is_end = PQresultStatus(found.get()) == PGRES_PIPELINE_SYNC;
      if (!is_end) must_be(to(), found.get(), PGRES_COMMAND_OK);
    }
    --under_way_;
  }

  compare::pq_connection over_;
  std::size_t under_way_ = 0;
};

class postgresql_bench final : public sink_bench {
public:
  explicit postgresql_bench(const std::filesystem::path& directory)
      : directory_(directory), server_({directory, 1, false}), control_(server_.connect()) {}

  std::string version() override { return server_.version(); }

  double bare(const std::vector<balance_changes>& lists, std::int64_t& sum) override {
    execute("drop table if exists balances");
    execute(table);
    std::vector<bare_pipeline> all;
    std::size_t count = 0;
    for (const auto& list : lists) {
      all.emplace_back(server_.connect());
      count += list.size();
    }
    const stopwatch since;
    std::vector<std::future<void>> done;
    for (std::size_t i = 0; i < lists.size(); ++i)
      done.push_back(std::async(std::launch::async, [&, i] { all[i].write(lists[i], annals::postgresql::options{}.batch_max); }));
    for (auto& one : done) one.get();
    const auto seconds = since.seconds();
    sum = number("select sum(cents) from public.balances");
    return static_cast<double>(count) / seconds;
  }

  annals::sink start(annals::sink_source from, std::size_t workers) override {
    execute("drop schema if exists balances cascade");
    annals::postgresql::options with;
    with.connection = "host=" + directory_.string() + " port=5432 user=bench dbname=postgres sslmode=disable";
    if (workers == 1) return must(annals::postgresql::projection::start<balances_table<1>>(std::move(from), std::move(with)));
    return must(annals::postgresql::projection::start<balances_table<2>>(std::move(from), std::move(with)));
  }

  std::int64_t sum() override { return number("select sum(cents) from balances.balances"); }

private:
  void execute(const char* text) const {
    const pq_result done{PQexec(control_.get(), text)};
    must_be(control_.get(), done.get(), PGRES_COMMAND_OK);
  }
  std::int64_t number(const char* text) const {
    const pq_result found{PQexec(control_.get(), text)};
    must_be(control_.get(), found.get(), PGRES_TUPLES_OK);
    return std::stoll(PQgetvalue(found.get(), 0, 0));
  }

  const std::filesystem::path directory_;
  compare::postgresql_server server_;
  compare::pq_connection control_;  // it closes before the server ends
};

}  // namespace

std::unique_ptr<sink_bench> postgresql_sink_bench(const std::filesystem::path& directory) { return std::make_unique<postgresql_bench>(directory); }

}  // namespace bench
