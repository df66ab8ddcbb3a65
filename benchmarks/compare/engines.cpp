#include "benchmarks/compare/engines.hpp"

#include "benchmarks/commands.hpp"
#include "benchmarks/compare/byte_stream.hpp"
#include "benchmarks/load.hpp"
#include "benchmarks/must.hpp"
#include "benchmarks/remote.hpp"

#include <fmt/format.h>

namespace bench::compare {
namespace {

/// With this filler, a deposit's record in annals' log has about `record_bytes` bytes.
constexpr std::size_t filler_bytes = 95;

/// The same load through all of annals, including command ids and a projection that follows.
measured measure_annals(const work& with) {
  commands_options commands;
  commands.aggregates = with.aggregates;
  commands.in_flight = with.in_flight;
  commands.seconds = with.seconds;
  commands.warm_up_seconds = with.warm_up_seconds;
  commands.seed = with.seed;
  commands.filler_bytes = filler_bytes;
  commands.directory = with.directory;
  const auto f = measure_commands(commands);
  if (f.records != f.commands)
    throw std::runtime_error(fmt::format("annals answered {} commands and its log has {} records of them", f.commands, f.records));
  return {ANNALS_BENCH_VERSION, f.commands, f.records, f.commands_per_second, f.p50_us, f.p99_us};
}

/// The same from another process: a remote handle, TLS with client certificates, over loopback.
measured measure_annals_over_tls(const work& with) {
  const auto who = certificates_in(with.directory);
  const other_process server{[&](const other_process::ready& ready) { serve_bank(with.directory / "store", who, ready); }};
  auto far = must(annals::remote::connect({"127.0.0.1:" + std::to_string(server.port())}, who.calling()));
  must(far.wait_for_link(std::chrono::seconds{10}));
  load deposits{far, with.aggregates, with.seed, filler_bytes};
  deposits.open_accounts();
  if (with.warm_up_seconds > 0) deposits.closed_loop(with.in_flight, with.warm_up_seconds);
  const auto before = must(far.head()).at;
  const auto took = deposits.closed_loop(with.in_flight, with.seconds);
  const auto& times = deposits.slices().front().times;
  const auto records = must(far.head()).at - before;
  if (records != times.total())
    throw std::runtime_error(fmt::format("annals answered {} commands from another process and its log has {} records", times.total(), records));
  return {ANNALS_BENCH_VERSION, times.total(), records, static_cast<double>(times.total()) / took, times.percentile_us(50), times.percentile_us(99)};
}

template <class Open, class... More>
std::function<measured(const work&)> driven(Open open, More... more) {
  return [=](const work& with) {
    const auto opened = open(place{with.directory, with.in_flight}, more...);
    return drive(*opened, with);
  };
}

/// The same over TLS.
template <class Open>
std::function<measured(const work&)> driven_over_tls(Open open) {
  return [=](const work& with) {
    const auto opened = open(place{with.directory, with.in_flight, true});
    return drive(*opened, with);
  };
}

}  // namespace

const std::vector<contender>& contenders() {
  static const std::vector<contender> all{
      {"annals", "one write with O_DSYNC for all that waits", "one order of all, no gaps; a command id has one effect", measure_annals},
      {"annals_tls", "as annals; from another process, over TLS with client certificates", "as annals", measure_annals_over_tls},
      {"sqlite", "fdatasync of the WAL, one a command", "one order of all, no gaps", driven(open_sqlite, 1)},
      {"sqlite_group", "fdatasync of the WAL, one for all that waits", "one order of all, no gaps",
       driven(open_sqlite, batching_engine::all_that_waits)},
      {"rocksdb", "fdatasync of the WAL, one for all that waits", "one order of all, no gaps: by the one writer, not checked", driven(open_rocksdb)},
      {"postgresql", "fdatasync of the WAL, shared by transactions that commit together",
       "of a stream; positions have gaps and can be seen out of order", driven(open_postgresql)},
      {"postgresql_rows", "fdatasync of the WAL, one for all that waits", "one order of all; positions have gaps after an error",
       driven(open_postgresql_rows)},
      {"redis", "fdatasync of the append-only file, one for all that waits", "of a stream only; all of it is in memory, too", driven(open_redis)},
      {"postgresql_tls", "as postgresql; over TLS with client certificates", "as postgresql", driven_over_tls(open_postgresql), "annals_tls"},
      {"redis_tls", "as redis; over TLS with client certificates", "as redis", driven_over_tls(open_redis), "annals_tls"}};
  return all;
}

}  // namespace bench::compare
