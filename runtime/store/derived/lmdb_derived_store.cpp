#include "store/derived/lmdb_derived_store.hpp"

#include <xxhash.h>

namespace annals::store {
namespace {

constexpr std::uint32_t format_now = 3;

template <class T>
std::string_view bytes_of(const T& v) {
  return {reinterpret_cast<const char*>(&v), sizeof v};
}

/// The bytes of `v`, followed by a checksum of the key and them.
template <class T>
std::string guarded(std::string_view key, const T& v) {
  const auto checksum = XXH3_64bits_withSeed(&v, sizeof v, XXH3_64bits(key.data(), key.size()));
  return std::string{bytes_of(v)}.append(bytes_of(checksum));
}

/// False if the bytes are damaged.
template <class T>
bool read_guarded(std::string_view key, std::string_view bytes, T& into) {
  T v;
  if (bytes.size() < sizeof v) return false;
  std::memcpy(&v, bytes.data(), sizeof v);
  if (guarded(key, v) != bytes) return false;
  into = v;
  return true;
}

/// LMDB's own codes mean that the bytes are useless, those of the system that they cannot be read for now.
error useless_or_failed(int code, std::string_view doing) {
  auto wrong = lmdb_error(code, doing);
  if (code == MDB_NOTFOUND || code == MDB_CORRUPTED || code == MDB_INVALID || code == MDB_VERSION_MISMATCH || code == MDB_INCOMPATIBLE ||
      code == MDB_PAGE_NOTFOUND)
    wrong.code = errc::store_foreign;
  return wrong;
}

/// A derived store with a damaged page is useless.
error useless_if_damaged(error why) {
  if (why.code == errc::corrupt_record) why.code = errc::store_foreign;
  return why;
}

}  // namespace

result<std::unique_ptr<lmdb_derived_store>> lmdb_derived_store::open(const std::filesystem::path& directory, const log_identity& of,
                                                                     const environment_options& with) {
  std::unique_ptr<lmdb_derived_store> made{new lmdb_derived_store{with.read_only ? anchored_path{} : anchored_path{directory} / damage_note}};
  auto env = lmdb_environment::open(directory, with);
  if (!env) return useless_if_damaged(std::move(env).error());
  made->env_ = std::move(*env);
  if (!with.read_only)
    if (auto ok = made->open_tables(false); !ok) return std::move(ok).error();
  const auto is_present = made->check(of);
  if (!is_present) return is_present.error();
  if (!*is_present && !with.read_only)
    if (auto ok = made->adopt(of); !ok) return std::move(ok).error();
  return made;
}

result<std::unique_ptr<lmdb_derived_store>> lmdb_derived_store::create(const std::filesystem::path& directory, const log_identity& of,
                                                                       const environment_options& with) {
  std::unique_ptr<lmdb_derived_store> made{new lmdb_derived_store{anchored_path{directory} / damage_note}};
  auto env = lmdb_environment::open(directory, with);
  if (!env) return std::move(env).error();
  made->env_ = std::move(*env);
  if (auto ok = made->open_tables(true); !ok) return std::move(ok).error();
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

result<void> lmdb_derived_store::open_tables(bool create) {
  auto txn = write_transaction::begin(*env_);
  if (!txn) return useless_if_damaged(std::move(txn).error());
  const unsigned flags = create ? MDB_CREATE : 0;
  int rc = unless_broken([&] {
    int opened = mdb_dbi_open(txn->get(), "runs", flags, runs_.handle());
    if (!opened) opened = mdb_dbi_open(txn->get(), "snapshots", flags, &snapshots_);
    if (!opened) opened = mdb_dbi_open(txn->get(), "parked", flags, &parked_);
    if (!opened) opened = mdb_dbi_open(txn->get(), "checkpoints", flags, &checkpoints_);
    return opened ? opened : mdb_dbi_open(txn->get(), "meta", flags, &meta_);
  });
  if (!rc) rc = txn->commit();
  if (rc) return useless_or_failed(rc, "opening " + env_->directory().string());
  return {};
}

result<void> lmdb_derived_store::adopt(const log_identity& of) {
  auto txn = write_transaction::begin(*env_);
  if (!txn) return std::move(txn).error();
  int rc = unless_broken([&] { return put(txn->get(), meta_, "history", bytes_of(of.history)); });
  if (!rc) rc = txn->commit();
  if (rc) return useless_or_failed(rc, "opening " + env_->directory().string());
  return {};
}

result<bool> lmdb_derived_store::check(const log_identity& of) const {
  const auto txn = read_transaction::begin(*env_);
  if (!txn) return txn.error();
  for (const auto* table : {"runs", "snapshots", "parked", "checkpoints", "meta"})
    if (auto c = txn->open(table); !c) return useless_if_damaged(std::move(c).error());
  const auto holds = [&](std::string_view name, std::string_view wanted) {
    const auto found = txn->find("meta", name);
    return found && *found == wanted;
  };
  if (!holds("format", bytes_of(format_now))) return error{errc::store_newer, "derived/", "another format"};
  if (!holds("store", of.store_id)) return error{errc::store_foreign, "derived/", "of another store"};
  const auto mark = txn->find("meta", "mark");
  derived_mark m;
  if (!mark || !read_guarded("mark", mark->value_or(""), m))
    return error{errc::store_foreign, "derived/", "the mark of the index is missing or damaged"};
  if (holds("history", bytes_of(of.history))) return true;
  for (const auto& one : of.former)
    if (holds("history", bytes_of(one.id)) && m.at <= *fork_of(of.former, one.id)) return false;
  return error{errc::history_differs, "derived/", "of another history"};
}

derived_mark lmdb_derived_store::mark() const {
  derived_mark m;
  const auto txn = read_transaction::begin(*env_);
  if (!txn) return m;
  if (const auto mark = txn->find("meta", "mark")) read_guarded("mark", mark->value_or(""), m);
  return m;
}

result<page_cursor> lmdb_derived_store::open_cursor(const read_transaction& txn, std::string_view table) const {
  auto c = txn.open(table);
  return c || c.error().code != errc::corrupt_record ? c : runs_.damaged(c.error().reason);
}

error lmdb_derived_store::failed(int code, const table_cursor& c, std::string_view doing) const {
  return code == MDB_CORRUPTED ? runs_.damaged(c.damage()) : lmdb_error(code, doing);
}

result<void> lmdb_derived_store::write(const std::function<result<void>(write_transaction&)>& change) {
  const auto broken = [&] { return runs_.damaged("LMDB cannot write to " + env_->directory().string()); };
  if (env_->is_broken()) return broken();
  auto txn = write_transaction::begin(*env_);
  if (!txn) return txn.error().code == errc::corrupt_record ? runs_.damaged(txn.error().reason) : std::move(txn).error();
  auto ok = unless_broken([&] { return change(*txn); });
  const int rc = ok ? txn->commit() : 0;
  if (env_->is_broken()) return broken();
  if (!txn->damage().empty()) return runs_.damaged(txn->damage());
  return rc ? not_written(rc) : ok;
}

error lmdb_derived_store::not_written(int code) const {
  if (is_damage(code)) return runs_.damaged("writing " + env_->directory().string() + ": " + mdb_strerror(code));
  return lmdb_error(code, "writing " + env_->directory().string());
}

result<void> lmdb_derived_store::flush(std::span<const stream_run> runs, std::span<const named_checkpoint> checkpoints, derived_mark mark) {
  return write([&](write_transaction& txn) -> result<void> {
    if (auto ok = runs_.write(txn, runs); !ok) return ok;
    int rc = 0;
    for (const auto& c : checkpoints) {
      if (!rc) rc = txn.expect("checkpoints", c.name);
      if (!rc) rc = put(txn.get(), checkpoints_, c.name, guarded(c.name, c.at));
    }
    if (!rc) rc = txn.expect("meta", "mark");
    if (!rc) rc = put(txn.get(), meta_, "mark", guarded("mark", mark));
    if (rc) return not_written(rc);
    return {};
  });
}

result<void> lmdb_derived_store::positions(std::string_view stream, version from, std::size_t max, std::vector<position>& out) const {
  const auto txn = read_transaction::begin(*env_);
  if (!txn) return txn.error();
  auto c = open_cursor(*txn, "runs");
  return c ? runs_.positions(*c, stream, from, max, out) : std::move(c).error();
}

result<void> lmdb_derived_store::streams(std::string_view prefix, std::string_view after,
                                         const std::function<bool(std::string_view, version)>& visit) const {
  const auto txn = read_transaction::begin(*env_);
  if (!txn) return txn.error();
  auto c = open_cursor(*txn, "runs");
  return c ? runs_.streams(*c, prefix, after, visit) : std::move(c).error();
}

result<void> lmdb_derived_store::runs(std::string_view stream, version from, const std::function<bool(const stream_run&)>& visit) const {
  const auto txn = read_transaction::begin(*env_);
  if (!txn) return txn.error();
  auto c = open_cursor(*txn, "runs");
  return c ? runs_.runs(*c, stream, from, visit) : std::move(c).error();
}

result<std::vector<named_checkpoint>> lmdb_derived_store::checkpoints() const {
  const auto txn = read_transaction::begin(*env_);
  if (!txn) return txn.error();
  auto c = open_cursor(*txn, "checkpoints");
  if (!c) return std::move(c).error();
  std::vector<named_checkpoint> all;
  MDB_val key{}, val{};
  int rc = c->get(key, val, MDB_FIRST);
  for (; rc == 0; rc = c->get(key, val, MDB_NEXT)) {
    auto& one = all.emplace_back(named_checkpoint{std::string{to_view(key)}, 0});
    if (!read_guarded(one.name, to_view(val), one.at))
      return error{errc::store_failed, "a checkpoint is damaged", "owner " + one.name + ": delete derived/"};
  }
  if (rc != MDB_NOTFOUND) return failed(rc, *c, "reading the checkpoints");
  return all;
}

position lmdb_derived_store::checkpoint(std::string_view name) const {
  position at = 0;
  const auto txn = read_transaction::begin(*env_);
  if (!txn) return at;
  if (const auto found = txn->find("checkpoints", name)) read_guarded(name, found->value_or(""), at);
  return at;
}

}  // namespace annals::store
