// Opens a log on disk, and takes over what an earlier process left in its front (the write-ahead log).
#include "store/log/front_log.hpp"

#include "store/log/record.hpp"
#include "store/os/files.hpp"

namespace annals::store {
namespace {

namespace fs = std::filesystem;

/// Why a batch cannot be split into its records after these.
error unreadable(const front::batch& batch, std::span<const std::string_view> records) {
  std::size_t bytes = 0;
  for (const auto record : records) bytes += record.size();
  if (auto newer = newer_record(batch.first + records.size(), batch.records.substr(bytes))) return std::move(*newer);
  return {errc::corrupt_record, "a batch of the front does not hold its records", "at position " + std::to_string(batch.first), 0, batch.first};
}

}  // namespace

result<void> front_log::create(const fs::path& directory, std::uint64_t front_bytes) {
  auto id = lmdb_log::create(directory);
  if (!id) return std::move(id).error();
  return front::create(directory / "front", *id, front_bytes);
}

result<void> front_log::create_copy(const fs::path& directory, std::uint64_t front_bytes, const log_identity& of) {
  if (auto ok = lmdb_log::create_copy(directory, of); !ok) return ok;
  return front::create(directory / "front", of.store_id, front_bytes);
}

result<std::unique_ptr<front_log>> front_log::open(const fs::path& directory, const front_log_options& with) {
  std::unique_ptr<front_log> made{new front_log};
  made->read_only_ = with.read_only;
  made->beside_writer_ = with.beside_writer;
  made->front_bytes_min_ = with.front_bytes_min;
  made->front_bytes_max_ = with.front_bytes_max;
  auto lmdb = lmdb_log::open(directory, {with.map_bytes, with.read_only, false, true});
  if (!lmdb) return std::move(lmdb).error();
  made->lmdb_ = std::move(*lmdb);
  auto opened = front::open(directory / "front", made->identity().store_id, with.read_only);
  if (!opened) return std::move(opened).error();
  made->front_ = std::move(*opened);
  if (with.read_only) {
    if (!with.beside_writer)
      if (auto ok = made->show_front(); !ok) return std::move(ok).error();
    return made;
  }
  auto begun = made->begin_writing(with.new_history, with.accept_loss);
  // A new history cannot begin later: tokens of it are handed out from the start.
  const bool may_wait = !with.new_history && !with.accept_loss && !made->lmdb_->is_restored();
  if (!begun && begun.error().code == errc::storage_full && may_wait) begun = made->read_without_space();
  if (!begun) return std::move(begun).error();
  return made;
}

/// May be called again after a clean abort.
result<void> front_log::begin_writing(bool new_history, bool accept_loss) {
  auto next = lmdb_->durable() + 1;
  if (auto ok = take_front_over(next); !ok) return ok;
  const auto rest = nothing_follows(next);
  if (!rest && (rest.error().code != errc::corrupt_record || !accept_loss)) return rest.error();
  if (auto ok = lmdb_->begin_generation(new_history || !rest); !ok) return ok;
  front_->begin(lmdb_->next_in_front(), identity().generation);
  if (front_->ring_bytes() < front_bytes_min_)
    if (auto ok = front_->grow(front_bytes_min_); !ok && ok.error().code != errc::storage_full) return ok;
  durable_ = lmdb_->durable();
  last_time_ = lmdb_->last_time();
  has_begun_.store(true, std::memory_order_release);
  return {};
}

/// Shows readers everything there is. It must be on the disk before they see it, and syncing needs no space.
result<void> front_log::read_without_space() {
  if (auto ok = lmdb_->sync(); !ok) return ok;
  if (auto ok = front_->sync(); !ok) return ok;
  if (auto ok = show_front(); !ok) return ok;
  durable_ = readable();
  last_time_ = shown_.empty() ? lmdb_->last_time() : read_record(durable_, shown_.back())->time;
  return {};
}

/// Visits the batches that an earlier process answered and LMDB does not have yet; sets `next` to the position after them.
result<void> front_log::follow_front(const std::function<result<void>(const front::batch&, std::span<const std::string_view>)>& visit,
                                     position& next) const {
  const auto end = front_->replay(lmdb_->next_in_front(), next, identity().generation, [&](const front::batch& batch) -> result<void> {
    std::vector<std::string_view> records;
    if (!add_records(records, batch)) return unreadable(batch, records);
    next = batch.first + batch.count;
    return visit(batch, records);
  });
  if (!end) return end.error();
  return {};
}

result<void> front_log::take_front_over(position& next) {
  std::vector<std::string> kept;
  std::size_t bytes = 0;
  const auto first = next;
  auto at = lmdb_->next_in_front();
  const auto take_over = [&]() -> result<void> {
    const std::vector<std::string_view> records(kept.begin(), kept.end());
    const auto outcome = lmdb_->take_over(next - records.size(), records, at);
    kept.clear();
    bytes = 0;
    if (outcome.status == commit_status::committed) return {};
    return error{outcome.status == commit_status::no_space ? errc::storage_full : errc::store_failed, "the front of the log cannot be taken over",
                 outcome.detail};
  };
  auto ok = follow_front(
      [&](const front::batch& batch, std::span<const std::string_view> records) -> result<void> {
        kept.insert(kept.end(), records.begin(), records.end());
        at = batch.next;
        bytes += batch.records.size();
        return bytes < drained_bytes_max ? result<void>{} : take_over();
      },
      next);
  if (ok && !kept.empty()) ok = take_over();
  if (ok) recovered_ = next - first;
  return ok;
}

result<void> front_log::show_front() {
  auto next = shown_from_ = lmdb_->durable() + 1;
  auto ok = follow_front(
      [this](const front::batch&, std::span<const std::string_view> records) -> result<void> {
        shown_.insert(shown_.end(), records.begin(), records.end());
        return {};
      },
      next);
  return ok ? nothing_follows(next) : ok;
}

/// Checks that no answered batch was lost to damage: see front::find_from().
result<void> front_log::nothing_follows(position next) const {
  const auto found = front_->find_from(next, identity().generation);
  if (!found) return found.error();
  if (!*found) return {};
  return error{errc::corrupt_record, front_->path().string(),
               "a batch is damaged: position " + std::to_string(next) + " is missing, and position " + std::to_string(**found) +
                   " is present; open with accept_loss to continue without it",
               0, next};
}

}  // namespace annals::store
