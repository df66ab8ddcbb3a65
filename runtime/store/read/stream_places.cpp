#include "store/read/stream_places.hpp"

#include "store/derived/index_damage.hpp"
#include "store/read/scan.hpp"

#include <algorithm>
#include <optional>

namespace annals::store {

result<stream_places> stream_places::of(const log& source, const stream_index* index, const std::function<bool(std::string_view)>& wants) {
  stream_places made;
  made.index_ = index;
  std::optional<error> wrong;
  auto ok = scan(source, (index ? index->mark().at : 0) + 1, [&](const record_view& record) {
    if (!wants(record.stream)) return true;
    auto found = made.tail_.find(record.stream);
    if (found == made.tail_.end()) found = made.tail_.emplace(record.stream, run{record.version, {}}).first;
    auto& [first, positions] = found->second;
    if (record.version != first + positions.size())
      wrong = error{errc::corrupt_record, "no " + version_of(record.stream, first + positions.size()),
                    "position " + std::to_string(record.at) + " has version " + std::to_string(record.version), 0, record.at};
    else
      positions.push_back(record.at);
    return !wrong;
  });
  if (wrong) return std::move(*wrong);
  if (!ok) return std::move(ok).error();
  return made;
}

const stream_places::run* stream_places::in_tail(std::string_view stream) const {
  const auto found = tail_.find(stream);
  return found == tail_.end() ? nullptr : &found->second;
}

result<version> stream_places::newest(std::string_view stream) const {
  if (const auto* run = in_tail(stream)) return run->first + run->positions.size() - 1;
  version last = 0;
  if (!index_) return last;
  auto ok = index_->streams(stream, {}, [&](std::string_view name, version newest) {
    if (name == stream) last = newest;
    return false;  // the name itself comes before all names that begin with it
  });
  if (!ok) return std::move(ok).error();
  return last;
}

/// What the index has meanwhile of the tail is not asked for.
result<void> stream_places::positions(std::string_view stream, version from, version to, std::vector<position>& out) const {
  const auto* run = in_tail(stream);
  const auto indexed_to = run ? std::min(to, run->first - 1) : to;
  if (index_ && from <= indexed_to) {
    const auto wanted = indexed_to - from + 1;
    const auto before = out.size();
    if (auto ok = index_->positions(stream, from, wanted, out); !ok) return ok;
    if (run && out.size() - before < wanted)
      return noted(*index_, index_damage("the index lacks " + version_of(stream, from + out.size() - before) +
                                         ", and the log continues with version " + std::to_string(run->first)));
  }
  if (!run || to < run->first) return {};
  const auto skip = from > run->first ? from - run->first : 0;
  const auto end = std::min<version>(to - run->first + 1, run->positions.size());
  if (skip < end)
    out.insert(out.end(), run->positions.begin() + static_cast<std::ptrdiff_t>(skip), run->positions.begin() + static_cast<std::ptrdiff_t>(end));
  return {};
}

result<position> stream_places::position_of(std::string_view stream, version which) const {
  std::vector<position> one;
  if (auto ok = positions(stream, which, which, one); !ok) return std::move(ok).error();
  if (one.empty()) return index_damage("the index lacks " + version_of(stream, which));
  return one.front();
}

result<version> stream_places::first_after(std::string_view stream, position at) const {
  const auto end = newest(stream);
  if (!end) return end.error();
  // All versions up to `low` are not after `at`; all after `high` are.
  version low = 0, high = *end;
  while (low < high) {
    const auto middle = low + (high - low + 1) / 2;
    const auto found = position_of(stream, middle);
    if (!found) return found.error();
    if (*found <= at)
      low = middle;
    else
      high = middle - 1;
  }
  return low + 1;
}

}  // namespace annals::store
