#include "store/verify.hpp"

#include "store/scan.hpp"
#include "store/verify_derived.hpp"

namespace annals::store {
namespace {

error bad(const record_view& r, std::string what) {
  return {errc::corrupt_record, "bad record at position " + std::to_string(r.at), std::move(what), 0, r.at};
}

/// That the log is whole, record by record.
class log_check {
public:
  std::optional<error> take(const record_view& r, version newest) {
    if (r.version != newest + 1)
      return bad(r, "stream " + std::string{r.stream} + " goes from version " + std::to_string(newest) + " to " +
                        std::to_string(r.version));
    const bool goes_on = index_ + 1 < count_;
    if (goes_on ? r.index != index_ + 1 || r.count != count_ || r.stream != command_stream_ : r.index != 0)
      return bad(r, "the events of a command are not together");
    if (r.count == 0 || r.time < time_) return bad(r, r.count == 0 ? "a command without events" : "time goes backward");
    if (r.index == 0) command_stream_ = r.stream;
    index_ = r.index;
    count_ = r.count;
    time_ = r.time;
    return std::nullopt;
  }

  result<void> end(position head) const {
    if (index_ + 1 < count_)
      return error{errc::corrupt_record, "the log ends within a command", "of stream " + command_stream_, 0, head};
    return {};
  }

private:
  std::string command_stream_;             // of the command whose events are being read
  std::uint16_t index_ = 0, count_ = 1;  // of the record before
  timestamp time_ = 0;
};

}  // namespace

result<verified> verify(const log& source, const index* derived, const images* models) {
  verified seen;
  seen_streams streams;
  log_check whole;
  std::optional<derived_check> agrees;
  if (derived) {
    agrees.emplace(source, *derived, models);
    if (auto ok = agrees->begin(); !ok) return std::move(ok).error();
  }
  std::optional<error> wrong;
  auto ok = scan(source, 1, [&](const record_view& r) {
    auto found = streams.find(r.stream);
    if (found == streams.end()) found = streams.emplace(r.stream, seen_stream{}).first;
    wrong = whole.take(r, found->second.newest);
    if (!wrong && agrees) wrong = agrees->take(r, found->second);
    found->second.newest = r.version;
    ++seen.records;
    seen.bytes += r.payload.size();
    return !wrong;
  });
  if (wrong) return std::move(*wrong);
  if (!ok) return std::move(ok).error();
  if (ok = whole.end(seen.records); !ok) return std::move(ok).error();
  seen.streams = streams.size();
  if (agrees)
    if (ok = agrees->end(seen.records, streams, seen); !ok) return std::move(ok).error();
  return seen;
}

}  // namespace annals::store
