// Checks that LMDB may write: LMDB follows the numbers in its pages without checking them, and overwrites the pages listed as free.
//
// Opening for writing checks the pages that lead to others, which are few (one in a few hundred), the list of free pages,
// and small tables: each page is of the right kind, none is reached twice or both used and free, and there are as many as
// LMDB has counted. The leaves of large tables are checked when a writer is about to change them, once each: pages that this
// process wrote itself are sound.
#pragma once

#include "store/lmdb/page_cursor.hpp"

#include <annals/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace annals::store {

/// Used by the one writer, by one thread at a time. The file outlives it.
class page_check {
public:
  explicit page_check(const page_file& file) : file_(&file) {}

  /// corrupt_record with the page. The file must be in the state that this meta page describes.
  result<void> begin(const lmdb_format::meta& m);
  /// Checks the pages that lead to this key's leaf, or to where it would be, and the two leaves beside it. Returns 0 or
  /// MDB_CORRUPTED. `again` also checks pages that were sound before, since a disk may return another page than last time;
  /// for tables that are changed in one place.
  int expect(const lmdb_format::meta& m, std::string_view table, std::string_view key, bool again = false);
  /// Checks what every change touches: the table of tables, and the list of free pages unless it is long.
  bool expect_lists(const lmdb_format::meta& m);
  /// What expect() and expect_lists() have found since forget_damage().
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
  std::vector<bool> reached_;  // used while begin() runs
  std::vector<bool> sound_;
  std::string damage_;
};

}  // namespace annals::store
