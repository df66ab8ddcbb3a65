#include "store/log/memory_log.hpp"

#include "store/log/record.hpp"

namespace annals::store {

memory_disk::memory_disk(std::uint64_t seed) {
  std::mt19937_64 random{seed};
  identity.store_id = "0123456789abcdef0123456789abcdef";
  identity.history = random() | 1;
}

memory_log::memory_log(std::shared_ptr<memory_disk> disk, bool has_front) : disk_(std::move(disk)), has_front_(has_front) {
  ++disk_->identity.generation;
  readable_ = durable_ = disk_->records.size();
}

position memory_log::durable() const {
  const std::shared_lock lock{mutex_};
  return durable_;
}

position memory_log::readable() const {
  const std::shared_lock lock{mutex_};
  return readable_;
}

void memory_log::set_faults(memory_faults next) {
  const std::unique_lock lock{mutex_};
  faults_ = next;
}

void memory_log::crash() {
  const std::unique_lock lock{mutex_};
  stopped_ = true;
}

void memory_log::block() {
  const std::unique_lock lock{mutex_};
  blocks_ = true;
}

void memory_log::unblock() {
  {
    const std::unique_lock lock{mutex_};
    blocks_ = false;
  }
  unblocked_.notify_all();
}

bool memory_log::is_blocked() const {
  const std::shared_lock lock{mutex_};
  return waits_;
}

bool memory_log::has_failed() const {
  const std::shared_lock lock{mutex_};
  return stopped_;
}

std::size_t memory_log::refused() const {
  const std::shared_lock lock{mutex_};
  return refused_;
}

commit_outcome memory_log::commit(position first, std::span<const std::string_view> records) {
  std::unique_lock lock{mutex_};
  waits_ = blocks_;
  unblocked_.wait(lock, [&] { return !blocks_; });
  waits_ = false;
  if (stopped_) return {commit_status::failed, "the log failed before"};
  if (first != durable_ + 1) detail::broken("a commit that does not begin after the log's head");
  if (records.empty()) return {commit_status::committed, {}};
  if (faults_.no_space > 0) {
    --faults_.no_space;
    ++refused_;
    return {commit_status::no_space, "simulated: no space"};
  }
  if (has_front_ && faults_.busy > 0) {
    --faults_.busy;
    return {commit_status::busy, "simulated: no room"};
  }
  const bool fails = std::exchange(faults_.fail, false);
  if (!fails || faults_.failed_is_durable)
    for (const auto record : records) disk_->records.emplace_back(record);
  if (fails) {
    stopped_ = true;
    return {commit_status::failed, "simulated: the disk failed"};
  }
  durable_ = disk_->records.size();
  const bool lags = faults_.readable_lags || has_front_;
  lock.unlock();
  if (!lags) release();
  return {commit_status::committed, {}};
}

commit_outcome memory_log::drain(std::span<const control_entry> decided) {
  bool moves = false;
  {
    const std::unique_lock lock{mutex_};
    if (stopped_) return {commit_status::failed, "the log failed before"};
    moves = has_front_ && !faults_.readable_lags;
    if (!moves && decided.empty()) return {commit_status::committed, {}};
    if (faults_.drain_no_space > 0) {
      --faults_.drain_no_space;
      return {commit_status::no_space, "simulated: no space in LMDB"};
    }
    stopped_ = std::exchange(faults_.drain_fails, false);
    for (const auto& [key, value] : decided) {
      if (key.empty() || key.size() > 511) detail::broken("a key of the control table has 1 to 511 bytes: " + key);
      if (stopped_ && !faults_.failed_is_durable) break;
      if (value.empty())
        disk_->control.erase(key);
      else
        disk_->control.insert_or_assign(key, value);
    }
    if (stopped_) return {commit_status::failed, "simulated: LMDB's disk failed"};
  }
  if (moves) release();
  return {commit_status::committed, {}};
}

void memory_log::release() {
  position head = 0;
  {
    const std::unique_lock lock{mutex_};
    if (readable_ == durable_) return;
    head = readable_ = durable_;
  }
  if (grown_) grown_(head);
}

timestamp memory_log::last_time() const {
  const std::shared_lock lock{mutex_};
  if (durable_ == 0) return 0;
  const auto last = read_record(durable_, disk_->records[durable_ - 1]);
  return last ? last->time : 0;
}

result<position> memory_log::read(position from, const read_limits& limits, const record_visitor& visit) const {
  return read_up_to(readable(), from, limits, visit);
}

result<position> memory_log::read_durable(position from, const read_limits& limits, const record_visitor& visit) const {
  return read_up_to(durable(), from, limits, visit);
}

result<void> memory_log::read_at(std::span<const position> positions, const record_visitor& visit) const {
  return read_up_to(readable(), positions, visit);
}

result<void> memory_log::read_durable_at(std::span<const position> positions, const record_visitor& visit) const {
  return read_up_to(durable(), positions, visit);
}

std::string_view memory_log::raw(position at) const {
  const std::shared_lock lock{mutex_};
  return disk_->records[at - 1];
}

result<position> memory_log::read_up_to(position head, position from, const read_limits& limits, const record_visitor& visit) const {
  position at = std::max<position>(from, 1);
  std::size_t bytes = 0;
  for (std::size_t n = 0; at <= head && n < limits.records_max && bytes < limits.bytes_max; ++n) {
    const auto bytes_here = raw(at);
    const auto record = read_record(at, bytes_here);
    if (!record) return record.error();
    bytes += bytes_here.size();
    ++at;
    ++visited_;
    if (!visit(*record)) break;
  }
  return at;
}

result<void> memory_log::read_up_to(position head, std::span<const position> positions, const record_visitor& visit) const {
  for (const auto at : positions) {
    if (at == 0 || at > head) return error{errc::corrupt_record, "no record at position " + std::to_string(at), {}, 0, at};
    const auto record = read_record(at, raw(at));
    if (!record) return record.error();
    ++visited_;
    if (!visit(*record)) break;
  }
  return {};
}

result<void> memory_log::control(std::string_view prefix, const control_visitor& visit) const {
  const std::shared_lock lock{mutex_};
  const auto& all = disk_->control;
  for (auto i = all.lower_bound(prefix); i != all.end() && i->first.starts_with(prefix); ++i)
    if (!visit(i->first, i->second)) break;
  return {};
}

result<void> memory_log::backup(const std::filesystem::path& target) const {
  return error{errc::store_unsupported, "a log in memory has no backup", target.string()};
}

}  // namespace annals::store
