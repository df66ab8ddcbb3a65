// Opens, fills and damages whole store directories.
#pragma once

#include "store/open_store.hpp"
#include "store/read/stream_reader.hpp"
#include "support/outcomes.hpp"
#include "support/store/sealed.hpp"
#include "support/temporary_directory.hpp"

#include <lmdb.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace stores {

using opened = std::unique_ptr<annals::store::opened>;

inline annals::store::open_options options(std::vector<std::string>* warnings = nullptr) {
  annals::store::open_options with;
  with.log_map_bytes = with.derived_map_bytes = std::uint64_t{1} << 30;
  with.front_bytes_min = with.front_bytes_max = std::uint64_t{1} << 20;
  if (warnings) with.warn = [warnings](const std::string& line) { warnings->push_back(line); };
  return with;
}

inline annals::store::open_options reading() {
  auto with = options();
  with.read_only = true;
  return with;
}

inline annals::result<opened> try_open(const std::filesystem::path& at, annals::store::open_options with = options()) {
  return annals::store::open_store(at, with);
}

/// Brings the index up to the log's head, as the loader and the index writer do.
inline void bring_up(const opened& store) {
  annals::store::stream_reader tail{*store->log, *store->derived};
  while (!tail.catch_up(1'000).value()) {
  }
  if (const auto segment = tail.take_segment()) store->derived->flush(segment->runs, {}, segment->mark).value();
}

/// Appends events to "a-1" up to this version, and brings the index up to date.
inline void fill(const std::filesystem::path& at, annals::version up_to, bool index_too = true) {
  auto store = try_open(at).value();
  if (const auto head = store->log->durable(); head < up_to && !append(*store->log, "a-1", head + 1, up_to))
    annals::detail::broken("the test's store cannot be filled");
  if (index_too) bring_up(store);
}

/// Writes a value into a named table of an LMDB environment that nobody has open; null removes it.
inline void put_raw(const std::filesystem::path& directory, const char* table, std::string name, const std::string* value) {
  MDB_env* env = nullptr;
  MDB_txn* txn = nullptr;
  MDB_dbi db = 0;
  mdb_env_create(&env);
  mdb_env_set_maxdbs(env, 8);
  if (const int rc = mdb_env_open(env, directory.c_str(), 0, 0644)) annals::detail::broken(mdb_strerror(rc));
  mdb_txn_begin(env, nullptr, 0, &txn);
  mdb_dbi_open(txn, table, MDB_CREATE, &db);
  MDB_val key{name.size(), name.data()};
  MDB_val val{value ? value->size() : 0, value ? const_cast<char*>(value->data()) : nullptr};
  if ((value ? mdb_put(txn, db, &key, &val, 0) : mdb_del(txn, db, &key, nullptr)) != 0 || mdb_txn_commit(txn) != 0)
    annals::detail::broken("the table cannot be changed");
  mdb_env_close(env);
}

/// Every file and directory under it, with its contents: to check that a refused operation changed nothing.
std::map<std::string, std::string> everything_in(const std::filesystem::path& directory);

}  // namespace stores
