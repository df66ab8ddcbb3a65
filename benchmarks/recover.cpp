#include "benchmarks/recover.hpp"

#include "benchmarks/must.hpp"
#include "benchmarks/open.hpp"
#include "benchmarks/stopwatch.hpp"
#include "config/hosted.hpp"
#include "projections/balances.hpp"

#include <annals/runtime.hpp>
#include <bank/transfer.hpp>

#include <memory>

namespace bench {
namespace {

using projections::balances;

/// Opens the store, and waits for the answers to a query and a command. Closing writes the derived state.
figures recover(const std::filesystem::path& store, std::string_view derived, std::uint64_t events) {
  const stopwatch all;
  auto rt = open(store);
  const auto opened = all.ms();
  must(rt.host(must(annals::config::hosted().only({"account", "transfer", "transferring", "balances"}))));
  must(rt.start());
  const auto started = all.ms();
  const auto answer = must(rt.ask<balances>(projections::balance_of{"0"}).get());
  const auto answered = all.ms();
  must(rt.send<bank::account>("0", bank::deposit{1, {}}).get());
  const auto accepted = all.ms();
  if (!answer.open) fail("an account of the history is not there");
  rt.close();
  return {{"events", events},
          {"derived", derived},
          {"open_ms", rounded(opened)},
          {"start_ms", rounded(started - opened)},
          {"first_query_ms", rounded(answered)},
          {"first_command_ms", rounded(accepted - answered)},
          {"close_ms", rounded(all.ms() - accepted)}};
}

figures measure_recover(const std::filesystem::path& directory, const recover_options& with) {
  auto rows = figures::array();
  for (const auto events : with.events) {
    const auto store = directory / "recover-store";
    auto history = with.history;
    history.events = events;
    write_history(store, history);
    rows.push_back(recover(store, "deleted", events));  // there never was any
    rows.push_back(recover(store, "at hand", events));
    std::filesystem::remove_all(store);
  }
  return {{"streams", with.history.streams}, {"seed", with.history.seed}, {"results", rows}};
}

}  // namespace

figures recover_result(const run_options& run, const recover_options& with) {
  return measured("recover", run, 0.5, [&](const std::filesystem::path& directory) { return measure_recover(directory, with); });
}

}  // namespace bench
