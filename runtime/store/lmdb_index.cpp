#include "store/lmdb_index.hpp"

#include <xxhash.h>

namespace annals::store {
namespace {

constexpr std::uint32_t format_now = 3;

template <class T>
std::string_view bytes_of(const T& v) {
  return {reinterpret_cast<const char*>(&v), sizeof v};
}

/// Bytes behind which a checksum stands, of their key and them.
template <class T>
std::string guarded(std::string_view key, const T& v) {
  const auto checksum = XXH3_64bits_withSeed(&v, sizeof v, XXH3_64bits(key.data(), key.size()));
  return std::string{bytes_of(v)}.append(bytes_of(checksum));
}

/// False when they are damaged.
template <class T>
bool read_guarded(std::string_view key, std::string_view bytes, T& into) {
  T v;
  if (bytes.size() < sizeof v) return false;
  std::memcpy(&v, bytes.data(), sizeof v);
  if (guarded(key, v) != bytes) return false;
  into = v;
  return true;
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
  std::unique_ptr<lmdb_index> made{new lmdb_index{with.read_only ? anchored_path{} : anchored_path{directory} / damage_note}};
  auto env = lmdb_environment::open(directory, with);
  if (!env) return std::move(env).error();
  made->env_ = std::move(*env);
  if (auto ok = made->open_tables(false, with.read_only); !ok) return std::move(ok).error();
  if (auto ok = made->check(of); !ok) return std::move(ok).error();
  return made;
}

result<std::unique_ptr<lmdb_index>> lmdb_index::create(const std::filesystem::path& directory, const identity& of,
                                                       const environment_options& with) {
  std::unique_ptr<lmdb_index> made{new lmdb_index{anchored_path{directory} / damage_note}};
  auto env = lmdb_environment::open(directory, with);
  if (!env) return std::move(env).error();
  made->env_ = std::move(*env);
  if (auto ok = made->open_tables(true, false); !ok) return std::move(ok).error();
  auto txn = write_transaction::begin(*made->env_);
  if (!txn) return std::move(txn).error();
  int rc = put(txn->get(), made->meta_, "format", bytes_of(format_now));
  if (!rc) rc = put(txn->get(), made->meta_, "store", of.store_id);
  if (!rc) rc = put(txn->get(), made->meta_, "history", bytes_of(of.history));
  if (!rc) rc = put(txn->get(), made->meta_, "mark", guarded("mark", derived_mark{}));
  if (!rc) rc = made->runs_.begin(txn->get());
  if (!rc) rc = txn->commit();
  if (rc) return lmdb_error(rc, "creating " + directory.string());
  return made;
}

result<void> lmdb_index::open_tables(bool create, bool read_only) {
  MDB_txn* txn = nullptr;
  const auto doing = "opening " + env_->directory().string();
  if (const int rc = mdb_txn_begin(env_->get(), nullptr, read_only ? MDB_RDONLY : 0, &txn)) return lmdb_error(rc, doing);
  const unsigned flags = create ? MDB_CREATE : 0;
  int rc = mdb_dbi_open(txn, "runs", flags, runs_.handle());
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
  derived_mark m;
  if (mdb_get(txn->get(), meta_, &key, &val) != 0 || !read_guarded("mark", to_view(val), m))
    return error{errc::store_foreign, "derived/", "it does not say how far it is"};
  return {};
}

derived_mark lmdb_index::mark() const {
  derived_mark m;
  const auto txn = read_transaction::begin(*env_);
  if (!txn) return m;
  auto key = to_val("mark");
  MDB_val val{};
  if (mdb_get(txn->get(), meta_, &key, &val) == 0) read_guarded("mark", to_view(val), m);
  return m;
}

result<void> lmdb_index::flush(std::span<const stream_run> runs, std::span<const named_checkpoint> checkpoints,
                               derived_mark mark) {
  auto txn = write_transaction::begin(*env_);
  if (!txn) return std::move(txn).error();
  if (auto ok = runs_.write(txn->get(), runs); !ok) return ok;
  int rc = 0;
  for (const auto& c : checkpoints)
    if (!rc) rc = put(txn->get(), checkpoints_, c.name, guarded(c.name, c.at));
  if (!rc) rc = put(txn->get(), meta_, "mark", guarded("mark", mark));
  if (!rc) rc = txn->commit();
  if (rc) return lmdb_error(rc, "writing " + env_->directory().string());
  return {};
}

result<void> lmdb_index::positions(std::string_view stream, version from, std::size_t max,
                                   std::vector<position>& out) const {
  const auto txn = read_transaction::begin(*env_);
  return txn ? runs_.positions(txn->get(), stream, from, max, out) : txn.error();
}

result<void> lmdb_index::streams(std::string_view prefix, std::string_view after,
                                 const std::function<bool(std::string_view, version)>& visit) const {
  const auto txn = read_transaction::begin(*env_);
  return txn ? runs_.streams(txn->get(), prefix, after, visit) : txn.error();
}

result<void> lmdb_index::runs(std::string_view stream, version from,
                              const std::function<bool(const stream_run&)>& visit) const {
  const auto txn = read_transaction::begin(*env_);
  return txn ? runs_.runs(txn->get(), stream, from, visit) : txn.error();
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
    if (!read_guarded(one.name, to_view(val), one.at))
      return error{errc::store_failed, "a checkpoint is damaged", "that of " + one.name + ": delete derived/"};
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
  if (mdb_get(txn->get(), checkpoints_, &key, &val) == 0) read_guarded(name, to_view(val), at);
  return at;
}

}  // namespace annals::store
