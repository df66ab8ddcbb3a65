// Reads the log: the records that LMDB has, then those that only the front (the write-ahead log) has.
#include "store/log/front_log.hpp"
#include "store/log/record.hpp"

#include <algorithm>

namespace annals::store {

result<position> front_log::read(position from, const read_limits& limits, const record_visitor& visit) const {
  if (shown_.empty()) return lmdb_->read(from, limits, visit);
  std::size_t records = 0, bytes = 0;
  bool go_on = true;
  const auto counted = [&](const record_view& record) {
    ++records;
    return go_on = visit(record);
  };
  const auto next = lmdb_->read(from, limits, counted);
  if (!next) return next;
  auto at = *next;  // continue with what only the front has
  while (go_on && at >= shown_from_ && at - shown_from_ < shown_.size() && records < limits.records_max && bytes < limits.bytes_max) {
    const auto& raw = shown_[at - shown_from_];
    const auto record = read_record(at, raw);
    if (!record) return record.error();
    ++at;
    bytes += raw.size();
    counted(*record);
  }
  return at;
}

result<void> front_log::read_at(std::span<const position> positions, const record_visitor& visit) const {
  if (shown_.empty()) return lmdb_->read_at(positions, visit);
  const auto split = std::lower_bound(positions.begin(), positions.end(), shown_from_);
  const auto in_lmdb = positions.first(static_cast<std::size_t>(split - positions.begin()));
  bool go_on = true;
  auto ok = lmdb_->read_at(in_lmdb, [&](const record_view& record) { return go_on = visit(record); });
  if (!ok) return ok;
  for (const auto at : positions.subspan(in_lmdb.size())) {
    if (!go_on) break;
    if (at - shown_from_ >= shown_.size()) {
      const position one[] = {at};  // a writer has opened the store meanwhile
      if (ok = lmdb_->read_at(one, [&](const record_view& record) { return go_on = visit(record); }); !ok) return ok;
      continue;
    }
    const auto record = read_record(at, shown_[at - shown_from_]);
    if (!record) return record.error();
    go_on = visit(*record);
  }
  return {};
}

std::optional<std::uint64_t> front_log::checksum_at(position at) const {
  if (at < shown_from_ || at - shown_from_ >= shown_.size()) return lmdb_->checksum_at(at);
  return record_checksum(shown_[at - shown_from_]);
}

front_log::held_batches::held_batches(const front_log& of, position first, position last) : of_(&of) {
  const std::lock_guard lock{of.mutex_};
  const auto ends_before = [](const shared_batch& one, position at) { return one->what.first + one->what.count <= at; };
  const auto begins_after = [](position at, const shared_batch& one) { return at < one->what.first; };
  const auto begin = std::lower_bound(of.waiting_.begin(), of.waiting_.end(), first, ends_before);
  all_.assign(begin, std::upper_bound(begin, of.waiting_.end(), last, begins_after));
  ++of.held_;
}

front_log::held_batches::~held_batches() {
  const std::lock_guard lock{of_->mutex_};
  --of_->held_;
}

/// Takes the waiting batches before it reads LMDB: a batch that the drainer removes later is held, one that it removed earlier is in LMDB.
result<position> front_log::read_durable(position from, const read_limits& limits, const record_visitor& visit) const {
  if (read_only_) return read(from, limits, visit);
  const held_batches held{*this, from, ~position{0}};
  const auto& batches = held.all();
  auto left = limits;
  bool go_on = true;
  const auto counted = [&](const record_view& record) {
    --left.records_max;
    left.bytes_max -= std::min<std::size_t>(left.bytes_max, record.stored_bytes);
    return go_on = visit(record);
  };
  auto next = read(from, limits, counted);
  record_view record;
  for (auto batch = batches.begin(); next && go_on && batch != batches.end(); ++batch) {
    auto rest = (*batch)->what.records;
    for (auto at = (*batch)->what.first; go_on && !rest.empty() && left.records_max > 0 && left.bytes_max > 0; ++at) {
      const auto bytes = rest.substr(0, record_bytes(rest));
      rest.remove_prefix(bytes.size());
      if (at < *next) continue;
      if (at > *next) return next;  // LMDB stopped earlier, at a limit
      if (auto ok = read_record(at, bytes, record); !ok) return std::move(ok).error();
      *next = at + 1;
      counted(record);
    }
  }
  return next;
}

result<void> front_log::read_durable_at(std::span<const position> positions, const record_visitor& visit) const {
  if (read_only_ || positions.empty() || positions.back() <= lmdb_->durable()) return read_at(positions, visit);
  const held_batches held{*this, positions.front(), positions.back()};
  const auto& batches = held.all();
  const auto first = batches.empty() ? ~position{0} : batches.front()->what.first;
  const auto in_lmdb = positions.first(static_cast<std::size_t>(std::lower_bound(positions.begin(), positions.end(), first) - positions.begin()));
  bool go_on = true;
  if (auto ok = read_at(in_lmdb, [&](const record_view& record) { return go_on = visit(record); }); !ok) return ok;
  auto wanted = positions.begin() + static_cast<std::ptrdiff_t>(in_lmdb.size());
  record_view record;
  for (const auto& batch : batches) {
    auto rest = batch->what.records;
    for (auto at = batch->what.first; go_on && wanted != positions.end() && !rest.empty(); ++at) {
      const auto bytes = rest.substr(0, record_bytes(rest));
      rest.remove_prefix(bytes.size());
      if (at != *wanted) continue;
      if (auto ok = read_record(at, bytes, record); !ok) return ok;
      ++wanted;
      go_on = visit(record);
    }
  }
  if (go_on && wanted != positions.end()) return error{errc::corrupt_record, "no record at position " + std::to_string(*wanted), {}, 0, *wanted};
  return {};
}

}  // namespace annals::store
