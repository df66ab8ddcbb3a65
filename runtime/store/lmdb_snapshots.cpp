// The part of lmdb_index that keeps snapshots of streams.
#include "store/lmdb_index.hpp"
#include "store/stream_key.hpp"

#include <xxhash.h>

#include <algorithm>
#include <array>

namespace annals::store {
namespace {

using numbers = std::array<std::uint64_t, 4>;  // at, checksum, shape, own checksum

std::uint64_t own_checksum(std::string_view key, const numbers& n, std::string_view state) {
  const auto of_numbers = XXH3_64bits_withSeed(n.data(), 3 * sizeof n[0], XXH3_64bits(key.data(), key.size()));
  return XXH3_64bits_withSeed(state.data(), state.size(), of_numbers);
}

std::string value_of(std::string_view key, const snapshot& one) {
  numbers n{one.at, one.checksum, one.shape, 0};
  n[3] = own_checksum(key, n, one.state);
  std::string bytes{reinterpret_cast<const char*>(n.data()), sizeof n};
  return bytes += one.state;
}

/// Null when the bytes are damaged.
std::optional<snapshot> read_value(std::string_view key, const stream_key& of, std::string_view bytes) {
  numbers n;
  if (bytes.size() < sizeof n) return std::nullopt;
  std::memcpy(n.data(), bytes.data(), sizeof n);
  const auto state = bytes.substr(sizeof n);
  if (own_checksum(key, n, state) != n[3]) return std::nullopt;
  return snapshot{std::string{of.stream}, of.version, n[0], n[1], n[2], std::string{state}};
}

/// Goes to the stream's newest one at or below `newest`; MDB_NOTFOUND when there is none.
int seek(MDB_cursor* c, std::string_view stream, version newest, MDB_val& key, MDB_val& val) {
  const auto wanted = key_of(stream, newest);
  key = to_val(wanted);
  int rc = mdb_cursor_get(c, &key, &val, MDB_SET_RANGE);
  if (rc == MDB_NOTFOUND)
    rc = mdb_cursor_get(c, &key, &val, MDB_LAST);
  else if (rc == 0 && to_view(key) != wanted)
    rc = mdb_cursor_get(c, &key, &val, MDB_PREV);
  if (rc != 0) return rc;
  const auto k = parse_stream_key(to_view(key));
  return k && k->stream == stream && k->version <= newest ? 0 : MDB_NOTFOUND;
}

/// Deletes the stream's older ones, all but the newest `kept`.
int drop_older(MDB_txn* txn, MDB_dbi db, std::string_view stream, std::size_t kept) {
  const auto c = open_cursor(txn, db);
  if (!c) return MDB_BAD_TXN;
  MDB_val key{}, val{};
  std::size_t seen = 0;
  int rc = seek(c->get(), stream, ~version{0}, key, val);
  while (rc == 0) {
    const auto k = parse_stream_key(to_view(key));
    if (!k || k->stream != stream) return 0;
    if (++seen > kept) {
      // The cursor stays where the entry was: the one before it is the next older.
      if ((rc = mdb_cursor_del(c->get(), 0))) return rc;
    }
    rc = mdb_cursor_get(c->get(), &key, &val, MDB_PREV);
  }
  return rc == MDB_NOTFOUND ? 0 : rc;
}

}  // namespace

result<void> lmdb_index::keep_snapshots(std::span<const snapshot> taken, std::size_t kept) {
  auto txn = write_transaction::begin(*env_);
  if (!txn) return std::move(txn).error();
  int rc = 0;
  for (const auto& one : taken) {
    const auto key = key_of(one.stream, one.version);
    if ((rc = put(txn->get(), snapshots_, key, value_of(key, one)))) break;
    if ((rc = drop_older(txn->get(), snapshots_, one.stream, kept))) break;
  }
  if (!rc) rc = txn->commit();
  if (rc) return lmdb_error(rc, "writing " + env_->directory().string());
  return {};
}

result<std::optional<snapshot>> lmdb_index::snapshot_of(std::string_view stream, version newest) const {
  const auto txn = read_transaction::begin(*env_);
  if (!txn) return txn.error();
  const auto c = open_cursor(txn->get(), snapshots_);
  if (!c) return c.error();
  MDB_val key{}, val{};
  const int rc = seek(c->get(), stream, newest, key, val);
  if (rc == MDB_NOTFOUND) return std::optional<snapshot>{};
  if (rc) return lmdb_error(rc, "reading the snapshots");
  const auto k = parse_stream_key(to_view(key));
  auto found = read_value(to_view(key), *k, to_view(val));
  if (!found)
    return error{errc::corrupt_record, "a snapshot of stream " + std::string{stream} + " is damaged",
                 "at version " + std::to_string(k->version), 0, k->version};
  return found;
}

result<void> lmdb_index::snapshots(const std::function<bool(const snapshot&)>& visit) const {
  const auto txn = read_transaction::begin(*env_);
  if (!txn) return txn.error();
  const auto c = open_cursor(txn->get(), snapshots_);
  if (!c) return c.error();
  MDB_val key{}, val{};
  int rc = mdb_cursor_get(c->get(), &key, &val, MDB_FIRST);
  for (; rc == 0; rc = mdb_cursor_get(c->get(), &key, &val, MDB_NEXT)) {
    const auto k = parse_stream_key(to_view(key));
    if (!k) continue;
    const auto one = read_value(to_view(key), *k, to_view(val));
    if (!visit(one ? *one : snapshot{std::string{k->stream}, k->version, 0, 0, 0, {}})) return {};
  }
  if (rc != MDB_NOTFOUND) return lmdb_error(rc, "reading the snapshots");
  return {};
}

}  // namespace annals::store
