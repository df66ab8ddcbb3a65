// How and on which machines figures were measured.
#include "benchmarks/numbers.hpp"
#include "benchmarks/report/scale.hpp"
#include "benchmarks/report/sections.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace bench::report {
namespace {

std::string machine_line(const result& r) {
  const auto& m = r.all["machine"];
  const auto part = [&](const char* key) { return m.contains(key) ? text_of(m[key]) : std::string{"unknown"}; };
  const auto cores = m.contains("cores") ? counted(r.number_in(m, "cores"), "core") : "unknown cores";
  const auto memory = m.contains("memory_bytes") ? bytes_text(r.number_in(m, "memory_bytes")) : "unknown memory";
  return fmt::format("{}, {}, {} · {} · {} · answers wait for {} · annals {}, CAF {}, LMDB {}, {}", part("processor"), cores, memory, part("kernel"),
                     part("file_system"), part("answer_waits_for"), part("annals"), part("caf"), part("lmdb"), part("compiler"));
}

/// The range of the sync times over all results.
std::string sync_range(const std::vector<result>& results, const char* limits) {
  std::vector<double> seen;
  for (const auto& r : results)
    if (const auto us = r.sync_p50_us(limits)) seen.push_back(*us);
  if (seen.empty()) return {};
  const auto [least, greatest] = std::minmax_element(seen.begin(), seen.end());
  return *least == *greatest ? duration_text(*least) : duration_text(*least) + " to " + duration_text(*greatest);
}

}  // namespace

std::vector<result> only(const std::vector<result>& all, const std::function<bool(const result&)>& wanted) {
  std::vector<result> found;
  std::copy_if(all.begin(), all.end(), std::back_inserter(found), wanted);
  return found;
}

std::vector<result> only(const std::vector<result>& all, std::string_view benchmark) {
  return only(all, [&](const result& r) { return r.benchmark() == benchmark; });
}

source source_of(const std::vector<result>& results) {
  source s{command_line(results), {}, {}};
  for (const auto& r : results)
    if (const auto line = machine_line(r); std::find(s.machines.begin(), s.machines.end(), line) == s.machines.end()) s.machines.push_back(line);
  const auto before = sync_range(results, "limits_before"), after = sync_range(results, "limits_after");
  if (!before.empty() && !after.empty())
    s.syncs = fmt::format("fdatasync of 4 KiB, p50: {} right before, {} right after{}", before, after,
                          results.size() > 1 ? " (" + counted(static_cast<double>(results.size()), "result") + ")" : "");
  return s;
}

}  // namespace bench::report
