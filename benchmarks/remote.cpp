#include "benchmarks/remote.hpp"

#include "benchmarks/histogram.hpp"
#include "benchmarks/load.hpp"
#include "benchmarks/must.hpp"
#include "benchmarks/remote_echo.hpp"
#include "config/hosted.hpp"

#include <unistd.h>
#include <annals/replica.hpp>

#include <algorithm>
#include <cmath>
#include <thread>

namespace bench {
namespace {

constexpr std::size_t in_flight_most = std::size_t{1} << 17;

annals::runtime bank_in(const std::filesystem::path& store) {
  std::filesystem::remove_all(store);
  annals::options with;
  with.commands_in_flight_max = in_flight_most;
  auto rt = must(annals::runtime::open(store, with));
  must(rt.host(must(annals::config::hosted().only({"account", "balances"}))));
  must(rt.start());
  return rt;
}

template <class Node>
figures loaded(Node& on, std::string_view how, std::size_t in_flight, const remote_bench_options& with) {
  load deposits{on, with.aggregates, 1};
  deposits.open_accounts();
  if (with.warm_up_seconds > 0) deposits.closed_loop(in_flight, with.warm_up_seconds);
  const auto took = deposits.closed_loop(in_flight, with.seconds);
  const auto& slice = deposits.slices().front();
  return {{"way", how},
          {"in_flight", in_flight},
          {"commands_per_second", std::round(static_cast<double>(slice.times.total()) / took)},
          {"p50_us", rounded(slice.times.percentile_us(50))},
          {"p99_us", rounded(slice.times.percentile_us(99))},
          {"overloaded", slice.overloaded}};
}

/// One row of the load through a process of its own.
figures through_a_process(const std::filesystem::path& directory, bool tls, std::size_t in_flight, const remote_bench_options& with) {
  const auto who = credentials::made_in(directory / (tls ? "tls" : "plain"), tls);
  const other_process server{[&](const other_process::ready& ready) { serve_bank(directory / "store", who, ready); }};
  auto far = must(annals::remote::connect({"127.0.0.1:" + std::to_string(server.port())}, who.calling()));
  must(far.wait_for_link(std::chrono::seconds{10}));
  auto row = loaded(far, tls ? "remote, TLS" : "remote", in_flight, with);
  far.close();
  std::filesystem::remove_all(who.directory);
  return row;
}

figures in_one_process(const std::filesystem::path& directory, std::size_t in_flight, const remote_bench_options& with) {
  // In a child, too: this process must have no thread when it forks the next one.
  const auto file = directory / "row.json";
  {
    const other_process alone{[&](const other_process::ready& ready) {
      auto rt = bank_in(directory / "store");
      write_row(file, loaded(rt, "in one process", in_flight, with));
      rt.close();
      ready(1);
    }};
  }
  return read_row(file);
}

/// How long ago the newest record of a replica was written, in nanoseconds: both processes have the same clock.
std::uint64_t age_of_the_newest(const annals::replica& copy) {
  annals::timestamp written = 0;
  must(copy.log(copy.lag().at, 1, [&](const annals::record_view& record) {
    written = record.time;
    return true;
  }));
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  return static_cast<std::uint64_t>(std::max<annals::timestamp>(now - written, 0)) * 1'000;
}

/// The source writes at this rate, if any, for as long as the replica is measured.
void serve_and_write(const std::filesystem::path& directory, const credentials& who, const replica_bench_options& with,
                     const other_process::ready& ready) {
  auto rt = bank_in(directory / "store");
  load deposits{rt, 1'000, 1};
  deposits.open_accounts();
  while (rt.head().at < with.events) deposits.closed_loop(8'192, 0.2);
  auto door = must(rt.listen(who.listening("127.0.0.1:0")));
  std::thread writer;
  if (with.rate > 0) writer = std::thread{[&] { deposits.open_loop(with.rate, with.seconds + 20); }};
  ready(door.port());
  ::_exit(0);  // not when the writer is done
}

}  // namespace

void serve_bank(const std::filesystem::path& store, const credentials& who, const other_process::ready& ready) {
  auto rt = bank_in(store);
  auto listening = who.listening("127.0.0.1:0");
  listening.commands_max = in_flight_most;
  auto door = must(rt.listen(listening));
  ready(door.port());
}

figures replica_result(const run_options& run, const replica_bench_options& with) {
  return measured("replica", run, 0.5, [&](const std::filesystem::path& directory) {
    figures all{{"events", with.events}, {"rate", with.rate}, {"rows", figures::array()}};
    for (const bool tls : {false, true}) {
      const auto who = credentials::made_in(directory / (tls ? "tls" : "plain"), tls);
      const other_process source{[&](const other_process::ready& ready) { serve_and_write(directory, who, with, ready); }};
      auto far = must(annals::remote::connect({"127.0.0.1:" + std::to_string(source.port())}, who.calling()));
      must(far.wait_for_link(std::chrono::seconds{10}));
      auto copy = must(annals::replica::open(directory / "copy", far));
      const auto begin = std::chrono::steady_clock::now();
      must(copy.start());
      must(copy.wait_for(with.events, std::chrono::minutes{5}));
      const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      histogram behind;
      const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(with.seconds);
      constexpr std::chrono::milliseconds look_again{1};
      while (with.rate > 0 && std::chrono::steady_clock::now() < end) {
        behind.add(age_of_the_newest(copy));
        std::this_thread::sleep_for(look_again);
      }
      all["rows"].push_back({{"way", tls ? "TLS" : "plain"},
                             {"records_per_second", std::round(static_cast<double>(with.events) / took)},
                             {"lag_p50_us", rounded(behind.percentile_us(50))},
                             {"lag_p99_us", rounded(behind.percentile_us(99))}});
      copy.close();
      far.close();
      std::filesystem::remove_all(directory / "copy");
    }
    return all;
  });
}

figures remote_result(const run_options& run, const remote_bench_options& with) {
  return measured("remote", run, 0.5, [&](const std::filesystem::path& directory) {
    figures all{{"aggregates", with.aggregates}, {"seconds", with.seconds}};
    all["rows"] = figures::array();
    for (const auto n : with.in_flight) {
      all["rows"].push_back(in_one_process(directory, n, with));
      for (const bool tls : {false, true}) all["rows"].push_back(through_a_process(directory, tls, n, with));
      all["rows"].push_back(echoed(directory, n, with.seconds));
    }
    return all;
  });
}

}  // namespace bench
