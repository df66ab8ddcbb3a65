// A cursor over one table of LMDB's file, as LMDB's own for reading, but one that believes nothing: LMDB follows what stands in
// a page without a look, and a damaged one ends the process. Here a page has to be the one that was asked for, of the kind that
// its place in the tree says, and each node has to lie within it; else the answer is MDB_CORRUPTED, and says which page.
//
// Of what is damaged in a way that looks sound, a key or a value, those take care that read it: records and entries have
// checksums, and positions follow each other. A walk that goes in a circle ends, since a table says how many entries it has.
#pragma once

#include "store/lmdb/page_file.hpp"

#include <lmdb.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace annals::store {

/// What a walk needs of a cursor; LMDB's own, for those who write, is in lmdb.hpp.
class table_cursor {
public:
  virtual ~table_cursor() = default;
  /// As mdb_cursor_get: MDB_FIRST, MDB_LAST, MDB_NEXT, MDB_PREV, MDB_SET and MDB_SET_RANGE. LMDB's codes.
  virtual int get(MDB_val& key, MDB_val& val, MDB_cursor_op op) = 0;
  /// What is damaged, after MDB_CORRUPTED.
  virtual std::string damage() const = 0;
};

class page_cursor final : public table_cursor {
public:
  /// The file outlives it, and the pages do not change: within a read transaction, or no one writes.
  page_cursor(const page_file& file, const lmdb_format::table& table, std::uint64_t last_page)
      : file_(&file), table_(table), last_page_(last_page) {}

  int get(MDB_val& key, MDB_val& val, MDB_cursor_op op) override;
  std::string damage() const override { return file_->damaged(damaged_); }
  const lmdb_format::table& table() const { return table_; }

  /// After MDB_CORRUPTED: the first key that lies behind the damage, by the pages above; empty when none is known.
  std::string_view key_behind_damage() const;

  /// To the leaf where this key is or would be; false where a page is damaged.
  bool seek_leaf(std::string_view key) { return seek(key); }
  /// To the leaf before or after this one; MDB_NOTFOUND where there is none.
  int move_leaf(bool forward);
  /// The page of the entry where it is; for those who check it whole.
  std::uint64_t leaf() const { return levels_[table_.depth - 1].number; }
  /// The pages that lead there, the root first, the leaf last.
  std::uint64_t number_at(unsigned level) const { return levels_[level].number; }
  const char* page_at(unsigned level) const { return levels_[level].page; }

private:
  struct level {
    const char* page;
    std::uint64_t number;
    std::uint32_t index, count;
  };
  bool is_corrupted(std::uint64_t number) {
    damaged_ = number;
    return false;
  }
  bool enter(unsigned at, std::uint64_t number);
  bool key_at(const level& l, std::size_t i, std::string_view& key) const;
  bool descend(unsigned from, bool to_last);
  int compare(std::string_view a, std::string_view b) const;
  bool seek(std::string_view wanted);
  bool are_parted(const level& above, std::size_t i, const level& left, const level& right);
  int move(bool forward);
  int show(MDB_val& key, MDB_val& val);
  bool far_value(std::uint64_t number, std::size_t bytes, MDB_val& val);

  const page_file* file_;
  lmdb_format::table table_;
  std::uint64_t last_page_;
  std::array<level, lmdb_format::depth_max> levels_{};
  unsigned entered_ = 0;         // levels that are sound
  std::uint64_t moved_ = 0;      // since it was placed
  std::uint64_t damaged_ = 0;
};

/// Whether all nodes of this page, which has the right header, lie in it without holes and overlaps, and far values are whole.
bool is_whole_page(const page_file& file, const char* page, std::uint64_t last_page);

/// The table of this name; MDB_NOTFOUND or MDB_CORRUPTED, with what is damaged.
int find_table(const page_file& file, const lmdb_format::meta& m, std::string_view name, lmdb_format::table& into, std::string& damage);

}  // namespace annals::store
