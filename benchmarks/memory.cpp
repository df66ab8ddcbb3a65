#include "benchmarks/memory.hpp"

#include "benchmarks/must.hpp"

#include <annals/runtime.hpp>
#include <bank/account.hpp>

#include <malloc.h>

#include <algorithm>
#include <vector>

namespace bench {
namespace {

constexpr std::size_t at_once = 10'000;

/// One command each, with an id.
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

/// In use, of all of malloc's arenas.
double heap_bytes() {
  const auto now = ::mallinfo2();
  return static_cast<double>(now.uordblks + now.hblkhd);
}

}  // namespace

memory_figures measure_memory(const std::filesystem::path& directory, std::size_t aggregates) {
  annals::options with;
  with.aggregates_resident_max = 4 * aggregates + 4 * at_once;
  with.aggregate_bytes_max = std::size_t{1} << 40;
  auto rt = must(annals::runtime::open(directory / "memory-store", with));
  must(rt.host<bank::account>());
  must(rt.start());
  open_accounts(rt, "warm-", at_once);  // queues and pools have their size
  const auto before = rt.health().aggregates_resident;
  const auto heap_before = heap_bytes();
  open_accounts(rt, "idle-", aggregates);
  memory_figures figures;
  figures.aggregates = rt.health().aggregates_resident - before;
  figures.heap_bytes_an_aggregate = (heap_bytes() - heap_before) / static_cast<double>(figures.aggregates);
  return figures;
}

}  // namespace bench
