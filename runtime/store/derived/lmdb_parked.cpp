// The part of lmdb_derived_store that keeps parked events.
#include "store/derived/lmdb_derived_store.hpp"
#include "store/derived/stream_key.hpp"

#include <annals/codec.hpp>

namespace annals::store {
namespace {

/// Deletes all entries of the name.
int drop_all(MDB_txn* txn, MDB_dbi db, std::string_view name) {
  const auto c = store::open_cursor(txn, db);
  if (!c) return MDB_BAD_TXN;
  const auto first = key_of(name, 0);
  auto key = to_val(first);
  MDB_val val{};
  int rc = mdb_cursor_get(c->get(), &key, &val, MDB_SET_RANGE);
  for (; rc == 0; rc = mdb_cursor_get(c->get(), &key, &val, MDB_GET_CURRENT)) {
    const auto k = parse_stream_key(to_view(key));
    if (!k || k->stream != name) return 0;
    if ((rc = mdb_cursor_del(c->get(), 0))) return rc;
  }
  // After the last entry was deleted, the cursor points to nothing.
  return rc == MDB_NOTFOUND || rc == EINVAL ? 0 : rc;
}

}  // namespace

result<void> lmdb_derived_store::write_parked(std::string_view name, std::span<const parked_event> all) {
  return write([&](write_transaction& txn) -> result<void> {
    int rc = expect_all(txn, name);
    if (!rc) rc = drop_all(txn.get(), parked_, name);
    for (auto one = all.begin(); !rc && one != all.end(); ++one) {
      rc = txn.expect("parked", key_of(name, one->at));
      if (!rc) rc = put(txn.get(), parked_, key_of(name, one->at), encoded(*one));
    }
    if (rc) return not_written(rc);
    return {};
  });
}

/// Checks that the entries of this name can be deleted.
int lmdb_derived_store::expect_all(write_transaction& txn, std::string_view name) const {
  if (const int rc = txn.expect("parked", key_of(name, 0))) return rc;
  const auto before = read_transaction::begin(*env_);
  auto c = before ? before->open("parked") : before.error();
  if (!c) return MDB_CORRUPTED;
  const auto first = key_of(name, 0);
  auto key = to_val(first);
  MDB_val val{};
  int rc = c->get(key, val, MDB_SET_RANGE);
  for (; rc == 0; rc = c->get(key, val, MDB_NEXT)) {
    const auto k = parse_stream_key(to_view(key));
    if (!k || k->stream != name) return 0;
    if (const int damaged = txn.expect("parked", to_view(key))) return damaged;
  }
  return rc == MDB_NOTFOUND ? 0 : rc;
}

result<void> lmdb_derived_store::parked(const std::function<bool(std::string_view, const parked_event&)>& visit) const {
  const auto txn = read_transaction::begin(*env_);
  if (!txn) return txn.error();
  auto c = open_cursor(*txn, "parked");
  if (!c) return std::move(c).error();
  MDB_val key{}, val{};
  int rc = c->get(key, val, MDB_FIRST);
  for (; rc == 0; rc = c->get(key, val, MDB_NEXT)) {
    const auto k = parse_stream_key(to_view(key));
    const auto one = decoded<parked_event>(to_view(val));
    if (!k || !one || one->at != k->version)
      return error{errc::store_failed, "the parked events cannot be read", "delete " + env_->directory().string()};
    if (!visit(k->stream, *one)) return {};
  }
  if (rc != MDB_NOTFOUND) return failed(rc, *c, "reading the parked events");
  return {};
}

}  // namespace annals::store
