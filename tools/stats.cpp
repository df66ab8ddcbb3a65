#include "tools/stats.hpp"

#include "tools/names.hpp"

#include <fmt/format.h>

namespace tools {
namespace {

std::string as_json(const annals::store_stats& s) {
  auto text = fmt::format(R"({{"store":"{}","records":{},"streams":{},"durable":{},"readable":{},"log_bytes":{},"front_bytes":{},"derived_bytes":{},)"
                          R"("categories":{{)",
                          s.store_id, s.readable, s.streams, s.durable, s.readable, s.log_bytes, s.front_bytes, s.derived_bytes);
  std::string_view between;
  for (const auto& one : s.categories) {
    text += fmt::format(R"({}{}:{{"streams":{},"records":{}}})", between, json_text(one.category), one.streams, one.records);
    between = ",";
  }
  text += R"(},"subscriptions":{)";
  between = "";
  for (const auto& one : s.subscriptions) {
    text += fmt::format(R"({}{}:{{"at":{},"lag":{},"parked":{}}})", between, json_text(one.name), one.at, one.lag, one.parked);
    between = ",";
  }
  if (!s.derived) return text + fmt::format(R"(}},"derived":null,"why_no_derived":{}}})", json_text(s.why_no_derived)) + "\n";
  text += fmt::format(R"(}},"derived":{{"indexed":{},"snapshots":{},"snapshot_bytes":{},"followers":{{)", s.derived->indexed, s.derived->snapshots,
                      s.derived->snapshot_bytes);
  between = "";
  for (const auto& one : s.derived->followers) {
    text += fmt::format(R"({}{}:{{"at":{},"checkpoint_behind":{}}})", between, json_text(one.name), one.at, one.lag);
    between = ",";
  }
  text += R"(},"images":[)";
  between = "";
  for (const auto& one : s.derived->images) {
    text +=
        fmt::format(R"({}{{"projection":{},"at":{},"image_behind":{},"bytes":{}}})", between, json_text(one.projection), one.at, one.lag, one.bytes);
    between = ",";
  }
  return text + fmt::format("],\"parked\":{}}}}}\n", s.derived->parked);
}

void row(std::string& table, std::string_view name, std::uint64_t number, std::string_view more = {}) {
  table += fmt::format("  {:<28}{:>20}{}{}\n", name, grouped(static_cast<std::int64_t>(number)), more.empty() ? "" : "  ", more);
}

std::string as_table(const annals::store_stats& s) {
  auto table = fmt::format("  store {}\n", s.store_id);
  row(table, "records", s.readable);
  row(table, "streams", s.streams);
  for (const auto& one : s.categories)
    row(table, "  " + shown_name(one.category), one.records, fmt::format("in {} streams", grouped(static_cast<std::int64_t>(one.streams))));
  row(table, "durable up to", s.durable);
  row(table, "readable up to", s.readable);
  for (const auto& one : s.subscriptions)
    row(table, "  subscription " + shown_name(one.name), one.at,
        fmt::format("{} behind, {} parked", grouped(static_cast<std::int64_t>(one.lag)), grouped(static_cast<std::int64_t>(one.parked))));
  if (s.derived) {
    row(table, "indexed up to", s.derived->indexed);
    for (const auto& one : s.derived->followers)
      row(table, "  " + shown_name(one.name), one.at, fmt::format("checkpoint {} behind", grouped(static_cast<std::int64_t>(one.lag))));
    for (const auto& one : s.derived->images)
      row(table, "  image of " + shown_name(one.projection), one.at,
          fmt::format("image {} behind, {} bytes", grouped(static_cast<std::int64_t>(one.lag)), grouped(static_cast<std::int64_t>(one.bytes))));
    row(table, "parked events", s.derived->parked);
    row(table, "snapshots", s.derived->snapshots, fmt::format("{} bytes", grouped(static_cast<std::int64_t>(s.derived->snapshot_bytes))));
  } else
    table += fmt::format("  no derived state: {}\n", s.why_no_derived);
  row(table, "bytes of the log", s.log_bytes);
  row(table, "  of its front", s.front_bytes);
  row(table, "  of derived state", s.derived_bytes);
  return table;
}

}  // namespace

int show_stats(const where& place, bool json) {
  return with_view(place, [&](const annals::view& from) -> annals::result<void> {
    const auto seen = from.stats();
    if (!seen) return seen.error();
    fmt::print("{}", json ? as_json(*seen) : as_table(*seen));
    return {};
  });
}

}  // namespace tools
