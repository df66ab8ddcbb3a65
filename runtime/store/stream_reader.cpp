#include "store/stream_reader.hpp"

#include <algorithm>
#include <optional>

namespace annals::store {
namespace {

error gap(std::string_view stream, version expected, version found, position at) {
  return {errc::corrupt_record, "a gap in the versions of stream " + std::string{stream},
          "expected version " + std::to_string(expected) + ", found " + std::to_string(found) + " at position " +
              std::to_string(at),
          0, at};
}

}  // namespace

stream_reader::stream_reader(const log& source, const index& behind)
    : log_(&source), index_(&behind), known_(behind.mark().at), known_checksum_(behind.mark().checksum) {}

result<bool> stream_reader::catch_up(std::size_t records_max) {
  if (known_ >= log_->readable()) return true;
  std::optional<error> wrong;
  read_limits limits;
  limits.records_max = records_max;
  limits.bytes_max = std::size_t{64} << 20;
  auto read = log_->read(known_ + 1, limits, [&](const record_view& record) {
    if (auto ok = take(record); !ok) wrong = ok.error();
    return !wrong;
  });
  if (wrong) return std::move(*wrong);
  if (!read) return std::move(read).error();
  return known_ >= log_->readable();
}

result<void> stream_reader::take(const record_view& record) {
  auto found = open_.find(record.stream);
  if (found == open_.end()) found = open_.emplace(std::string{record.stream}, run{record.version, {}}).first;
  auto& r = found->second;
  if (const auto expected = r.first + r.positions.size(); record.version != expected)
    return gap(record.stream, expected, record.version, record.at);
  r.positions.push_back(record.at);
  ++open_records_;
  known_ = record.at;
  known_checksum_ = record.checksum;
  return {};
}

template <class With>
void stream_reader::for_each_run(std::string_view stream, With&& with) const {
  for (const auto& segment : segments_) {
    const auto& runs = segment->runs;
    const auto found = std::lower_bound(runs.begin(), runs.end(), stream,
                                        [](const stream_run& r, std::string_view name) { return r.stream < name; });
    if (found != runs.end() && found->stream == stream) with(found->first, found->positions);
  }
  if (const auto found = open_.find(stream); found != open_.end()) with(found->second.first, found->second.positions);
}

/// The tail is looked at first. The index may have some of it already, written meanwhile: that part is dropped.
result<std::vector<position>> stream_reader::find(std::string_view stream, version from, std::size_t max) const {
  version tail_from = 0;
  for_each_run(stream, [&](version first, const auto&) {
    if (tail_from == 0) tail_from = first;
  });
  std::vector<position> found;
  if (tail_from == 0 || from < tail_from) {
    const auto wanted = tail_from == 0 ? max : std::min<std::size_t>(max, tail_from - from);
    if (auto ok = index_->positions(stream, from, wanted, found); !ok) return std::move(ok).error();
    if (tail_from != 0 && found.size() < wanted) return gap(stream, from + found.size(), tail_from, 0);
  }
  std::optional<error> wrong;
  for_each_run(stream, [&](version first, const std::vector<position>& positions) {
    const auto next = from + found.size();
    if (wrong || found.size() >= max || next >= first + positions.size()) return;
    if (next < first) {
      wrong = gap(stream, next, first, positions.front());
      return;
    }
    const auto begin = positions.begin() + static_cast<std::ptrdiff_t>(next - first);
    const auto count = std::min<std::size_t>(max - found.size(), static_cast<std::size_t>(positions.end() - begin));
    found.insert(found.end(), begin, begin + static_cast<std::ptrdiff_t>(count));
  });
  if (wrong) return std::move(*wrong);
  return found;
}

result<version> stream_reader::read(std::string_view stream, version from, std::size_t records_max,
                                    const record_visitor& visit) {
  from = std::max<version>(from, 1);
  const auto positions = find(stream, from, records_max);
  if (!positions) return positions.error();
  auto next = from;
  std::optional<error> wrong;
  auto ok = log_->read_at(*positions, [&](const record_view& record) {
    if (record.stream != stream || record.version != next) {
      wrong = gap(stream, next, record.stream == stream ? record.version : 0, record.at);
      return false;
    }
    ++next;
    return visit(record);
  });
  if (wrong) return std::move(*wrong);
  if (!ok) return std::move(ok).error();
  return next;
}

result<version> stream_reader::last_version(std::string_view stream) const {
  version last = 0;
  for_each_run(stream, [&](version first, const auto& positions) { last = first + positions.size() - 1; });
  if (last != 0) return last;
  auto ok = index_->streams(stream, [&](std::string_view name, version newest) {
    if (name == stream) last = newest;
    return false;  // the name itself comes before all that begin with it
  });
  if (!ok) return std::move(ok).error();
  return last;
}

std::size_t stream_reader::tail_records() const { return open_records_ + segment_records_; }
std::size_t stream_reader::open_records() const { return open_records_; }
position stream_reader::known() const { return known_; }

std::shared_ptr<const tail_segment> stream_reader::take_segment() {
  if (open_records_ == 0) return nullptr;
  auto segment = std::make_shared<tail_segment>();
  segment->runs.reserve(open_.size());
  for (auto& [stream, r] : open_) segment->runs.push_back({stream, r.first, std::move(r.positions)});
  std::sort(segment->runs.begin(), segment->runs.end(),
            [](const stream_run& a, const stream_run& b) { return a.stream < b.stream; });
  segment->mark = {known_, known_checksum_};
  segment->records = open_records_;
  segment_records_ += std::exchange(open_records_, 0);
  open_.clear();
  segments_.push_back(segment);
  return segment;
}

void stream_reader::flushed(const tail_segment& segment) {
  if (segments_.empty() || segments_.front().get() != &segment) detail::broken("segments are flushed out of order");
  segment_records_ -= segment.records;
  segments_.pop_front();
}

}  // namespace annals::store
