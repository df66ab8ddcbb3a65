// Appends to the log and reads it. lmdb_log_create.cpp has creation, identity and backup.
#include "store/log/lmdb_log.hpp"

#include "store/lmdb/page_finder.hpp"
#include "store/log/record.hpp"

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

error missing(position at) { return {errc::corrupt_record, "no record at position " + std::to_string(at), "the log has a gap", 0, at}; }

error unreadable(int code, const table_cursor& c, position at) {
  auto why = cursor_error(code, c, "no record at position " + std::to_string(at));
  why.place = at;
  return why;
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

/// Checks that LMDB meets no damaged page where it will write: at the end of the events, and at the control entries to be changed.
int lmdb_log::expect(write_transaction& txn, std::span<const control_entry> decided) const {
  const position end = ~position{0};
  if (const int rc = txn.expect("events", to_view(key_of(end)), true)) return rc;
  if (const int rc = txn.expect("meta", "front", true)) return rc;
  for (const auto& entry : decided)
    if (const int rc = txn.expect("control", entry.key, true)) return rc;
  return 0;
}

commit_outcome lmdb_log::commit(position first, std::span<const std::string_view> records) { return take_over(first, records, next_in_front_); }

commit_outcome lmdb_log::drain(std::span<const control_entry> decided) { return take_over(durable() + 1, {}, next_in_front_, decided); }

commit_outcome lmdb_log::take_over(position first, std::span<const std::string_view> records, const front::place& next,
                                   std::span<const control_entry> decided) {
  if (!env_->is_ours()) return {commit_status::failed, used_after_fork().message()};
  if (stopped_) return {commit_status::failed, "the log failed before"};
  if (!records.empty() && first != durable() + 1) detail::broken("a commit that does not begin after the log's head");
  if (records.empty() && decided.empty()) return {commit_status::committed, {}};
  std::size_t bytes = 0;
  for (const auto record : records) bytes += record.size();
  for (const auto& entry : decided) bytes += entry.key.size() + entry.value.size();
  env_->reserve_room(2 * bytes);
  auto txn = write_transaction::begin(*env_);
  if (!txn) {
    stopped_ = true;
    return {commit_status::failed, txn.error().message()};
  }
  int rc = expect(*txn, decided);
  const auto damage = rc ? txn->damage() : "";
  if (rc == 0)
    rc = unless_broken([&] {
      int put = put_all(txn->get(), first, records);
      if (put == 0 && next != next_in_front_) put = put_place(txn->get(), next);
      return put == 0 ? put_decided(txn->get(), decided) : put;
    });
  if (rc == 0) rc = txn->commit();
  if (rc != 0) {
    {
      const auto aborted = std::move(*txn);
    }
    auto outcome = failed_commit(rc, bytes);
    if (!damage.empty()) outcome.detail = damage;
    return outcome;
  }
  if (records.empty()) return {commit_status::committed, {}};
  if (next != next_in_front_) next_in_front_ = next;
  last_time_.store(read_record(first + records.size() - 1, records.back())->time, std::memory_order_release);
  head_.store(first + records.size() - 1, std::memory_order_release);
  if (grown_) grown_(durable());
  return {commit_status::committed, {}};
}

/// Tells a clean abort from a failure. LMDB returns MDB_PANIC from now on if it could not write the meta page. It reports a
/// short write as EIO, and a full disk looks the same.
commit_outcome lmdb_log::failed_commit(int code, std::size_t bytes) {
  const std::string why = mdb_strerror(code);
  bool full = code == ENOSPC || code == EDQUOT || code == MDB_MAP_FULL;
  struct statvfs disk{};
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
  // Another process may be writing: the newest snapshot has its head.
  const auto txn = read_transaction::begin(*env_);
  const auto head = txn ? head_in(*txn) : txn.error();
  return head ? *head : head_.load(std::memory_order_acquire);
}

position lmdb_log::readable() const { return durable(); }

/// The position of the last record. If a record in the middle is lost, the table has fewer entries than that. If a reader
/// cannot read the last record, it uses the number of entries, since the other records can be read.
result<position> lmdb_log::head_in(const read_transaction& txn) const {
  auto events = txn.open("events");
  if (!events) return std::move(events).error();
  const auto records = events->table().entries;
  MDB_val key{}, val{};
  const int rc = events->get(key, val, MDB_LAST);
  if (rc == MDB_NOTFOUND && records == 0) return position{0};
  const auto last = rc == 0 && key.mv_size == sizeof(position) ? position_of(key) : 0;
  const auto record = last > 0 ? read_record(last, to_view(val)) : missing(records);
  if (record && last >= records) return last;
  if (read_only_) return records;
  if (!record && record.error().code == errc::store_newer) return record.error();
  return rc != 0 && rc != MDB_NOTFOUND ? cursor_error(rc, *events, "reading the head of the log") : missing(records);
}

result<position> lmdb_log::read(position from, const read_limits& limits, const record_visitor& visit) const {
  auto at = std::max<position>(from, 1);
  // A record that is being committed is in LMDB a moment before the head moves: no reader may see past the head.
  const auto head = read_only_ ? ~position{0} : durable();
  if (at > head) return at;
  const auto txn = read_transaction::begin(*env_);
  if (!txn) return txn.error();
  auto events = txn->open("events");
  if (!events) return std::move(events).error();
  auto key = key_of(at);
  MDB_val val{};
  std::size_t bytes = 0;
  record_view record;
  int rc = events->get(key, val, MDB_SET_RANGE);
  for (std::size_t n = 0; rc == 0 && at <= head && n < limits.records_max && bytes < limits.bytes_max; ++n) {
    if (position_of(key) != at) return missing(at);
    if (auto ok = read_record(at, to_view(val), record); !ok) return std::move(ok).error();
    bytes += val.mv_size;
    ++at;
    if (!visit(record)) return at;
    rc = events->get(key, val, MDB_NEXT);
  }
  if (rc != 0 && rc != MDB_NOTFOUND) return unreadable(rc, *events, at);
  return at;
}

result<void> lmdb_log::read_at(std::span<const position> positions, const record_visitor& visit) const {
  if (positions.empty()) return {};
  const auto txn = read_transaction::begin(*env_);
  if (!txn) return txn.error();
  auto events = txn->open("events");
  if (!events) return std::move(events).error();
  record_view record;
  const auto one_by_one = [&](position at) -> result<void> {
    auto key = key_of(at);
    MDB_val val{};
    const int rc = events->get(key, val, MDB_SET);
    if (rc == MDB_NOTFOUND) return missing(at);
    if (rc) return unreadable(rc, *events, at);
    return read_record(at, to_view(val), record);
  };
  result<void> done;
  const page_finder finder{*txn, events->table(), leaves_};
  finder.find(positions, [&](position at, std::string_view found) {
    if (found.empty() || !read_record(at, found, record)) done = one_by_one(at);
    return done && visit(record);
  });
  return done;
}

result<void> lmdb_log::check_files() const {
  const auto txn = read_transaction::begin(*env_);
  if (!txn) return txn.error();
  auto ok = page_check{txn->pages()}.begin(txn->meta());
  if (ok) return ok;
  auto why = std::move(ok).error();
  why.detail = "the records can be read, but the log cannot be written: `annals salvage` copies them to a new store";
  return why;
}

position lmdb_log::after_damage(position at) const {
  const auto txn = read_transaction::begin(*env_);
  auto events = txn ? txn->open("events") : txn.error();
  if (!events) return readable() + 1;
  auto key = key_of(at);
  MDB_val val{};
  const int rc = events->get(key, val, MDB_SET_RANGE);
  if (rc == 0) return std::max(position_of(key), at + 1);
  const auto next = rc == MDB_CORRUPTED ? events->key_after_damage() : std::string_view{};
  const auto after = position_of(to_val(next));
  return after > at ? std::min(after, events->table().entries + 1) : rc == MDB_CORRUPTED && !next.empty() ? at + 1 : events->table().entries + 1;
}

result<void> lmdb_log::control(std::string_view prefix, const control_visitor& visit) const {
  const auto txn = read_transaction::begin(*env_);
  if (!txn) return txn.error();
  auto entries = txn->open("control");
  if (!entries) return std::move(entries).error();
  auto key = to_val(prefix);
  MDB_val val{};
  int rc = entries->get(key, val, prefix.empty() ? MDB_FIRST : MDB_SET_RANGE);
  for (; rc == 0 && to_view(key).starts_with(prefix); rc = entries->get(key, val, MDB_NEXT))
    if (!visit(to_view(key), to_view(val))) return {};
  if (rc != 0 && rc != MDB_NOTFOUND) return cursor_error(rc, *entries, "reading the log's control table");
  return {};
}

std::optional<std::uint64_t> lmdb_log::checksum_at(position at) const {
  const auto txn = read_transaction::begin(*env_);
  auto events = txn ? txn->open("events") : txn.error();
  if (!events) return std::nullopt;
  auto key = key_of(at);
  MDB_val val{};
  if (events->get(key, val, MDB_SET) != 0 || val.mv_size < sizeof(std::uint64_t)) return std::nullopt;
  return record_checksum(to_view(val));
}

}  // namespace annals::store
