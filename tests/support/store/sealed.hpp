// Records and batches for the tests of the store, written as the journal writes them.
#pragma once

#include "store/log/log.hpp"
#include "store/log/record.hpp"

#include <string>
#include <string_view>
#include <vector>

/// A batch of sealed records that continues the log it is for.
class batch {
public:
  explicit batch(annals::position first) : first_(first) {}

  /// Adds a record; fills in what tests may leave out.
  batch& add(annals::record_view r) {
    if (r.type.empty()) r.type = "noted";
    auto& bytes = bytes_.emplace_back();
    annals::store::append_record(bytes, r);
    annals::store::seal_record(bytes.data(), bytes.size(), first_ + bytes_.size() - 1, r.time);
    return *this;
  }
  /// Adds the events `from` to `to` of a stream, each from its own command.
  batch& add(std::string_view stream, annals::version from, annals::version to, std::string_view payload = "payload") {
    for (auto v = from; v <= to; ++v) {
      annals::record_view r;
      r.stream = stream;
      r.version = v;
      r.time = static_cast<annals::timestamp>(1'000 + first_ + bytes_.size());
      r.payload = payload;
      add(r);
    }
    return *this;
  }

  /// Makes the batch durable; it may not be readable yet.
  annals::store::commit_outcome make_durable_in(annals::store::log& log) const {
    const std::vector<std::string_view> records(bytes_.begin(), bytes_.end());
    return log.commit(first_, records);
  }
  /// Makes the batch durable and readable.
  annals::store::commit_outcome commit_to(annals::store::log& log) const {
    const auto outcome = make_durable_in(log);
    if (outcome.status == annals::store::commit_status::committed) (void)log.drain();
    return outcome;
  }

private:
  annals::position first_;
  std::vector<std::string> bytes_;
};

/// The batch that follows the durable records.
inline batch next_of(const annals::store::log& log) { return batch{log.durable() + 1}; }

/// Commits events `from` to `to` of a stream; true if they are durable.
inline bool append(annals::store::log& log, std::string_view stream, annals::version from, annals::version to) {
  return next_of(log).add(stream, from, to).commit_to(log).status == annals::store::commit_status::committed;
}

/// A copy of a record's stream, version, time and payload.
struct kept_record {
  annals::position at = 0;
  std::string stream;
  annals::version version = 0;
  annals::timestamp time = 0;
  std::string payload;

  explicit kept_record(const annals::record_view& r) : at(r.at), stream(r.stream), version(r.version), time(r.time), payload(r.payload) {}
};

/// All records that read() returns from `from` on in one call.
inline std::vector<kept_record> read_all(const annals::store::log& log, annals::position from = 1) {
  std::vector<kept_record> found;
  log.read(from, {1'000'000, std::size_t{1} << 30},
           [&](const annals::record_view& r) {
             found.emplace_back(r);
             return true;
           })
      .value();
  return found;
}

/// The checksum of the readable record at this position.
inline std::uint64_t checksum_at(const annals::store::log& log, annals::position at) {
  std::uint64_t found = 0;
  const annals::position one[] = {at};
  log.read_at(one, [&](const annals::record_view& r) { return found = r.checksum, true; }).value();
  return found;
}
