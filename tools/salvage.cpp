#include "tools/salvage.hpp"

#include "tools/output.hpp"

#include <annals/salvage.hpp>

#include <fmt/format.h>

#include <fstream>

namespace tools {
namespace {

std::string as_json(const annals::salvaged& seen) {
  auto text = fmt::format(R"({{"ok":true,"store":{},"records":{},"lost":{},"gaps":[)", json_text(seen.store_id), seen.records, seen.lost);
  for (const auto& gap : seen.gaps) text += fmt::format("{}[{},{}]", text.ends_with('[') ? "" : ",", gap.first, gap.last);
  text += R"(],"cut":[)";
  for (const auto& one : seen.cut)
    text += fmt::format(R"({}{{"stream":{},"version":{},"set_aside":{}}})", text.ends_with('[') ? "" : ",", json_text(one.stream), one.newest,
                        one.set_aside);
  const auto read = [](const std::string& why_not) { return why_not.empty() ? "true" : json_text(why_not); };
  return text + fmt::format(R"(],"decisions":{},"front":{}}})", read(seen.why_no_decisions), read(seen.why_no_front)) + "\n";
}

std::string as_text(const annals::salvaged& seen, const std::filesystem::path& target) {
  auto text = fmt::format("{} records are in {}, store {}\n", grouped(static_cast<std::int64_t>(seen.records)), target.string(), seen.store_id);
  if (seen.lost > 0) text += fmt::format("{} records are lost:\n", grouped(static_cast<std::int64_t>(seen.lost)));
  for (const auto& gap : seen.gaps)
    text += gap.first == gap.last ? fmt::format("  position {}\n", gap.first) : fmt::format("  positions {} to {}\n", gap.first, gap.last);
  for (const auto& one : seen.cut)
    text += fmt::format("stream {} ends with version {}: {} later records are set aside\n", one.stream, one.newest, one.set_aside);
  if (!seen.why_no_decisions.empty()) text += fmt::format("skips and acknowledgements could not be read: {}\n", seen.why_no_decisions);
  if (!seen.why_no_front.empty()) text += fmt::format("the newest records, which only log/front had, could not be read: {}\n", seen.why_no_front);
  return text;
}

}  // namespace

int salvage(const std::filesystem::path& store, const std::filesystem::path& target, const std::string& set_aside, bool json) {
  std::ofstream file;
  if (!set_aside.empty()) {
    std::error_code ignored;
    if (std::filesystem::exists(set_aside, ignored)) return fail({annals::errc::store_failed, set_aside, "already exists"});
    file.open(set_aside);
    if (!file) return fail({annals::errc::store_failed, set_aside, "cannot be created"});
  }
  const auto seen = annals::salvage(store, target, [&](const annals::record_view& record) {
    if (file.is_open()) file << json_of(record) << '\n';
  });
  if (!seen) {
    std::error_code ignored;
    if (file.is_open()) std::filesystem::remove(set_aside, ignored);
    return fail(seen.error());
  }
  if (file.is_open() && !file.flush()) return fail({annals::errc::store_failed, set_aside, "cannot be written"});
  fmt::print("{}", json ? as_json(*seen) : as_text(*seen, target));
  return 0;
}

}  // namespace tools
