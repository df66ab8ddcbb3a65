// A read-only cursor over one table of LMDB's file that works as LMDB's own but trusts nothing: LMDB follows page contents
// without checking them, and a damaged page ends the process. Here each page must have the number that was asked for and the
// kind that its place in the tree requires, and each node must lie within its page; else the answer is MDB_CORRUPTED, with the page.
//
// A damaged key or value may still look sound. The callers that read it detect that: records and entries have checksums, and
// positions are consecutive. A walk in a circle ends, because a table says how many entries it has.
#pragma once

#include "store/lmdb/page_file.hpp"

#include <lmdb.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace annals::store {

/// The part of a cursor that a walk needs. lmdb.hpp has LMDB's own cursor, for writers.
class table_cursor {
public:
  virtual ~table_cursor() = default;
  /// As mdb_cursor_get, for MDB_FIRST, MDB_LAST, MDB_NEXT, MDB_PREV, MDB_SET and MDB_SET_RANGE. Returns LMDB's codes.
  virtual int get(MDB_val& key, MDB_val& val, MDB_cursor_op op) = 0;
  /// What is damaged, after MDB_CORRUPTED.
  virtual std::string damage() const = 0;
};

class page_cursor final : public table_cursor {
public:
  /// The file outlives the cursor, and the pages must not change: use it within a read transaction, or while nobody writes.
  page_cursor(const page_file& file, const lmdb_format::table& table, std::uint64_t last_page) : file_(&file), table_(table), last_page_(last_page) {}

  int get(MDB_val& key, MDB_val& val, MDB_cursor_op op) override;
  std::string damage() const override { return file_->damaged(damaged_); }
  const lmdb_format::table& table() const { return table_; }

  /// After MDB_CORRUPTED: the first key after the damage, according to the pages above it; empty if none is known.
  std::string_view key_after_damage() const;

  /// Moves to the leaf where this key is or would be; false if a page is damaged.
  bool seek_leaf(std::string_view key) { return seek(key); }
  /// Moves to the leaf before or after this one; MDB_NOTFOUND if there is none.
  int move_leaf(bool forward);
  /// The page of the current entry, for callers that check the whole page.
  std::uint64_t leaf() const { return levels_[table_.depth - 1].number; }
  /// The pages on the path from the root (level 0) to the leaf.
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
  unsigned entered_ = 0;     // number of levels that are sound
  std::uint64_t moved_ = 0;  // moves since the cursor was placed
  std::uint64_t damaged_ = 0;
};

/// Whether all nodes of this page, whose header was checked, lie in it without holes and overlaps, and values stored elsewhere are whole.
bool is_whole_page(const page_file& file, const char* page, std::uint64_t last_page);

/// Finds the table of this name. Returns 0, MDB_NOTFOUND, or MDB_CORRUPTED with a description in `damage`.
int find_table(const page_file& file, const lmdb_format::meta& m, std::string_view name, lmdb_format::table& into, std::string& damage);

}  // namespace annals::store
