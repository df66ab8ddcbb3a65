#include "store/front_log.hpp"

#include "store/files.hpp"
#include "store/record.hpp"

#include <algorithm>

namespace annals::store {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t drained_bytes_max = std::size_t{16} << 20;  // by one commit of LMDB, passed by at most one batch
constexpr std::size_t spare_max = 8;

/// Adds the records of a batch, one by one; false when they are not what the batch says.
bool add_records(std::vector<std::string_view>& records, const front::batch& batch) {
  auto rest = batch.records;
  for (std::uint32_t n = 0; n < batch.count; ++n) {
    const auto size = record_bytes(rest);
    if (size == 0) return false;
    records.push_back(rest.substr(0, size));
    rest.remove_prefix(size);
  }
  return rest.empty();
}

error torn(const front::batch& batch) {
  return {errc::corrupt_record, "a batch of the front does not hold its records", "at position " + std::to_string(batch.first), 0,
          batch.first};
}

}  // namespace

result<void> front_log::create(const fs::path& directory, std::uint64_t front_bytes) {
  auto id = lmdb_log::create(directory);
  if (!id) return std::move(id).error();
  return front::create(directory / "front", *id, front_bytes);
}

result<std::unique_ptr<front_log>> front_log::open(const fs::path& directory, const front_log_options& with) {
  std::unique_ptr<front_log> made{new front_log};
  made->read_only_ = with.read_only;
  made->beside_writer_ = with.beside_writer;
  auto lmdb = lmdb_log::open(directory, {with.map_bytes, with.read_only, false, true});
  if (!lmdb) return std::move(lmdb).error();
  made->lmdb_ = std::move(*lmdb);
  auto opened = front::open(directory / "front", made->who().store_id, with.read_only);
  if (!opened) return std::move(opened).error();
  made->front_ = std::move(*opened);
  if (with.read_only) {
    if (!with.beside_writer)
      if (auto ok = made->show_front(); !ok) return std::move(ok).error();
    return made;
  }
  auto next = made->lmdb_->durable() + 1;
  if (auto ok = made->take_front_over(next); !ok) return std::move(ok).error();
  const auto rest = made->nothing_is_behind(next);
  if (!rest && (rest.error().code != errc::corrupt_record || !with.accept_loss)) return rest.error();
  if (auto ok = made->lmdb_->begin_generation(with.new_history || !rest); !ok) return std::move(ok).error();
  made->front_->begin(made->lmdb_->next_in_front(), made->who().generation);
  made->durable_ = made->lmdb_->durable();
  made->last_time_ = made->lmdb_->last_time();
  return made;
}

/// Visits what an earlier process answered and LMDB does not have yet; `next` goes behind it.
result<void> front_log::follow_front(
    const std::function<result<void>(const front::batch&, std::span<const std::string_view>)>& visit, position& next) const {
  const auto end = front_->replay(lmdb_->next_in_front(), next, who().generation, [&](const front::batch& batch) -> result<void> {
    std::vector<std::string_view> records;
    if (!add_records(records, batch)) return torn(batch);
    next = batch.first + batch.count;
    return visit(batch, records);
  });
  if (!end) return end.error();
  return {};
}

result<void> front_log::take_front_over(position& next) {
  std::vector<std::string> kept;
  std::size_t bytes = 0;
  auto at = lmdb_->next_in_front();
  const auto take_over = [&]() -> result<void> {
    const std::vector<std::string_view> records(kept.begin(), kept.end());
    const auto outcome = lmdb_->take_over(next - records.size(), records, at);
    kept.clear();
    bytes = 0;
    if (outcome.status == commit_status::committed) return {};
    return error{outcome.status == commit_status::no_space ? errc::storage_full : errc::store_failed,
                 "the front of the log cannot be taken over", outcome.detail};
  };
  auto ok = follow_front(
      [&](const front::batch& batch, std::span<const std::string_view> records) -> result<void> {
        kept.insert(kept.end(), records.begin(), records.end());
        at = batch.next;
        bytes += batch.records.size();
        return bytes < drained_bytes_max ? result<void>{} : take_over();
      },
      next);
  return ok && !kept.empty() ? take_over() : ok;
}

result<void> front_log::show_front() {
  auto next = shown_from_ = lmdb_->durable() + 1;
  auto ok = follow_front(
      [this](const front::batch&, std::span<const std::string_view> records) -> result<void> {
        shown_.insert(shown_.end(), records.begin(), records.end());
        return {};
      },
      next);
  return ok ? nothing_is_behind(next) : ok;
}

/// That no answered batch is lost to decay: see front::find_from().
result<void> front_log::nothing_is_behind(position next) const {
  const auto found = front_->find_from(next, who().generation);
  if (!found) return found.error();
  if (!*found) return {};
  return error{errc::corrupt_record, front_->path().string(),
               "a batch is damaged: position " + std::to_string(next) + " is missing, and position " + std::to_string(**found) +
                   " is there; open with accept_loss to go on without",
               0, next};
}

commit_outcome front_log::commit(position first, std::span<const std::string_view> records) {
  lmdb_->assert_same_process();
  if (stopped_) return {commit_status::failed, "the log failed before"};
  if (first != durable() + 1) detail::broken("a commit that does not begin behind the log's head");
  if (records.empty()) return {commit_status::committed, {}};
  std::uint64_t bytes = 0;
  for (const auto record : records) bytes += record.size();
  const auto needed = front::bytes_of_batch(bytes);
  if (2 * needed > front_->ring_bytes()) detail::broken("a batch that is more than half of the front");
  if (!front_->has_room(needed)) return {commit_status::busy, "the front is full"};
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

commit_outcome front_log::drain(std::span<const control_entry> decided) {
  // A batch stays where it is until this thread takes it off, also while others are put behind it.
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

/// What the other process has in the front, behind what is in LMDB. The batch that it writes at this moment may be among
/// it; what it takes over and writes over meanwhile ends the chain early, and so this is never more than was written.
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
  auto half = files::temporary_beside(target);
  if (!half) return std::move(half).error();
  const auto copy = half->path() / "log";
  std::error_code wrong;
  fs::create_directory(copy, wrong);
  if (wrong) return error{errc::store_failed, "backup to " + target.string(), wrong.message()};
  if (auto ok = lmdb_->copy_to(copy); !ok) return ok;
  if (auto ok = front::create(copy / "front", who().store_id, front_->ring_bytes()); !ok) return ok;
  return half->become(target);
}

}  // namespace annals::store
