#include "store/inspect/verify.hpp"

#include "store/inspect/verify_derived.hpp"
#include "store/read/scan.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace annals::store {
namespace {

error bad(const record_view& r, std::string what) {
  return {errc::corrupt_record, "bad record at position " + std::to_string(r.at), std::move(what), 0, r.at};
}

/// Collects the ranges of positions that cannot be read.
class gaps {
public:
  explicit operator bool() const { return first_.has_value(); }
  void add(error why, position from, position end) {
    if (!first_) first_ = std::move(why);
    lost_ += end - from;
    if (++count_ <= named_max) places_ += (places_.empty() ? "" : ", ") + range(from, end - 1);
  }
  /// The first error, with the number of records that cannot be read and their ranges.
  error found(std::uint64_t read) const {
    auto all = *first_;
    if (!all.detail.empty()) all.detail += "; ";
    all.detail += std::to_string(lost_) + " records cannot be read: " + places_ + (count_ > named_max ? " and more" : "") + "; " +
                  std::to_string(read) + " can be read";
    return all;
  }

private:
  static constexpr std::size_t named_max = 8;
  static std::string range(position from, position to) { return from == to ? std::to_string(from) : std::to_string(from) + "-" + std::to_string(to); }

  std::optional<error> first_;
  std::uint64_t lost_ = 0;
  std::size_t count_ = 0;
  std::string places_;
};

/// Checks the log record by record.
class log_check {
public:
  /// Records are missing before the next one: a stream may continue with a later version, and a command may begin or end among them.
  void exclude() { left_out_ = fresh_ = true; }

  std::optional<error> take(const record_view& r, version newest) {
    if (left_out_ ? r.version <= newest : r.version != newest + 1)
      return bad(r, "stream " + std::string{r.stream} + " goes from version " + std::to_string(newest) + " to " + std::to_string(r.version));
    const bool goes_on = index_ + 1 < count_;
    const bool is_apart = goes_on ? r.index != index_ + 1 || r.count != count_ || r.stream != command_stream_ : r.index != 0;
    if (is_apart && !fresh_) return bad(r, "the events of a command are not together");
    if (r.count == 0 || r.time < time_) return bad(r, r.count == 0 ? "a command without events" : "time goes backward");
    fresh_ = false;
    command_stream_ = r.stream;
    index_ = r.index;
    count_ = r.count;
    time_ = r.time;
    return std::nullopt;
  }

  result<void> end(position head) const {
    if (index_ + 1 < count_) return error{errc::corrupt_record, "the log ends within a command", "of stream " + command_stream_, 0, head};
    return {};
  }

private:
  std::string command_stream_;           // of the command whose events are being read
  std::uint16_t index_ = 0, count_ = 1;  // of the record before
  timestamp time_ = 0;
  bool left_out_ = false, fresh_ = false;  // left_out_: records were missing once; fresh_: just before this record
};

}  // namespace

result<verified> verify(const log& source, const derived_store* derived, const images* models) {
  verified seen;
  seen_streams streams;
  log_check whole;
  std::optional<derived_check> agrees;
  std::optional<error> unreadable;  // of derived state
  if (derived) {
    agrees.emplace(source, *derived, models);
    if (auto ok = agrees->begin(); !ok) {
      unreadable = std::move(ok).error();
      agrees.reset();
    }
  }
  std::optional<error> wrong;
  gaps lost;
  const auto take = [&](const record_view& r) {
    auto found = streams.find(r.stream);
    if (found == streams.end()) found = streams.emplace(r.stream, seen_stream{}).first;
    wrong = whole.take(r, found->second.newest);
    if (!wrong && agrees && !lost) wrong = agrees->take(r, found->second);
    found->second.newest = r.version;
    ++seen.records;
    seen.bytes += r.payload.size();
    return !wrong;
  };
  auto ok = scan(source, 1, take);
  while (!ok && !wrong && ok.error().code == errc::corrupt_record && ok.error().place > 0) {
    const auto from = ok.error().place, end = std::max(source.after_damage(from), from + 1);
    lost.add(std::move(ok).error(), from, end);
    whole.exclude();
    ok = scan(source, end, take);
  }
  if (wrong) return std::move(*wrong);
  if (!ok) return std::move(ok).error();
  if (lost) return lost.found(seen.records);
  if (ok = whole.end(seen.records); !ok) return std::move(ok).error();
  seen.streams = streams.size();
  if (agrees)
    if (ok = agrees->end(seen.records, streams, seen); !ok) {
      if (!agrees->is_unreadable()) return std::move(ok).error();
      unreadable = std::move(ok).error();
    }
  seen.derived_damaged = unreadable.has_value();
  if (unreadable) seen.why_no_derived = unreadable->message();
  if (ok = source.check_files(); !ok) return std::move(ok).error();
  return seen;
}

}  // namespace annals::store
