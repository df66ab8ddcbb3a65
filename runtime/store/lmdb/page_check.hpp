// That LMDB may write: it follows what its pages say without a look, and what it takes for free it writes over.
//
// Opening looks at the pages that lead to others, which are few (one in some hundred), at the list of free pages, and at small
// tables: that each page is what it has to be, that none is reached twice or is free, and that there are as many as LMDB has
// counted. The leaves of large tables are looked at when a writer is about to change what is in them, once each: what this
// process has written itself is sound.
#pragma once

#include "store/lmdb/page_cursor.hpp"

#include <annals/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace annals::store {

/// Of the one writer; by one thread at a time. The file outlives it.
class page_check {
public:
  explicit page_check(const page_file& file) : file_(&file) {}

  /// corrupt_record with the page. The file has to be as this meta page says.
  result<void> begin(const lmdb_format::meta& m);
  /// The pages that lead to where this key is or would be, and the leaves beside it. 0 or MDB_CORRUPTED. `again`: also those that were
  /// sound before, since a disk may read another page than it did; for tables that are changed in one place.
  int expect(const lmdb_format::meta& m, std::string_view table, std::string_view key, bool again = false);
  /// What every change touches: the table of tables, and the list of free pages unless it is long.
  bool expect_lists(const lmdb_format::meta& m);
  /// What expect() and expect_lists() have found since.
  const std::string& damage() const { return damage_; }
  void forget_damage() { damage_.clear(); }

private:
  struct counted {
    std::uint64_t branches = 0, leaves = 0, entries = 0, far = 0;
  };
  bool walk(const lmdb_format::table& t, std::uint64_t number, unsigned level, bool whole, counted& seen);
  bool take(std::uint64_t number);
  bool table(const lmdb_format::table& t, bool whole, std::string_view name);
  bool free_pages(const lmdb_format::meta& m);
  bool is_list(const lmdb_format::meta& m, const MDB_val& key, const MDB_val& val) const;
  bool tables(const lmdb_format::meta& m);
  bool is_sound(std::uint64_t number, const char* page, std::uint64_t last_page, bool again);
  bool is_sound_path(const page_cursor& c, std::uint64_t last_page, bool again);
  bool wrong(std::uint64_t number) { return damage_ = file_->damaged(number), false; }
  bool wrong(std::string what) { return damage_ = std::move(what), false; }

  const page_file* file_;
  std::uint64_t last_page_ = 0;
  std::vector<bool> reached_;  // while begin() runs
  std::vector<bool> sound_;
  std::string damage_;
};

}  // namespace annals::store
