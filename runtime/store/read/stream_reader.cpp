#include "store/read/stream_reader.hpp"

#include "store/derived/index_damage.hpp"

#include <algorithm>
#include <optional>

namespace annals::store {
namespace {

error gap(std::string_view stream, version expected, version found, position at) {
  return {errc::corrupt_record, "a gap in the versions of stream " + std::string{stream},
          "expected version " + std::to_string(expected) + ", found " + std::to_string(found) + " at position " + std::to_string(at), 0, at};
}

error wrong_place(std::string_view stream, version at_version, const record_view& found) {
  return index_damage("the index has " + version_of(stream, at_version) + " at position " + std::to_string(found.at) + ", where the log has " +
                          version_of(found.stream, found.version),
                      found.at);
}

/// The log has a record at each position up to its head: if positions pass the head or do not ascend, the index is wrong.
std::optional<error> not_of_the_log(std::string_view stream, version from, std::span<const position> indexed, position head) {
  position before = 0;
  for (const auto at : indexed) {
    if (at <= before || at > head)
      return index_damage(
          "the index has " + version_of(stream, from) + " at position " + std::to_string(at) + ", which is out of order or past the head", at);
    before = at;
    ++from;
  }
  return std::nullopt;
}

}  // namespace

stream_reader::stream_reader(const log& source, const stream_index& index)
    : log_(&source), index_(&index), known_(index.mark().at), known_checksum_(index.mark().checksum) {}

result<bool> stream_reader::catch_up(std::size_t records_max) {
  const std::lock_guard lock{mutex_};
  const auto head = log_->durable();
  if (known_ >= head) return true;
  std::optional<error> wrong;
  read_limits limits;
  limits.records_max = records_max;
  limits.bytes_max = std::size_t{64} << 20;
  auto read = log_->read_durable(known_ + 1, limits, [&](const record_view& record) {
    if (auto ok = take(record); !ok) wrong = ok.error();
    return !wrong;
  });
  if (!wrong)
    if (auto ok = take_rest(); !ok) wrong = ok.error();
  added_ = read_;
  if (wrong) return std::move(*wrong);
  if (!read) return std::move(read).error();
  return known_ >= head;
}

/// Three steps of prefetching, each for a record read some time before; then the oldest record is added.
result<void> stream_reader::take(const record_view& record) {
  constexpr std::uint64_t step = 4;
  auto& made = nth(read_);
  made.stream = record.stream;
  made.hash = hash_of_stream(record.stream);
  made.version = record.version;
  made.at = record.at;
  made.checksum = record.checksum;
  open_.prefetch_slot(made.hash);
  const auto waiting = read_++ - added_;
  if (waiting >= step) open_.prefetch_run(nth(read_ - 1 - step).hash);
  if (waiting >= 2 * step) {
    auto& next = nth(read_ - 1 - 2 * step);
    next.run = open_.prefetch_end(next.hash, next.stream);
  }
  return waiting < 3 * step ? result<void>{} : add(nth(added_++));
}

result<void> stream_reader::take_rest() {
  result<void> ok;
  for (; ok && added_ < read_; ++added_) {
    auto& next = nth(added_);
    next.run = open_.find(next.hash, next.stream);
    ok = add(next);
  }
  return ok;
}

result<void> stream_reader::add(const coming& one) {
  // A record just before it may have begun the stream, after the look-up.
  auto* run = one.run ? one.run : open_.find(one.hash, one.stream);
  if (!run)
    open_.begin(one.hash, one.stream, one.version, one.at);
  else if (const auto expected = run->first + run->count; one.version != expected)
    return gap(one.stream, expected, one.version, one.at);
  else
    open_.add(*run, one.at);
  known_ = one.at;
  known_checksum_ = one.checksum;
  return {};
}

template <class With>
void stream_reader::for_each_run(std::string_view stream, With&& with) const {
  for (const auto& segment : segments_)
    if (const auto* run = segment->find(stream))
      with(run->first, run->positions.size(), [&](std::size_t skip, std::size_t many, std::vector<position>& out) {
        const auto some = run->positions.subspan(skip, many);
        out.insert(out.end(), some.begin(), some.end());
      });
  if (const auto* run = open_.find(hash_of_stream(stream), stream))
    with(run->first, run->count, [&](std::size_t skip, std::size_t many, std::vector<position>& out) { run->copy(skip, many, out); });
}

/// The positions of the versions from `from` to before `end`, as far as the tail has them. `tail_from` becomes the stream's
/// first version in the tail; it stays 0 if there is none.
result<std::vector<position>> stream_reader::find_in_tail(std::string_view stream, version from, version end, version& tail_from) const {
  std::vector<position> positions;
  std::optional<error> wrong;
  const std::lock_guard lock{mutex_};
  for_each_run(stream, [&](version first, std::size_t count, auto&& copy) {
    if (tail_from == 0) tail_from = first;
    const auto next = std::max(from, tail_from) + positions.size();
    if (wrong || next >= end || next >= first + count) return;
    if (next < first)
      wrong = gap(stream, next, first, 0);
    else
      copy(next - first, std::min(end, first + count) - next, positions);
  });
  if (wrong) return std::move(*wrong);
  return positions;
}

/// Looks at the tail first. If the index got some of it meanwhile, that part is ignored.
result<stream_reader::found> stream_reader::find(std::string_view stream, version from, std::size_t max) const {
  version tail_from = 0;
  auto in_tail = find_in_tail(stream, from, from + std::min<std::size_t>(max, ~version{0} - from), tail_from);
  if (!in_tail) return std::move(in_tail).error();
  found all;
  auto& positions = all.positions;
  if (tail_from == 0 || from < tail_from) {
    const auto wanted = tail_from == 0 ? max : std::min<std::size_t>(max, tail_from - from);
    if (auto ok = index_->positions(stream, from, wanted, positions); !ok) return std::move(ok).error();
    if (tail_from != 0 && positions.size() < wanted)
      return noted(*index_, index_damage("the index lacks " + version_of(stream, from + positions.size()) + ", and the log continues with version " +
                                         std::to_string(tail_from)));
    all.indexed = positions.size();
    if (auto wrong = not_of_the_log(stream, from, positions, log_->readable())) return noted(*index_, std::move(*wrong));
  }
  positions.insert(positions.end(), in_tail->begin(), in_tail->end());
  return all;
}

result<version> stream_reader::read(std::string_view stream, version from, std::size_t records_max, const record_visitor& visit) const {
  from = std::max<version>(from, 1);
  const auto all = find(stream, from, records_max);
  if (!all) return all.error();
  auto next = from;
  std::optional<error> wrong;
  auto ok = log_->read_durable_at(all->positions, [&](const record_view& record) {
    if (record.stream != stream || record.version != next) {
      wrong = next - from < all->indexed ? noted(*index_, wrong_place(stream, next, record))
                                         : gap(stream, next, record.stream == stream ? record.version : 0, record.at);
      return false;
    }
    ++next;
    return visit(record);
  });
  if (wrong) return std::move(*wrong);
  if (!ok) return std::move(ok).error();
  return next;
}

result<void> stream_reader::read_on(std::string_view stream, version from, std::size_t records_max, const record_visitor& visit) const {
  constexpr std::size_t part_max = 1'000;
  bool go_on = true;
  for (from = std::max<version>(from, 1); go_on && records_max > 0;) {
    const auto part = std::min(records_max, part_max);
    const auto next = read(stream, from, part, [&](const record_view& record) { return go_on = visit(record); });
    if (!next) return next.error();
    if (*next - from < part) break;
    records_max -= part;
    from = *next;
  }
  return {};
}

result<version> stream_reader::last_version(std::string_view stream) const {
  version last = 0;
  {
    const std::lock_guard lock{mutex_};
    for_each_run(stream, [&](version first, std::size_t count, auto&&) { last = first + count - 1; });
  }
  if (last != 0) return last;
  auto ok = index_->streams(stream, {}, [&](std::string_view name, version newest) {
    if (name == stream) last = newest;
    return false;  // the name itself comes before all names that begin with it
  });
  if (!ok) return std::move(ok).error();
  return last;
}

std::size_t stream_reader::tail_records() const {
  const std::lock_guard lock{mutex_};
  return open_.records() + segment_records_;
}

std::size_t stream_reader::open_records() const {
  const std::lock_guard lock{mutex_};
  return open_.records();
}

position stream_reader::known() const {
  const std::lock_guard lock{mutex_};
  return known_;
}

std::shared_ptr<const tail_segment> stream_reader::take_segment() {
  const std::lock_guard lock{mutex_};
  if (open_.records() == 0) return nullptr;
  std::shared_ptr<const tail_segment> segment = open_.close({known_, known_checksum_});
  segment_records_ += segment->records;
  segments_.push_back(segment);
  return segment;
}

void stream_reader::flushed(const tail_segment& segment) {
  const std::lock_guard lock{mutex_};
  if (segments_.empty() || segments_.front().get() != &segment) detail::broken("segments are flushed out of order");
  segment_records_ -= segment.records;
  segments_.pop_front();
}

}  // namespace annals::store
