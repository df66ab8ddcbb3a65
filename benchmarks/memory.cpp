#include "benchmarks/memory.hpp"

#include "benchmarks/must.hpp"
#include "config/hosted.hpp"

#include <annals/runtime.hpp>
#include <bank/account.hpp>

#include <malloc.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <memory>
#include <vector>

namespace bench {
namespace {

constexpr std::size_t at_once = 10'000;

/// Sends one command for each account, with an id.
void open_accounts(annals::runtime& rt, const std::string& prefix, std::size_t count) {
  for (std::size_t begin = 0; begin < count; begin += at_once) {
    std::vector<annals::pending<annals::receipt>> sent;
    for (auto i = begin; i < std::min(begin + at_once, count); ++i) {
      const auto key = prefix + std::to_string(i);
      sent.push_back(rt.send<bank::account>(key, bank::open_account{"owner"}, {.id = "open-" + key}));
    }
    for (auto& s : sent) must(s.get());
  }
}

/// The bytes in use, in all arenas of malloc.
double heap_bytes() {
  const auto now = ::mallinfo2();
  return static_cast<double>(now.uordblks + now.hblkhd);
}

/// Figures of this process as the kernel counts them: its own memory, and the peak, pages of files included.
std::uint64_t status_bytes(const std::string& name) {
  std::ifstream in{"/proc/self/status"};
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(name + ":")) return std::stoull(line.substr(name.size() + 1)) * 1024;
  return 0;
}

figures measure_memory(const std::filesystem::path& directory, std::size_t aggregates, std::size_t resident_max) {
  annals::options with;
  const bool all_stay = resident_max == 0;
  with.aggregates_resident_max = all_stay ? 4 * aggregates + 4 * at_once : resident_max;
  if (all_stay) with.aggregate_bytes_max = std::size_t{1} << 40;
  auto rt = must(annals::runtime::open(directory / "memory-store", with));
  must(rt.host(must(annals::config::hosted().only({"account"}))));
  must(rt.start());
  open_accounts(rt, "warm-", std::min(at_once, with.aggregates_resident_max));  // now queues and pools have their full size
  const auto heap_before = heap_bytes();
  open_accounts(rt, "idle-", aggregates);
  const auto heap = heap_bytes() - heap_before;
  figures all{{"aggregates", aggregates}, {"resident_max", resident_max}, {"resident", rt.health().aggregates_resident}};
  if (all_stay) all["heap_bytes_an_aggregate"] = std::round(heap / static_cast<double>(aggregates));
  all["own_memory_bytes"] = status_bytes("RssAnon");
  all["peak_memory_bytes"] = status_bytes("VmHWM");
  return all;
}

}  // namespace

figures memory_result(const run_options& run, const memory_options& with) {
  return measured("memory", run, 0.1,
                  [&](const std::filesystem::path& directory) { return measure_memory(directory, with.aggregates, with.resident_max); });
}

}  // namespace bench
