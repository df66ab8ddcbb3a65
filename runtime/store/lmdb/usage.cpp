#include "store/lmdb/usage.hpp"

#include "store/lmdb/lmdb.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace annals::store {
namespace {

/// Each value lists the pages that one transaction has freed: their number, then the pages.
std::uint64_t count_free(const read_transaction& txn) {
  page_cursor lists{txn.pages(), txn.meta().free, txn.meta().last_page};
  std::uint64_t all = 0;
  MDB_val key{}, list{};
  for (int rc = lists.get(key, list, MDB_FIRST); rc == 0; rc = lists.get(key, list, MDB_NEXT))
    if (list.mv_size >= sizeof(std::uint64_t)) all += lmdb_format::read_as<std::uint64_t>(static_cast<const char*>(list.mv_data));
  return all;
}

/// LMDB shows its reader table as text only: a line for each slot, "PID THREAD TRANSACTION", with "-" for a reader that rests.
struct reader_table {
  std::uint64_t used = 0;
  std::uint64_t oldest = ~std::uint64_t{0};
};
int note_reader(const char* text, void* to) {
  std::string_view line{text};
  line = line.substr(0, line.find_last_not_of(" \n") + 1);
  line = line.substr(line.find_last_of(' ') + 1);
  std::uint64_t transaction = 0;
  const auto [end, wrong] = std::from_chars(line.data(), line.data() + line.size(), transaction);
  auto& table = *static_cast<reader_table*>(to);
  const bool reads = wrong == std::errc{} && end == line.data() + line.size();
  if (reads) table.oldest = std::min(table.oldest, transaction);
  table.used += reads || line == "-";
  return 0;
}

}  // namespace

environment_usage usage_of(lmdb_environment& env) {
  environment_usage seen;
  MDB_envinfo info{};
  if (!env.is_ours() || env.is_broken() || mdb_env_info(env.get(), &info)) return seen;
  seen.map_bytes = info.me_mapsize;
  seen.readers_limit = info.me_maxreaders;
  reader_table table;
  (void)mdb_reader_list(env.get(), note_reader, &table);
  seen.readers = table.used;
  if (table.oldest <= info.me_last_txnid) seen.oldest_reader = info.me_last_txnid - table.oldest;
  const auto txn = read_transaction::begin(env);
  if (!txn) return seen;
  seen.pages_free = count_free(*txn);
  const auto all = txn->meta().last_page + 1;
  seen.pages_used = all - std::min(all, seen.pages_free);
  return seen;
}

}  // namespace annals::store
