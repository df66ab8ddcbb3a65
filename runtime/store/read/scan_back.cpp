#include "store/read/scan_back.hpp"

#include "store/derived/index_damage.hpp"
#include "store/log/record_copy.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace annals::store {
namespace {

constexpr std::uint64_t back_part_max = 1'000;  // records per transaction
constexpr std::uint64_t first_back_part = 16;   // doubled each time: a visitor that stops soon pays for few copies
constexpr std::size_t back_bytes_max = std::size_t{4} << 20;

/// What one transaction has read: all of a part, or its beginning.
struct part_read {
  std::vector<record_copy> copies;
  record_copier copier;
  std::optional<error> wrong;
};

/// Visits `from` down to 1. `read(low, high)` reads the numbers from `low` on, up to `high`, as long as it has room.
template <class Read>
result<void> go_back(std::uint64_t from, Read&& read, const record_visitor& visit) {
  auto part = first_back_part;
  std::optional<error> wrong;
  for (auto high = from; high > 0 && !wrong;) {
    auto low = high > part ? high - part + 1 : 1;
    part_read got = read(low, high);
    // A record that cannot be read: what is newer comes first.
    while (got.wrong && low + got.copies.size() < high) {
      wrong = std::move(got.wrong);
      low += got.copies.size() + 1;
      got = read(low, high);
    }
    if (got.wrong) {
      wrong = std::move(got.wrong);
      got.copies.clear();
    } else if (got.copies.size() < high - low + 1) {  // too many bytes for one part
      wrong.reset();
      part = std::max<std::uint64_t>((high - low + 1) / 2, 1);
      continue;
    }
    for (auto one = got.copies.rbegin(); one != got.copies.rend(); ++one)
      if (!visit(one->record)) return {};
    high = low - 1;
    part = std::min(back_part_max, 2 * part);
  }
  if (wrong) return std::move(*wrong);
  return {};
}

}  // namespace

result<void> scan_back(const log& source, position from, const record_visitor& visit) {
  const auto read = [&](position low, position high) {
    part_read got;
    std::size_t bytes = 0;
    auto next = source.read(low, {high - low + 1, back_bytes_max}, [&](const record_view& record) {
      got.copies.push_back(got.copier.copy(record));
      return (bytes += record.stored_bytes) < back_bytes_max;
    });
    if (!next) got.wrong = std::move(next).error();
    if (next && got.copies.empty())
      got.wrong = error{errc::corrupt_record, "no record at position " + std::to_string(low), "the log has a gap", 0, low};
    return got;
  };
  return go_back(std::min(from, source.readable()), read, visit);
}

namespace {

/// Reads the versions from `low` on, up to `high`.
part_read read_versions(const log& source, const stream_places& places, std::string_view stream, version low, version high) {
  part_read got;
  std::vector<position> at;
  if (auto ok = places.positions(stream, low, high, at); !ok) {
    got.wrong = std::move(ok).error();
    return got;
  }
  if (at.size() < high - low + 1) {
    got.wrong = index_damage("the index lacks " + version_of(stream, low + at.size()));
    at.clear();
  }
  std::size_t bytes = 0;
  auto ok = source.read_at(at, [&](const record_view& record) {
    const auto wanted = low + got.copies.size();
    if (record.stream != stream || record.version != wanted) {
      got.wrong = index_damage("the index has " + version_of(stream, wanted) + " at position " + std::to_string(record.at) + ", where the log has " +
                                   version_of(record.stream, record.version),
                               record.at);
      return false;
    }
    got.copies.push_back(got.copier.copy(record));
    return (bytes += record.stored_bytes) < back_bytes_max;
  });
  if (!ok) got.wrong = std::move(ok).error();
  return got;
}

}  // namespace

result<void> scan_stream_back(const log& source, const stream_places& places, std::string_view stream, version from, const record_visitor& visit) {
  const auto newest = places.newest(stream);
  if (!newest) return newest.error();
  return go_back(std::min(from, *newest), [&](version low, version high) { return read_versions(source, places, stream, low, high); }, visit);
}

result<void> scan_stream_on(const log& source, const stream_places& places, std::string_view stream, version from, const record_visitor& visit) {
  const auto newest = places.newest(stream);
  if (!newest) return newest.error();
  auto part = first_back_part;
  for (auto low = std::max<version>(from, 1); low <= *newest; part = std::min(back_part_max, 2 * part)) {
    auto got = read_versions(source, places, stream, low, std::min(*newest, low + part - 1));
    for (const auto& one : got.copies)
      if (!visit(one.record)) return {};
    if (got.wrong) return std::move(*got.wrong);
    if (got.copies.empty()) break;
    low += got.copies.size();
  }
  return {};
}

}  // namespace annals::store
