#include "store/lmdb_index.hpp"

#include "store/stream_key.hpp"

namespace annals::store {
namespace {

constexpr std::uint32_t format_now = 2;

template <class T>
std::string_view bytes_of(const T& v) {
  return {reinterpret_cast<const char*>(&v), sizeof v};
}

position position_at(std::string_view run, std::size_t i) {
  position p = 0;
  std::memcpy(&p, run.data() + i * sizeof p, sizeof p);
  return p;
}

error damaged(std::string_view stream) {
  return {errc::store_failed, "the stream index is damaged", "at stream " + std::string{stream} + ": delete derived/"};
}

/// LMDB's own codes say that the bytes are of no use, those of the system that they cannot be read for now.
error useless_or_failed(int code, std::string_view doing) {
  auto wrong = lmdb_error(code, doing);
  if (code == MDB_NOTFOUND || code == MDB_CORRUPTED || code == MDB_INVALID || code == MDB_VERSION_MISMATCH ||
      code == MDB_INCOMPATIBLE || code == MDB_PAGE_NOTFOUND)
    wrong.code = errc::store_foreign;
  return wrong;
}

}  // namespace

result<std::unique_ptr<lmdb_index>> lmdb_index::open(const std::filesystem::path& directory, const identity& of,
                                                     const environment_options& with) {
  std::unique_ptr<lmdb_index> made{new lmdb_index};
  auto env = lmdb_environment::open(directory, with);
  if (!env) return std::move(env).error();
  made->env_ = std::move(*env);
  if (auto ok = made->open_tables(false, with.read_only); !ok) return std::move(ok).error();
  if (auto ok = made->check(of); !ok) return std::move(ok).error();
  return made;
}

result<std::unique_ptr<lmdb_index>> lmdb_index::create(const std::filesystem::path& directory, const identity& of,
                                                       const environment_options& with) {
  std::unique_ptr<lmdb_index> made{new lmdb_index};
  auto env = lmdb_environment::open(directory, with);
  if (!env) return std::move(env).error();
  made->env_ = std::move(*env);
  if (auto ok = made->open_tables(true, false); !ok) return std::move(ok).error();
  auto txn = write_transaction::begin(*made->env_);
  if (!txn) return std::move(txn).error();
  int rc = put(txn->get(), made->meta_, "format", bytes_of(format_now));
  if (!rc) rc = put(txn->get(), made->meta_, "store", of.store_id);
  if (!rc) rc = put(txn->get(), made->meta_, "history", bytes_of(of.history));
  if (!rc) rc = put(txn->get(), made->meta_, "mark", bytes_of(derived_mark{}));
  if (!rc) rc = txn->commit();
  if (rc) return lmdb_error(rc, "creating " + directory.string());
  return made;
}

result<void> lmdb_index::open_tables(bool create, bool read_only) {
  MDB_txn* txn = nullptr;
  const auto doing = "opening " + env_->directory().string();
  if (const int rc = mdb_txn_begin(env_->get(), nullptr, read_only ? MDB_RDONLY : 0, &txn)) return lmdb_error(rc, doing);
  const unsigned flags = create ? MDB_CREATE : 0;
  int rc = mdb_dbi_open(txn, "runs", flags, &runs_);
  if (!rc) rc = mdb_dbi_open(txn, "snapshots", flags, &snapshots_);
  if (!rc) rc = mdb_dbi_open(txn, "parked", flags, &parked_);
  if (!rc) rc = mdb_dbi_open(txn, "checkpoints", flags, &checkpoints_);
  if (!rc) rc = mdb_dbi_open(txn, "meta", flags, &meta_);
  if (rc) {
    mdb_txn_abort(txn);
    return useless_or_failed(rc, doing);
  }
  rc = mdb_txn_commit(txn);
  if (rc) return lmdb_error(rc, doing);
  return {};
}

result<void> lmdb_index::check(const identity& of) const {
  const auto txn = read_transaction::begin(*env_);
  if (!txn) return txn.error();
  const auto holds = [&](std::string_view name, std::string_view wanted) {
    auto key = to_val(name);
    MDB_val val{};
    return mdb_get(txn->get(), meta_, &key, &val) == 0 && to_view(val) == wanted;
  };
  if (!holds("format", bytes_of(format_now))) return error{errc::store_newer, "derived/", "another format"};
  if (!holds("store", of.store_id)) return error{errc::store_foreign, "derived/", "of another store"};
  if (!holds("history", bytes_of(of.history))) return error{errc::history_differs, "derived/", "of another history"};
  auto key = to_val("mark");
  MDB_val val{};
  if (mdb_get(txn->get(), meta_, &key, &val) != 0 || val.mv_size != sizeof(derived_mark))
    return error{errc::store_foreign, "derived/", "it does not say how far it is"};
  return {};
}

derived_mark lmdb_index::mark() const {
  derived_mark m;
  const auto txn = read_transaction::begin(*env_);
  if (!txn) return m;
  auto key = to_val("mark");
  MDB_val val{};
  if (mdb_get(txn->get(), meta_, &key, &val) == 0 && val.mv_size == sizeof m) std::memcpy(&m, val.mv_data, sizeof m);
  return m;
}

result<void> lmdb_index::flush(std::span<const stream_run> runs, std::span<const named_checkpoint> checkpoints,
                               derived_mark mark) {
  auto txn = write_transaction::begin(*env_);
  if (!txn) return std::move(txn).error();
  int rc = 0;
  for (const auto& run : runs) {
    const std::string_view bytes{reinterpret_cast<const char*>(run.positions.data()),
                                 run.positions.size() * sizeof(position)};
    if ((rc = put(txn->get(), runs_, key_of(run.stream, run.first), bytes))) break;
  }
  for (const auto& c : checkpoints)
    if (!rc) rc = put(txn->get(), checkpoints_, c.name, bytes_of(c.at));
  if (!rc) rc = put(txn->get(), meta_, "mark", bytes_of(mark));
  if (!rc) rc = txn->commit();
  if (rc) return lmdb_error(rc, "writing " + env_->directory().string());
  return {};
}

result<void> lmdb_index::positions(std::string_view stream, version from, std::size_t max,
                                   std::vector<position>& out) const {
  from = std::max<version>(from, 1);
  const auto txn = read_transaction::begin(*env_);
  if (!txn) return txn.error();
  const auto c = open_cursor(txn->get(), runs_);
  if (!c) return c.error();
  // The run that holds `from` begins at or before it: the last key that is not past (stream, from).
  const auto wanted = key_of(stream, from);
  auto key = to_val(wanted);
  MDB_val val{};
  int rc = mdb_cursor_get(c->get(), &key, &val, MDB_SET_RANGE);
  if (rc == MDB_NOTFOUND)
    rc = mdb_cursor_get(c->get(), &key, &val, MDB_LAST);
  else if (rc == 0 && to_view(key) != wanted)
    rc = mdb_cursor_get(c->get(), &key, &val, MDB_PREV);
  for (; rc == 0 && max > 0; rc = mdb_cursor_get(c->get(), &key, &val, MDB_NEXT)) {
    const auto k = parse_stream_key(to_view(key));
    if (!k || val.mv_size % sizeof(position) != 0) return damaged(stream);
    if (k->stream != stream) {
      if (k->stream < stream) continue;
      break;
    }
    const auto run = to_view(val);
    const auto count = run.size() / sizeof(position);
    if (from >= k->version + count) continue;
    if (k->version > from) return damaged(stream);
    for (auto i = from - k->version; i < count && max > 0; ++i, ++from, --max) out.push_back(position_at(run, i));
  }
  if (rc != 0 && rc != MDB_NOTFOUND) return lmdb_error(rc, "reading the stream index");
  return {};
}

result<void> lmdb_index::streams(std::string_view prefix, std::string_view after,
                                 const std::function<bool(std::string_view, version)>& visit) const {
  const auto txn = read_transaction::begin(*env_);
  if (!txn) return txn.error();
  const auto c = open_cursor(txn->get(), runs_);
  if (!c) return c.error();
  const auto begin = after < prefix ? std::string{prefix} : key_of(after, ~version{0});  // behind all that `after` has
  auto key = to_val(begin);
  MDB_val val{};
  std::string stream;
  version last = 0;
  int rc = mdb_cursor_get(c->get(), &key, &val, MDB_SET_RANGE);
  for (; rc == 0; rc = mdb_cursor_get(c->get(), &key, &val, MDB_NEXT)) {
    const auto k = parse_stream_key(to_view(key));
    if (!k) return damaged(to_view(key));
    if (!k->stream.starts_with(prefix)) break;
    if (k->stream != stream) {
      if (!stream.empty() && !visit(stream, last)) return {};
      stream = k->stream;
    }
    last = k->version + val.mv_size / sizeof(position) - 1;
  }
  if (rc != 0 && rc != MDB_NOTFOUND) return lmdb_error(rc, "reading the stream index");
  if (!stream.empty()) visit(stream, last);
  return {};
}

result<void> lmdb_index::runs(std::string_view stream, version from,
                              const std::function<bool(const stream_run&)>& visit) const {
  const auto txn = read_transaction::begin(*env_);
  if (!txn) return txn.error();
  const auto c = open_cursor(txn->get(), runs_);
  if (!c) return c.error();
  const auto wanted = key_of(stream, from);
  auto key = to_val(wanted);
  MDB_val val{};
  std::vector<position> positions;  // LMDB's bytes are not aligned
  int rc = mdb_cursor_get(c->get(), &key, &val, MDB_SET_RANGE);
  for (; rc == 0; rc = mdb_cursor_get(c->get(), &key, &val, MDB_NEXT)) {
    const auto k = parse_stream_key(to_view(key));
    if (!k || val.mv_size % sizeof(position) != 0) return damaged(to_view(key));
    positions.resize(val.mv_size / sizeof(position));
    if (val.mv_size > 0) std::memcpy(positions.data(), val.mv_data, val.mv_size);
    if (!visit({k->stream, k->version, positions})) return {};
  }
  if (rc != MDB_NOTFOUND) return lmdb_error(rc, "reading the stream index");
  return {};
}

result<std::vector<named_checkpoint>> lmdb_index::checkpoints() const {
  const auto txn = read_transaction::begin(*env_);
  if (!txn) return txn.error();
  const auto c = open_cursor(txn->get(), checkpoints_);
  if (!c) return c.error();
  std::vector<named_checkpoint> all;
  MDB_val key{}, val{};
  int rc = mdb_cursor_get(c->get(), &key, &val, MDB_FIRST);
  for (; rc == 0; rc = mdb_cursor_get(c->get(), &key, &val, MDB_NEXT)) {
    auto& one = all.emplace_back(named_checkpoint{std::string{to_view(key)}, 0});
    if (val.mv_size == sizeof one.at) std::memcpy(&one.at, val.mv_data, sizeof one.at);
  }
  if (rc != MDB_NOTFOUND) return lmdb_error(rc, "reading the checkpoints");
  return all;
}

position lmdb_index::checkpoint(std::string_view name) const {
  position at = 0;
  const auto txn = read_transaction::begin(*env_);
  if (!txn) return at;
  auto key = to_val(name);
  MDB_val val{};
  if (mdb_get(txn->get(), checkpoints_, &key, &val) == 0 && val.mv_size == sizeof at)
    std::memcpy(&at, val.mv_data, sizeof at);
  return at;
}

}  // namespace annals::store
