// Appending to and reading the log. Creation, identity and backup are in lmdb_log_identity.cpp.
#include "store/lmdb_log.hpp"

#include "store/lmdb_pages.hpp"
#include "store/record.hpp"

#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>

namespace annals::store {
namespace {

MDB_val key_of(const position& at) { return {sizeof at, const_cast<position*>(&at)}; }

position position_of(const MDB_val& key) {
  position at = 0;
  if (key.mv_size == sizeof at) std::memcpy(&at, key.mv_data, sizeof at);
  return at;
}

error missing(position at) {
  return {errc::corrupt_record, "no record at position " + std::to_string(at), "the log has a gap", 0, at};
}

}  // namespace

int lmdb_log::put_all(MDB_txn* txn, position first, std::span<const std::string_view> records) const {
  MDB_cursor* raw = nullptr;
  if (const int rc = mdb_cursor_open(txn, events_, &raw)) return rc;
  const cursor end{raw};
  for (const auto record : records) {
    auto key = key_of(first);
    auto val = to_val(record);
    if (const int rc = mdb_cursor_put(raw, &key, &val, MDB_APPEND)) return rc;
    ++first;
  }
  return 0;
}

int lmdb_log::put_decided(MDB_txn* txn, std::span<const control_entry> decided) const {
  for (const auto& entry : decided) {
    auto key = to_val(entry.key);
    const int rc = entry.value.empty() ? mdb_del(txn, control_, &key, nullptr) : put(txn, control_, entry.key, entry.value);
    if (rc == MDB_BAD_VALSIZE) detail::broken("a key of the control table has 1 to 511 bytes: " + entry.key);
    if (rc != 0 && rc != MDB_NOTFOUND) return rc;
  }
  return 0;
}

commit_outcome lmdb_log::commit(position first, std::span<const std::string_view> records) {
  return take_over(first, records, next_in_front_);
}

commit_outcome lmdb_log::drain(std::span<const control_entry> decided) {
  return take_over(durable() + 1, {}, next_in_front_, decided);
}

commit_outcome lmdb_log::take_over(position first, std::span<const std::string_view> records, const front::place& next,
                                   std::span<const control_entry> decided) {
  if (!env_->is_ours()) return {commit_status::failed, used_after_fork().message()};
  if (stopped_) return {commit_status::failed, "the log failed before"};
  if (!records.empty() && first != durable() + 1) detail::broken("a commit that does not begin behind the log's head");
  if (records.empty() && decided.empty()) return {commit_status::committed, {}};
  std::size_t bytes = 0;
  for (const auto record : records) bytes += record.size();
  for (const auto& entry : decided) bytes += entry.key.size() + entry.value.size();
  env_->keep_room(2 * bytes);
  auto txn = write_transaction::begin(*env_);
  if (!txn) {
    stopped_ = true;
    return {commit_status::failed, txn.error().message()};
  }
  int rc = put_all(txn->get(), first, records);
  if (rc == 0 && next != next_in_front_) rc = put_place(txn->get(), next);
  if (rc == 0) rc = put_decided(txn->get(), decided);
  if (rc == 0) rc = txn->commit();
  if (rc != 0) {
    { const auto aborted = std::move(*txn); }
    return failed_commit(rc, bytes);
  }
  if (records.empty()) return {commit_status::committed, {}};
  if (next != next_in_front_) next_in_front_ = next;
  last_time_.store(read_record(first + records.size() - 1, records.back())->time, std::memory_order_release);
  head_.store(first + records.size() - 1, std::memory_order_release);
  if (grown_) grown_(durable());
  return {commit_status::committed, {}};
}

/// A clean abort, or the end. LMDB says MDB_PANIC from now on when writing the meta page failed, and reports a short
/// write, which is what a full disk looks like too, as EIO.
commit_outcome lmdb_log::failed_commit(int code, std::size_t bytes) {
  const std::string why = mdb_strerror(code);
  bool full = code == ENOSPC || code == EDQUOT || code == MDB_MAP_FULL;
  struct statvfs disk {};
  int file = -1;
  if (code == EIO && mdb_env_get_fd(env_->get(), &file) == 0 && ::fstatvfs(file, &disk) == 0)
    full = std::uint64_t{disk.f_bavail} * disk.f_frsize < bytes + (std::uint64_t{1} << 20);
  const auto probe = write_transaction::begin(*env_);
  if (full && probe) return {commit_status::no_space, why};
  stopped_ = true;
  return {commit_status::failed, why};
}

position lmdb_log::durable() const {
  if (!read_only_) return head_.load(std::memory_order_acquire);
  // Another process may be writing: its head is what the newest snapshot has.
  const auto txn = read_transaction::begin(*env_);
  if (!txn) return 0;
  const auto head = head_in(txn->get());
  return head ? *head : 0;
}

position lmdb_log::readable() const { return durable(); }

result<position> lmdb_log::head_in(MDB_txn* txn) const {
  auto last = open_cursor(txn, events_);
  if (!last) return std::move(last).error();
  MDB_val key{}, val{};
  const int rc = mdb_cursor_get(last->get(), &key, &val, MDB_LAST);
  if (rc == MDB_NOTFOUND) return position{0};
  if (rc) return lmdb_error(rc, "reading the head of the log");
  return position_of(key);
}

result<position> lmdb_log::read(position from, const read_limits& limits, const record_visitor& visit) const {
  auto at = std::max<position>(from, 1);
  // What is being committed is in LMDB a moment before it is in the head: no reader is to be ahead of the head.
  const auto head = read_only_ ? ~position{0} : durable();
  if (at > head) return at;
  const auto txn = read_transaction::begin(*env_);
  if (!txn) return txn.error();
  const auto events = open_cursor(txn->get(), events_);
  if (!events) return events.error();
  auto key = key_of(at);
  MDB_val val{};
  std::size_t bytes = 0;
  record_view record;
  int rc = mdb_cursor_get(events->get(), &key, &val, MDB_SET_RANGE);
  for (std::size_t n = 0; rc == 0 && at <= head && n < limits.records_max && bytes < limits.bytes_max; ++n) {
    if (position_of(key) != at) return missing(at);
    if (auto ok = read_record(at, to_view(val), record); !ok) return std::move(ok).error();
    bytes += val.mv_size;
    ++at;
    if (!visit(record)) return at;
    rc = mdb_cursor_get(events->get(), &key, &val, MDB_NEXT);
  }
  if (rc != 0 && rc != MDB_NOTFOUND) return lmdb_error(rc, "reading the log at position " + std::to_string(at));
  return at;
}

result<void> lmdb_log::read_at(std::span<const position> positions, const record_visitor& visit) const {
  if (positions.empty()) return {};
  const auto txn = read_transaction::begin(*env_);
  if (!txn) return txn.error();
  const auto events = open_cursor(txn->get(), events_);
  if (!events) return events.error();
  record_view record;
  const auto by_lmdb = [&](position at) -> result<void> {
    auto key = key_of(at);
    MDB_val val{};
    const int rc = mdb_cursor_get(events->get(), &key, &val, MDB_SET);
    if (rc == MDB_NOTFOUND) return missing(at);
    if (rc) return lmdb_error(rc, "reading the log at position " + std::to_string(at));
    return read_record(at, to_view(val), record);
  };
  result<void> done;
  const page_finder finder{txn->get(), main_, "events", leaves_};
  finder.find(positions, [&](position at, std::string_view found) {
    if (found.empty() || !read_record(at, found, record)) done = by_lmdb(at);
    return done && visit(record);
  });
  return done;
}

result<void> lmdb_log::control(std::string_view prefix, const control_visitor& visit) const {
  const auto txn = read_transaction::begin(*env_);
  if (!txn) return txn.error();
  const auto entries = open_cursor(txn->get(), control_);
  if (!entries) return entries.error();
  auto key = to_val(prefix);
  MDB_val val{};
  int rc = mdb_cursor_get(entries->get(), &key, &val, prefix.empty() ? MDB_FIRST : MDB_SET_RANGE);
  for (; rc == 0 && to_view(key).starts_with(prefix); rc = mdb_cursor_get(entries->get(), &key, &val, MDB_NEXT))
    if (!visit(to_view(key), to_view(val))) return {};
  if (rc != 0 && rc != MDB_NOTFOUND) return lmdb_error(rc, "reading the log's control table");
  return {};
}

std::optional<std::uint64_t> lmdb_log::checksum_at(position at) const {
  const auto txn = read_transaction::begin(*env_);
  if (!txn) return std::nullopt;
  auto key = key_of(at);
  MDB_val val{};
  if (mdb_get(txn->get(), events_, &key, &val) != 0) return std::nullopt;
  return record_checksum(to_view(val));
}

}  // namespace annals::store
