#include "store/scan.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace annals::store {
namespace {
constexpr std::size_t part = 1'000;
}

result<void> scan(const log& source, position from, const record_visitor& visit) {
  const auto head = source.readable();
  bool go_on = true;
  for (auto at = std::max<position>(from, 1); go_on && at <= head;) {
    auto next = source.read(at, {part, std::size_t{4} << 20}, [&](const record_view& record) {
      go_on = record.at <= head && visit(record);
      return go_on;
    });
    if (!next) return std::move(next).error();
    if (*next == at) return error{errc::corrupt_record, "no record at position " + std::to_string(at), "the log has a gap", 0, at};
    at = *next;
  }
  return {};
}

result<void> scan_stream(const log& source, const index* behind, std::string_view stream, version from,
                         const record_visitor& visit) {
  auto next = std::max<version>(from, 1);
  bool go_on = true;
  std::optional<error> wrong;
  const auto take = [&](const record_view& record) {
    if (record.stream != stream || record.version != next) {
      wrong = error{errc::corrupt_record, "no version " + std::to_string(next) + " of stream " + std::string{stream},
                    "another record is at position " + std::to_string(record.at) + " where it should be", 0, record.at};
      return go_on = false;
    }
    ++next;
    return go_on = visit(record);
  };
  const auto indexed = behind ? behind->mark().at : 0;
  std::vector<position> positions;
  while (behind && go_on) {
    positions.clear();
    if (auto ok = behind->positions(stream, next, part, positions); !ok) return ok;
    if (positions.empty()) break;
    if (auto ok = source.read_at(positions, take); !ok) return ok;
  }
  if (wrong) return std::move(*wrong);
  if (!go_on) return {};
  auto ok = scan(source, indexed + 1, [&](const record_view& record) {
    // The index may have been written further meanwhile: what was visited already has a smaller version.
    if (record.stream != stream || record.version < next) return true;
    return take(record);
  });
  if (wrong) return std::move(*wrong);
  return ok;
}

result<void> scan_some(const log& source, const index* behind, std::span<const std::string> streams, const record_visitor& visit) {
  std::map<std::string_view, version> next;  // to be visited, of each stream
  for (const auto& stream : streams) next.emplace(stream, 1);
  const auto indexed = behind ? behind->mark().at : 0;
  std::vector<position> positions;
  for (const auto& [stream, unused] : next) {
    const auto begin = positions.size();
    if (auto ok = behind ? behind->positions(stream, 1, ~std::size_t{0}, positions) : result<void>{}; !ok) return ok;
    // What was written meanwhile is found behind it.
    positions.erase(std::upper_bound(positions.begin() + static_cast<std::ptrdiff_t>(begin), positions.end(), indexed), positions.end());
  }
  std::sort(positions.begin(), positions.end());
  bool go_on = true;
  std::optional<error> wrong;
  const auto take = [&](std::map<std::string_view, version>::iterator of, const record_view& record) {
    if (of == next.end() || record.version != of->second) {
      wrong = error{errc::corrupt_record, "the versions of stream " + std::string{record.stream} + " do not follow each other",
                    "version " + std::to_string(record.version) + " is at position " + std::to_string(record.at), 0, record.at};
      return go_on = false;
    }
    ++of->second;
    return go_on = visit(record);
  };
  for (std::size_t begin = 0; go_on && begin < positions.size(); begin += part) {
    const auto some = std::span{positions}.subspan(begin, std::min(part, positions.size() - begin));
    if (auto ok = source.read_at(some, [&](const record_view& record) { return take(next.find(record.stream), record); }); !ok) return ok;
  }
  if (wrong) return std::move(*wrong);
  if (!go_on) return {};
  auto ok = scan(source, indexed + 1, [&](const record_view& record) {
    const auto of = next.find(record.stream);
    return of == next.end() || take(of, record);
  });
  if (wrong) return std::move(*wrong);
  return ok;
}

result<void> scan_streams(const log& source, const index* behind, std::string_view prefix,
                          const std::function<bool(std::string_view, version)>& visit) {
  std::map<std::string, version, std::less<>> tail;
  const auto indexed = behind ? behind->mark().at : 0;
  auto ok = scan(source, indexed + 1, [&](const record_view& record) {
    if (!record.stream.starts_with(prefix)) return true;
    const auto found = tail.find(record.stream);
    if (found == tail.end())
      tail.emplace(record.stream, record.version);
    else
      found->second = record.version;
    return true;
  });
  if (!ok) return ok;
  bool go_on = true;
  auto next = tail.begin();
  const auto visit_up_to = [&](std::optional<std::string_view> name) {
    for (; go_on && next != tail.end() && (!name || next->first < *name); ++next) go_on = visit(next->first, next->second);
  };
  if (behind) {
    ok = behind->streams(prefix, [&](std::string_view name, version newest) {
      visit_up_to(name);
      if (!go_on) return false;
      if (next != tail.end() && next->first == name) {
        newest = std::max(newest, next->second);
        ++next;
      }
      return go_on = visit(name, newest);
    });
    if (!ok) return ok;
  }
  visit_up_to(std::nullopt);
  return {};
}

}  // namespace annals::store
