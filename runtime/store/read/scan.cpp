#include "store/read/scan.hpp"

#include "store/derived/index_damage.hpp"
#include "store/log/record_copy.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace annals::store {
namespace {

constexpr std::size_t records_max = 1'000;  // per transaction
constexpr std::size_t bytes_max = std::size_t{4} << 20;
constexpr std::size_t first_copies = 16;  // doubled each time: a visitor that stops soon pays for few copies

std::size_t first_part(visitor_is how) { return how == visitor_is::quick ? records_max : first_copies; }
std::size_t next_part(std::size_t records) { return std::min(records_max, 2 * records); }

/// Copies what `read` visits, then visits the copies, including those before an error.
template <class Read>
auto read_copies(Read&& read, const record_visitor& visit) {
  std::vector<record_copy> copies;
  record_copier copier;
  std::size_t bytes = 0;
  auto outcome = read([&](const record_view& record) {
    copies.push_back(copier.copy(record));
    return (bytes += record.stored_bytes) < bytes_max;
  });
  for (const auto& one : copies)
    if (!visit(one.record)) break;
  return outcome;
}

/// `wants` may be null: visit all.
result<void> scan_those(const log& source, position from, const record_visitor* wants, const record_visitor& visit, visitor_is how) {
  const auto head = source.readable();
  bool go_on = true;
  const record_visitor up_to_head = [&](const record_view& record) { return go_on = record.at <= head && visit(record); };
  auto records = first_part(how);
  for (auto at = std::max<position>(from, 1); at <= head; records = next_part(records)) {
    const auto read = [&](const record_visitor& take) {
      const record_visitor take_wanted = [&](const record_view& record) { return !(*wants)(record) || take(record); };
      return source.read(at, {records, bytes_max}, wants ? take_wanted : take);
    };
    auto next = how == visitor_is::quick ? read(up_to_head) : read_copies(read, up_to_head);
    if (!go_on) break;
    if (!next) return std::move(next).error();
    if (*next == at) return error{errc::corrupt_record, "no record at position " + std::to_string(at), "the log has a gap", 0, at};
    at = *next;
  }
  return {};
}

/// The index says that this version is at a position where the log has another record, or none.
error misled(const stream_index& by, std::string_view stream, version wanted, position at) {
  return noted(
      by,
      index_damage("the index has " + version_of(stream, wanted) + " at position " + std::to_string(at) + ", where the log does not have it", at));
}

/// The log has a record at each position up to its head, so the index is wrong if it names any other position.
bool is_misled(const log& source, const error& why) { return why.code == errc::corrupt_record && (why.place == 0 || why.place > source.readable()); }

/// How the next record of a stream was found.
enum class by { index, tail_after_index, log };

/// `index` may be null if `how` is by::log.
error unexpected(by how, const stream_index* index, std::string_view stream, version wanted, const record_view& found) {
  if (how == by::index) return misled(*index, stream, wanted, found.at);
  if (how == by::tail_after_index)
    return noted(*index, index_damage("the index lacks " + version_of(stream, wanted) + ", and the log continues with version " +
                                          std::to_string(found.version),
                                      found.at));
  return {errc::corrupt_record, "no " + version_of(stream, wanted), "position " + std::to_string(found.at) + " has another record", 0, found.at};
}

}  // namespace

result<void> scan(const log& source, position from, const record_visitor& visit, visitor_is how) {
  return scan_those(source, from, nullptr, visit, how);
}

result<void> scan_stream(const log& source, const stream_index* index, std::string_view stream, version from, const record_visitor& visit,
                         visitor_is how) {
  auto next = std::max<version>(from, 1);
  bool go_on = true;
  std::optional<error> wrong;
  auto how_found = by::index;
  const auto take = [&](const record_view& record) {
    if (record.stream != stream || record.version != next) {
      wrong = unexpected(how_found, index, stream, next, record);
      return go_on = false;
    }
    if (how_found == by::tail_after_index) how_found = by::log;
    ++next;
    return go_on = visit(record);
  };
  const auto indexed = index ? index->mark().at : 0;
  std::vector<position> positions;
  for (auto records = first_part(how); index && go_on; records = next_part(records)) {
    positions.clear();
    if (auto ok = index->positions(stream, next, records, positions); !ok) return ok;
    if (positions.empty()) break;
    const auto read = [&](const record_visitor& visitor) { return source.read_at(positions, visitor); };
    auto ok = how == visitor_is::quick ? read(take) : read_copies(read, take);
    if (!go_on) break;
    if (!ok) return is_misled(source, ok.error()) ? misled(*index, stream, next, ok.error().place) : ok;
  }
  if (wrong) return std::move(*wrong);
  if (!go_on) return {};
  how_found = indexed > 0 ? by::tail_after_index : by::log;
  const record_visitor ours = [&](const record_view& record) { return record.stream == stream; };
  // The index may have been written further meanwhile: records with a smaller version were visited already.
  const auto take_newer = [&](const record_view& record) { return record.version < next || take(record); };
  auto ok = scan_those(source, indexed + 1, &ours, take_newer, how);
  if (wrong) return std::move(*wrong);
  return ok;
}

