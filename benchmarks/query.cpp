#include "benchmarks/query.hpp"

#include "benchmarks/load.hpp"
#include "benchmarks/must.hpp"
#include "benchmarks/stopwatch.hpp"
#include "benchmarks/which_account.hpp"
#include "config/hosted.hpp"
#include "projections/balances.hpp"

#include <cmath>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

namespace bench {
namespace {

using projections::balances;

/// Times this many reads together, since reading the clock takes as long as one read.
constexpr std::size_t reads_in_a_row = 100;

struct answered {
  std::uint64_t queries = 0;
  histogram times;  // of one query by message, or of `reads_in_a_row` reads
};

/// Reads one account in this thread, from the read model or from its stream, as of now.
using look = bool (*)(const annals::runtime&, const std::string& key);

bool in_model(const annals::runtime& rt, const std::string& key) {
  bool open = false;
  must(rt.read<balances>([&](const balances::model& m, annals::position) { open = m.accounts.find(key)->second.open; }));
  return open;
}

/// Reads its first ten events, or fewer.
bool in_history(const annals::runtime& rt, const std::string& key) { return !must(rt.history<bank::account>(key, 1, 10)).empty(); }

bool in_state(const annals::runtime& rt, const std::string& key) { return must(rt.state_of<bank::account>(key)).version > 0; }

std::vector<std::string> keys_of(std::size_t aggregates) {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < aggregates; ++i) keys.push_back(std::to_string(i));
  return keys;
}

/// Keeps `in_flight` queries under way: each answer asks the next. All callbacks run in one thread, the gateway's.
class askers {
public:
  askers(annals::runtime& rt, const query_options& with) : rt_(rt), with_(with), keys_(keys_of(with.aggregates)) {}

  answered run() {
    left_ = with_.in_flight;
    for (std::size_t i = 0; i < with_.in_flight; ++i) ask_next();
    std::unique_lock lock{mutex_};
    ended_.wait(lock, [&] { return left_ == 0; });
    return std::move(all_);
  }

private:
  void ask_next() {
    const auto& key = keys_[which_account(next_.fetch_add(1), with_.seed, keys_.size())];
    rt_.ask<balances>(projections::balance_of{key}).then([this, asked = stopwatch{}](const annals::result<projections::balance>& answer) {
      if (!must(answer).open) fail("a query has found no account");
      {
        const std::lock_guard lock{mutex_};
        ++all_.queries;
        all_.times.add(static_cast<std::uint64_t>(1e3 * asked.us()));
        if (began_.seconds() >= with_.seconds) {
          if (--left_ == 0) ended_.notify_all();
          return;
        }
      }
      ask_next();
    });
  }

  annals::runtime& rt_;
  const query_options& with_;
  const std::vector<std::string> keys_;
  const stopwatch began_;
  std::atomic<std::uint64_t> next_{0};
  std::mutex mutex_;
  std::condition_variable ended_;
  answered all_;          // guarded by mutex_
  std::size_t left_ = 0;  // guarded by mutex_
};

/// Reads one account after the other in this thread.
answered read_in_this_thread(const annals::runtime& rt, const query_options& with, look at, std::size_t thread) {
  const auto keys = keys_of(with.aggregates);
  answered all;
  std::uint64_t found = 0;
  for (const stopwatch began; began.seconds() < with.seconds;) {
    const stopwatch row;
    for (std::size_t i = 0; i < reads_in_a_row; ++i) {
      const auto& key = keys[which_account(all.queries++, with.seed + thread, keys.size())];
      found += at(rt, key);
    }
    all.times.add(static_cast<std::uint64_t>(1e3 * row.us()));
  }
  if (found != all.queries) fail("a read has found no account");
  return all;
}

answered read_in(const annals::runtime& rt, const query_options& with, look at, std::size_t threads) {
  std::vector<answered> each(threads);
  std::vector<std::thread> readers;
  for (std::size_t i = 0; i < threads; ++i) readers.emplace_back([&, i] { each[i] = read_in_this_thread(rt, with, at, i); });
  for (auto& r : readers) r.join();
  answered all;
  for (const auto& one : each) {
    all.queries += one.queries;
    all.times.add(one.times);
  }
  return all;
}

/// Runs `queries`. The row has what was answered, and what the projector applied during that time.
template <class Queries>
figures row(annals::runtime& rt, std::string_view how, std::size_t threads, const Queries& queries) {
  const auto before = rt.health().projections.front().at;
  const stopwatch began;
  const answered all = queries();
  const auto took = began.seconds();
  const auto after = rt.health();
  const auto applied = static_cast<double>(after.projections.front().at - before) / took;
  return {{"how", how},
          {"threads", threads},
          {"queries_per_second", std::round(static_cast<double>(all.queries) / took)},
          {"p50_us", rounded(all.times.percentile_us(50))},
          {"p99_us", rounded(all.times.percentile_us(99))},
          {"max_us", rounded(all.times.max_us())},
          {"applied_per_second", std::round(applied)},
          {"behind", after.durable - after.projections.front().at}};
}

void measure_all(annals::runtime& rt, const query_options& with, load* beside, figures& rows) {
  const auto measure = [&](std::string_view how, std::size_t threads, const auto& queries) {
    std::thread commands;
    // Starts earlier and ends later, so that all queries run beside commands.
    if (beside) commands = std::thread{[&] { beside->open_loop(with.rate, with.seconds + 1); }};
    if (beside) std::this_thread::sleep_for(std::chrono::milliseconds{300});
    rows.push_back(row(rt, how, threads, queries));
    if (beside) commands.join();
  };
  measure("ask", 1, [&] { return askers{rt, with}.run(); });
  constexpr std::pair<const char*, look> ways[] = {{"read", in_model}, {"history", in_history}, {"state_of", in_state}};
  for (const auto& [how, at] : ways)
    for (const auto threads : with.threads) measure(how, threads, [&, at = at] { return read_in(rt, with, at, threads); });
}

figures measure_query(const std::filesystem::path& directory, const query_options& with) {
  const auto store = directory / "query-store";
  auto rt = must(annals::runtime::open(store));
  must(rt.host(must(annals::config::hosted().only({"account", "balances"}))));
  must(rt.start());
  load deposits{rt, with.aggregates, with.seed};
  deposits.open_accounts();
  must(rt.settle(std::chrono::seconds{60}));
  const auto all_open = must(rt.ask<balances>(projections::totals_of_bank{}, annals::at_least{rt.head(), std::chrono::seconds{60}}).get());
  if (all_open.accounts != with.aggregates) fail("not all accounts are open");
  auto alone = figures::array(), beside = figures::array();
  measure_all(rt, with, nullptr, alone);
  measure_all(rt, with, &deposits, beside);
  rt.close();
  std::filesystem::remove_all(store);
  return {{"aggregates", with.aggregates},
          {"in_flight", with.in_flight},
          {"rate", with.rate},
          {"seconds", with.seconds},
          {"seed", with.seed},
          {"alone", alone},
          {"beside", beside}};
}

}  // namespace

figures query_result(const run_options& run, const query_options& with) {
  return measured("query", run, std::min(1.0, with.seconds), [&](const std::filesystem::path& directory) { return measure_query(directory, with); });
}

}  // namespace bench
