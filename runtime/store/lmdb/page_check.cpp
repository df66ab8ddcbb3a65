#include "store/lmdb/page_check.hpp"

#include <algorithm>
#include <utility>

namespace annals::store {

using namespace lmdb_format;

namespace {

constexpr std::uint64_t few_leaves = 64;  // a table with more leaves is not small

}  // namespace

result<void> page_check::begin(const meta& m) {
  last_page_ = m.last_page;
  reached_.assign(last_page_ + 1, false);
  const bool sound = table(m.main, true, "of tables") && tables(m) && table(m.free, true, "of free pages") && free_pages(m);
  reached_ = {};
  if (sound) return {};
  return error{errc::corrupt_record, damage_};
}

bool page_check::take(std::uint64_t number) {
  if (number < 2 || number > last_page_ || reached_[number]) return wrong(number);
  reached_[number] = true;
  return true;
}

/// A damaged page is often simply the wrong page: then the page above it points to it, and the message names either of the two.
bool page_check::walk(const lmdb_format::table& t, std::uint64_t number, unsigned level, bool whole, counted& seen) {
  if (!take(number)) return false;
  const bool leads_on = level + 1 < t.depth;
  if (!leads_on && !whole) return ++seen.leaves, true;
  const char* const page = file_->page(number);
  if (!page) return wrong(number);
  const auto header = read_as<page_header>(page);
  if (header.number != number || header.flags != (leads_on ? is_branch : is_leaf) || header.lower <= sizeof header || header.lower % 2 != 0 ||
      header.lower > header.upper || header.upper > file_->page_bytes() || !is_whole_page(*file_, page, last_page_))
    return wrong(number);
  const auto count = count_of(header);
  if (!leads_on) {
    ++seen.leaves;
    seen.entries += count;
    return true;
  }
  ++seen.branches;
  if (count < 2) return wrong(number);
  for (std::size_t i = 0; i < count; ++i)
    if (!walk(t, child_of(read_as<node_header>(page + read_as<std::uint16_t>(offset_place(page, i)))), level + 1, whole, seen)) return false;
  return true;
}

bool page_check::table(const lmdb_format::table& t, bool whole, std::string_view name) {
  counted seen;
  if (t.root != no_page && !walk(t, t.root, 0, whole, seen)) return false;
  const bool counts = seen.branches == t.branch_pages && seen.leaves == t.leaf_pages && (!whole || seen.entries == t.entries);
  return counts || wrong("the table " + std::string{name} + " in " + file_->path().string() + " does not have the size that it states");
}

bool page_check::tables(const meta& m) {
  page_cursor c{*file_, m.main, m.last_page};
  MDB_val key{}, val{};
  int rc = c.get(key, val, MDB_FIRST);
  for (; rc == 0; rc = c.get(key, val, MDB_NEXT)) {
    const std::string_view name{static_cast<const char*>(key.mv_data), key.mv_size};
    if (val.mv_size != sizeof(lmdb_format::table)) return wrong(c.leaf());
    const auto t = read_as<lmdb_format::table>(static_cast<const char*>(val.mv_data));
    if (t.root == no_page ? t.depth != 0 : t.depth < 1 || t.depth > depth_max) return wrong(c.leaf());
    if ((t.flags & ~integer_keys) != 0) return wrong(c.leaf());
    if (!table(t, t.leaf_pages <= few_leaves, name)) return false;
  }
  return rc == MDB_NOTFOUND || wrong(c.damage());
}

/// The value of an entry: a count, then that many page numbers in descending order.
bool page_check::is_list(const meta& m, const MDB_val& key, const MDB_val& val) const {
  const char* const list = static_cast<const char*>(val.mv_data);
  if (key.mv_size != sizeof(std::uint64_t) || val.mv_size < sizeof(std::uint64_t)) return false;
  const auto count = read_as<std::uint64_t>(list);
  if (read_as<std::uint64_t>(static_cast<const char*>(key.mv_data)) > m.transaction || count > val.mv_size / sizeof count - 1) return false;
  for (std::uint64_t i = 1, before = m.last_page + 1; i <= count; ++i) {
    const auto number = read_as<std::uint64_t>(list + i * sizeof before);
    if (number >= before || number < 2) return false;
    before = number;
  }
  return true;
}

/// Checks that no free page is in use.
bool page_check::free_pages(const meta& m) {
  page_cursor c{*file_, m.free, m.last_page};
  MDB_val key{}, val{};
  int rc = c.get(key, val, MDB_FIRST);
  for (; rc == 0; rc = c.get(key, val, MDB_NEXT)) {
    if (!is_list(m, key, val)) return wrong(c.leaf());
    const char* const list = static_cast<const char*>(val.mv_data);
    for (auto i = read_as<std::uint64_t>(list); i > 0; --i)
      if (!take(read_as<std::uint64_t>(list + i * sizeof i))) return wrong(c.leaf());
  }
  return rc == MDB_NOTFOUND || wrong(c.damage());
}

bool page_check::is_sound(std::uint64_t number, const char* page, std::uint64_t last_page, bool again) {
  if (!again && number < sound_.size() && sound_[number]) return true;
  if (!is_whole_page(*file_, page, last_page)) return wrong(number);
  if (number >= sound_.size()) sound_.resize(std::max<std::size_t>(number + 1, sound_.size() * 2));
  sound_[number] = true;
  return true;
}

bool page_check::is_sound_path(const page_cursor& c, std::uint64_t last_page, bool again) {
  for (unsigned at = 0; at < c.table().depth; ++at)
    if (!is_sound(c.number_at(at), c.page_at(at), last_page, again)) return false;
  return true;
}

int page_check::expect(const meta& m, std::string_view name, std::string_view key, bool again) {
  lmdb_format::table t{};
  if (const int rc = find_table(*file_, m, name, t, damage_)) return rc == MDB_NOTFOUND ? 0 : rc;
  page_cursor c{*file_, t, m.last_page};
  if (t.root == no_page) return 0;
  if (!c.seek_leaf(key)) return damage_ = c.damage(), MDB_CORRUPTED;
  if (!is_sound_path(c, m.last_page, again)) return MDB_CORRUPTED;
  for (const bool forward : {false, true}) {
    auto beside = c;
    const int rc = beside.move_leaf(forward);
    if (rc == MDB_CORRUPTED) damage_ = beside.damage();
    if (rc == MDB_CORRUPTED || (rc == 0 && !is_sound_path(beside, m.last_page, again))) return MDB_CORRUPTED;
  }
  return 0;
}

bool page_check::expect_lists(const meta& m) {
  for (const auto* t : {&m.main, &m.free}) {
    page_cursor c{*file_, *t, m.last_page};
    MDB_val key{}, val{};
    if (t->root == no_page || t->leaf_pages > few_leaves) continue;
    int rc = c.get(key, val, MDB_FIRST);
    for (std::uint64_t leaf = 0; rc == 0; rc = c.get(key, val, MDB_NEXT)) {
      if (std::exchange(leaf, c.leaf()) != c.leaf() && !is_sound_path(c, m.last_page, true)) return false;
      if (t == &m.free && !is_list(m, key, val)) return wrong(c.leaf());
    }
    if (rc != MDB_NOTFOUND) return wrong(c.damage());
  }
  return true;
}

}  // namespace annals::store
