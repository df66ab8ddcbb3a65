// The part of lmdb_derived_store that keeps snapshots of streams.
#include "store/derived/lmdb_derived_store.hpp"
#include "store/derived/stream_key.hpp"

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

/// Empty if the bytes are damaged.
std::optional<snapshot> read_value(std::string_view key, const stream_key& of, std::string_view bytes) {
  numbers n;
  if (bytes.size() < sizeof n) return std::nullopt;
  std::memcpy(n.data(), bytes.data(), sizeof n);
  const auto state = bytes.substr(sizeof n);
  if (own_checksum(key, n, state) != n[3]) return std::nullopt;
  return snapshot{std::string{of.stream}, of.version, n[0], n[1], n[2], std::string{state}};
}

/// Moves to the stream's newest snapshot at or before version `newest`; MDB_NOTFOUND if there is none.
int seek(table_cursor& c, std::string_view stream, version newest, MDB_val& key, MDB_val& val) {
  const auto wanted = key_of(stream, newest);
  key = to_val(wanted);
  int rc = c.get(key, val, MDB_SET_RANGE);
  if (rc == MDB_NOTFOUND)
    rc = c.get(key, val, MDB_LAST);
  else if (rc == 0 && to_view(key) != wanted)
    rc = c.get(key, val, MDB_PREV);
  if (rc != 0) return rc;
  const auto k = parse_stream_key(to_view(key));
  return k && k->stream == stream && k->version <= newest ? 0 : MDB_NOTFOUND;
}

/// Deletes all snapshots of the stream except the newest `kept`.
int drop_older(MDB_txn* txn, MDB_dbi db, std::string_view stream, std::size_t kept) {
  const auto own = store::open_cursor(txn, db);
  if (!own) return MDB_BAD_TXN;
  writing_cursor c{own->get()};
  MDB_val key{}, val{};
  std::size_t seen = 0;
  int rc = seek(c, stream, ~version{0}, key, val);
  while (rc == 0) {
    const auto k = parse_stream_key(to_view(key));
    if (!k || k->stream != stream) return 0;
    if (++seen > kept) {
      // The cursor stays where the entry was: MDB_PREV moves to the next older one.
      if ((rc = mdb_cursor_del(own->get(), 0))) return rc;
    }
    rc = c.get(key, val, MDB_PREV);
  }
  return rc == MDB_NOTFOUND ? 0 : rc;
}

}  // namespace

result<void> lmdb_derived_store::write_snapshots(std::span<const snapshot> taken, std::size_t kept) {
  return write([&](write_transaction& txn) -> result<void> {
    int rc = 0;
    for (const auto& one : taken) {
      const auto key = key_of(one.stream, one.version);
      // The stream's snapshots, of which the older ones are deleted, are adjacent.
      for (const auto& place : {key_of(one.stream, 0), key, key_of(one.stream, ~version{0})})
        if (!rc) rc = txn.expect("snapshots", place);
      if (!rc) rc = put(txn.get(), snapshots_, key, value_of(key, one));
      if (!rc) rc = drop_older(txn.get(), snapshots_, one.stream, kept);
      if (rc) return not_written(rc);
    }
    return {};
  });
}

result<std::optional<snapshot>> lmdb_derived_store::snapshot_of(std::string_view stream, version newest) const {
  const auto txn = read_transaction::begin(*env_);
  if (!txn) return txn.error();
  auto c = open_cursor(*txn, "snapshots");
  if (!c) return std::move(c).error();
  MDB_val key{}, val{};
  const int rc = seek(*c, stream, newest, key, val);
  if (rc == MDB_NOTFOUND) return std::optional<snapshot>{};
  if (rc) return failed(rc, *c, "reading the snapshots");
  const auto k = parse_stream_key(to_view(key));
  auto found = read_value(to_view(key), *k, to_view(val));
  if (!found)
    return error{errc::corrupt_record, "a snapshot of stream " + std::string{stream} + " is damaged", "at version " + std::to_string(k->version), 0,
                 k->version};
  return found;
}

result<void> lmdb_derived_store::snapshots(const std::function<bool(const snapshot&)>& visit) const {
  const auto txn = read_transaction::begin(*env_);
  if (!txn) return txn.error();
  auto c = open_cursor(*txn, "snapshots");
  if (!c) return std::move(c).error();
  MDB_val key{}, val{};
  int rc = c->get(key, val, MDB_FIRST);
  for (; rc == 0; rc = c->get(key, val, MDB_NEXT)) {
    const auto k = parse_stream_key(to_view(key));
    if (!k) continue;
    const auto one = read_value(to_view(key), *k, to_view(val));
    if (!visit(one ? *one : snapshot{std::string{k->stream}, k->version, 0, 0, 0, {}})) return {};
  }
  if (rc != MDB_NOTFOUND) return failed(rc, *c, "reading the snapshots");
  return {};
}

}  // namespace annals::store
