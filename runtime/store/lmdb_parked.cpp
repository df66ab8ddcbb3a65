// The part of lmdb_index that keeps what projections have parked.
#include "store/lmdb_index.hpp"
#include "store/stream_key.hpp"

#include <annals/codec.hpp>

namespace annals::store {
namespace {

/// Deletes all entries of the name.
int drop_all(MDB_txn* txn, MDB_dbi db, std::string_view name) {
  const auto c = open_cursor(txn, db);
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
  // Behind the last entry the cursor is nowhere.
  return rc == MDB_NOTFOUND || rc == EINVAL ? 0 : rc;
}

}  // namespace

result<void> lmdb_index::keep_parked(std::string_view name, std::span<const parked_event> all) {
  auto txn = write_transaction::begin(*env_);
  if (!txn) return std::move(txn).error();
  int rc = drop_all(txn->get(), parked_, name);
  for (auto one = all.begin(); !rc && one != all.end(); ++one) rc = put(txn->get(), parked_, key_of(name, one->at), encoded(*one));
  if (!rc) rc = txn->commit();
  if (rc) return lmdb_error(rc, "writing " + env_->directory().string());
  return {};
}

result<void> lmdb_index::parked(const std::function<bool(std::string_view, const parked_event&)>& visit) const {
  const auto txn = read_transaction::begin(*env_);
  if (!txn) return txn.error();
  const auto c = open_cursor(txn->get(), parked_);
  if (!c) return c.error();
  MDB_val key{}, val{};
  int rc = mdb_cursor_get(c->get(), &key, &val, MDB_FIRST);
  for (; rc == 0; rc = mdb_cursor_get(c->get(), &key, &val, MDB_NEXT)) {
    const auto k = parse_stream_key(to_view(key));
    const auto one = decoded<parked_event>(to_view(val));
    if (!k || !one || one->at != k->version)
      return error{errc::store_failed, "what is parked cannot be read", env_->directory().string() + ": delete it"};
    if (!visit(k->stream, *one)) return {};
  }
  if (rc != MDB_NOTFOUND) return lmdb_error(rc, "reading what is parked");
  return {};
}

}  // namespace annals::store