result<void> scan_some(const log& source, const stream_index* index, std::span<const std::string> streams, const record_visitor& visit) {
  struct expected {
    version next = 1;
    by how = by::index;
  };
  std::map<std::string_view, expected> all;
  for (const auto& stream : streams) all.try_emplace(stream);
  const auto indexed = index ? index->mark().at : 0;
  std::vector<position> positions;
  for (const auto& [stream, unused] : all) {
    const auto begin = positions.size();
    if (auto ok = index ? index->positions(stream, 1, ~std::size_t{0}, positions) : result<void>{}; !ok) return ok;
    // The scan below finds what was written to the index meanwhile.
    positions.erase(std::upper_bound(positions.begin() + static_cast<std::ptrdiff_t>(begin), positions.end(), indexed), positions.end());
  }
  std::sort(positions.begin(), positions.end());
  bool go_on = true;
  std::optional<error> wrong;
  const auto take = [&](std::map<std::string_view, expected>::iterator of, const record_view& record) {
    if (of == all.end()) {
      const auto what = "the index has " + version_of(record.stream, record.version) + " at a position of another stream";
      wrong = noted(*index, index_damage(what, record.at));
      return go_on = false;
    }
    auto& [next, how] = of->second;
    if (record.version != next) {
      wrong = unexpected(how, index, record.stream, next, record);
      return go_on = false;
    }
    ++next;
    if (how == by::tail_after_index) how = by::log;
    return go_on = visit(record);
  };
  for (std::size_t begin = 0; go_on && begin < positions.size(); begin += records_max) {
    const auto some = std::span{positions}.subspan(begin, std::min(records_max, positions.size() - begin));
    if (auto ok = source.read_at(some, [&](const record_view& record) { return take(all.find(record.stream), record); }); !ok) return ok;
  }
  if (wrong) return std::move(*wrong);
  if (!go_on) return {};
  for (auto& [stream, one] : all) one.how = indexed > 0 ? by::tail_after_index : by::log;
  auto ok = scan(source, indexed + 1, [&](const record_view& record) {
    const auto of = all.find(record.stream);
    return of == all.end() || take(of, record);
  });
  if (wrong) return std::move(*wrong);
  return ok;
}

result<void> scan_streams(const log& source, const stream_index* index, std::string_view prefix,
                          const std::function<bool(std::string_view, version)>& visit, std::string_view after_name) {
  std::map<std::string, version, std::less<>> tail;
  const auto indexed = index ? index->mark().at : 0;
  auto ok = scan(source, indexed + 1, [&](const record_view& record) {
    if (!record.stream.starts_with(prefix) || record.stream <= after_name) return true;
    const auto found = tail.find(record.stream);
    if (found == tail.end())
      tail.emplace(record.stream, record.version);
    else
      found->second = record.version;
    return true;
  });
  if (!ok) return ok;
  auto next = tail.begin();
  std::vector<std::pair<std::string, version>> some{{}};
  for (std::string after{after_name}; index && !some.empty();) {
    some.clear();
    ok = index->streams(prefix, after, [&](std::string_view name, version newest) {
      some.emplace_back(name, newest);
      return some.size() < records_max;
    });
    for (auto& [name, newest] : some) {
      for (; next != tail.end() && next->first < name; ++next)
        if (!visit(next->first, next->second)) return {};
      if (next != tail.end() && next->first == name) newest = std::max(newest, (next++)->second);
      if (!visit(name, newest)) return {};
    }
    if (!ok) return ok;
    if (!some.empty()) after = some.back().first;
  }
  for (; next != tail.end(); ++next)
    if (!visit(next->first, next->second)) return {};
  return {};
}

}  // namespace annals::store
