#include "store/log/front_log.hpp"

#include "store/log/record.hpp"
#include "store/os/files.hpp"
#include "store/os/size_signal.hpp"

#include <algorithm>

namespace annals::store {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t spare_max = 8;

}  // namespace

bool front_log::add_records(std::vector<std::string_view>& records, const front::batch& batch) {
  auto rest = batch.records;
  for (std::uint32_t n = 0; n < batch.count; ++n) {
    const auto size = record_bytes(rest);
    if (size == 0) return false;
    records.push_back(rest.substr(0, size));
    rest.remove_prefix(size);
  }
  return rest.empty();
}

commit_outcome front_log::commit(position first, std::span<const std::string_view> records) {
  if (!lmdb_->is_ours()) return {commit_status::failed, used_after_fork().message()};
  if (stopped_) return {commit_status::failed, "the log failed before"};
  if (!read_only_ && !takes_commits()) return {commit_status::no_space, "there was no space when the store was opened"};
  if (first != durable() + 1) detail::broken("a commit that does not begin after the log's head");
  if (records.empty()) return {commit_status::committed, {}};
  std::uint64_t bytes = 0;
  for (const auto record : records) bytes += record.size();
  const auto needed = front::bytes_of_batch(bytes);
  const bool may_grow = grows_to_ > front_->ring_bytes() && front_->is_empty();
  if (2 * needed > front_->ring_bytes() || !front_->has_room(needed) || may_grow)
    if (auto outcome = make_room(needed)) return std::move(*outcome);
  shared_batch made;
  {
    const std::lock_guard lock{mutex_};
    if (!spare_.empty()) {
      made = std::move(spare_.back());
      spare_.pop_back();
    }
  }
  if (!made) made = std::make_shared<waiting_batch>();
  auto written = front_->append(first, records, made->bytes);
  if (!written) {
    stopped_ = true;
    return {commit_status::failed, written.error().message()};
  }
  made->what = *written;
  last_time_.store(read_record(first + records.size() - 1, records.back())->time, std::memory_order_release);
  {
    const std::lock_guard lock{mutex_};
    waiting_.push_back(std::move(made));
  }
  durable_.store(first + records.size() - 1, std::memory_order_release);
  return {commit_status::committed, {}};
}

/// Makes room for a batch of this many bytes. If the front is full, or the batch is more than half of it, drain() has to
/// empty the front first; then the front grows. Returns nothing if there is room.
std::optional<commit_outcome> front_log::make_room(std::uint64_t needed) {
  constexpr std::uint64_t step = 4;
  const auto now = front_->ring_bytes();
  const bool may_fit = 2 * needed <= now;
  const auto larger = std::max(std::min(step * now, front_bytes_max_), 2 * needed);
  if (2 * needed > std::max(front_bytes_max_, now)) detail::broken("a batch that is more than half of the front");
  if (!front_->is_empty()) {
    wanted_ = grows_to_ = larger;
    return commit_outcome{commit_status::busy, "the front is full"};
  }
  grows_to_ = 0;  // the ring grows now, or the next time it is full
  if (larger <= now) return std::nullopt;
  const auto grown = front_->grow(larger);
  if (grown || (may_fit && grown.error().code == errc::storage_full)) return std::nullopt;
  if (grown.error().code == errc::storage_full) return commit_outcome{commit_status::no_space, grown.error().message()};
  stopped_ = true;
  return commit_outcome{commit_status::failed, grown.error().message()};
}

/// Done on the drainer's thread, so that the journal rarely waits for it. Without space the front stays as it is.
void front_log::lengthen_front() {
  if (const auto wanted = wanted_.exchange(0)) (void)front_->lengthen(wanted);
}

commit_outcome front_log::drain(std::span<const control_entry> decided) {
  if (!read_only_ && !takes_commits() && !stopped_) {
    const auto begun = begin_writing(false, false);
    stopped_ = !begun && begun.error().code != errc::storage_full;
    if (!begun) return {stopped_ ? commit_status::failed : commit_status::no_space, begun.error().message()};
  }
  // A batch stays at its address until this thread removes it, even while others append batches.
  std::vector<const front::batch*> batches;
  {
    const std::lock_guard lock{mutex_};
    std::size_t bytes = 0;
    for (auto i = waiting_.begin(); i != waiting_.end() && bytes < drained_bytes_max; ++i) {
      batches.push_back(&(*i)->what);
      bytes += (*i)->what.records.size();
    }
  }
  std::vector<std::string_view> records;
  for (const auto* batch : batches) add_records(records, *batch);
  const auto next = batches.empty() ? lmdb_->next_in_front() : batches.back()->next;
  auto outcome = lmdb_->take_over(lmdb_->durable() + 1, records, next, decided);
  if (outcome.status == commit_status::failed) stopped_ = true;
  if (outcome.status != commit_status::committed || batches.empty()) return outcome;
  front_->release(next);
  lengthen_front();
  const std::lock_guard lock{mutex_};
  for (auto left = batches.size(); left > 0; --left) {
    if (spare_.size() < spare_max && held_ == 0) spare_.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return outcome;
}

position front_log::durable() const {
  if (beside_writer_) return durable_of_writer();
  return read_only_ ? readable() : durable_.load(std::memory_order_acquire);
}

/// What the other process has in the front, after what is in LMDB. This may include the batch that it is writing now. If it
/// takes batches over and overwrites them meanwhile, the chain ends early, so the result is never more than was written.
position front_log::durable_of_writer() const {
  const auto end = lmdb_->end_now();
  if (!end) return readable();
  auto head = end->head;
  (void)front_->replay(end->next_in_front, head + 1, end->generation, [&](const front::batch& batch) -> result<void> {
    head = batch.first + batch.count - 1;
    return {};
  });
  return std::max(head, readable());
}

position front_log::readable() const {
  const auto head = lmdb_->durable();
  return shown_.empty() ? head : std::max(head, shown_from_ + shown_.size() - 1);
}

result<void> front_log::backup(const fs::path& target) const {
  if (!lmdb_->is_ours()) return used_after_fork();
  const size_signal_blocked guard;
  auto half = files::temporary_for_copy(front_->path().parent_path().parent_path(), target);
  if (!half) return std::move(half).error();
  const auto copy = half->path() / "log";
  if (auto ok = files::create_private_directory(copy); !ok) return ok;
  if (auto ok = lmdb_->copy_to(copy); !ok) return ok;
  if (auto ok = front::create(copy / "front", identity().store_id, front_bytes_min_); !ok) return ok;
  if (auto ok = files::set_modes(half->path(), lmdb_->is_readable_by_group()); !ok) return ok;
  return half->become(target);
}

}  // namespace annals::store
