#include "store/lmdb/page_cursor.hpp"

#include <algorithm>
#include <cstring>

namespace annals::store {

using namespace lmdb_format;

namespace {

std::string_view view_of(const MDB_val& v) { return {static_cast<const char*>(v.mv_data), v.mv_size}; }
MDB_val val_of(std::string_view v) { return {v.size(), const_cast<char*>(v.data())}; }

std::uint64_t pages_of(std::size_t value_bytes, std::size_t page_bytes) { return (sizeof(page_header) + value_bytes + page_bytes - 1) / page_bytes; }

bool is_far_page(const page_file& file, std::uint64_t number, std::size_t bytes, std::uint64_t last_page) {
  const char* const first = number >= 2 && number <= last_page ? file.page(number) : nullptr;
  if (!first) return false;
  const auto header = read_as<page_header>(first);
  const auto pages = header.lower | std::uint64_t{header.upper} << 16;  // a smaller value written over a larger one keeps its pages
  return header.number == number && header.flags == is_overflow && pages >= pages_of(bytes, file.page_bytes()) && pages <= last_page - number + 1 &&
         file.page(number + pages - 1);
}

}  // namespace

bool page_cursor::enter(unsigned at, std::uint64_t number) {
  entered_ = at;
  const char* const page = number >= 2 && number <= last_page_ ? file_->page(number) : nullptr;
  if (!page) return is_corrupted(number);
  const auto header = read_as<page_header>(page);
  const auto kind = at + 1 < table_.depth ? is_branch : is_leaf;
  const bool sound = header.number == number && header.flags == kind && header.lower > sizeof header && header.lower % 2 == 0 &&
                     header.lower <= header.upper && header.upper <= file_->page_bytes();
  if (!sound) return is_corrupted(number);
  levels_[at] = {page, number, 0, static_cast<std::uint32_t>(count_of(header))};
  entered_ = at + 1;
  return true;
}

bool page_cursor::key_at(const level& l, std::size_t i, std::string_view& key) const {
  const std::size_t offset = read_as<std::uint16_t>(offset_place(l.page, i));
  if (offset + sizeof(node_header) > file_->page_bytes()) return false;
  const std::size_t bytes = read_as<node_header>(l.page + offset).key_bytes;
  if (offset + sizeof(node_header) + bytes > file_->page_bytes()) return false;
  key = {l.page + offset + sizeof(node_header), bytes};
  return true;
}

int page_cursor::compare(std::string_view a, std::string_view b) const {
  if ((table_.flags & integer_keys) == 0) return a.compare(b);
  if (a.size() != sizeof(std::uint64_t) || b.size() != sizeof(std::uint64_t)) return a.size() < b.size() ? -1 : 1;
  const auto x = read_as<std::uint64_t>(a.data()), y = read_as<std::uint64_t>(b.data());
  return x < y ? -1 : x > y;
}

/// Descends from level `from` to a leaf, along the first entries or the last ones.
bool page_cursor::descend(unsigned from, bool to_last) {
  for (auto at = from; at < table_.depth; ++at) {
    auto number = table_.root;
    if (at > 0) {
      const auto& above = levels_[at - 1];
      std::string_view key;
      if (!key_at(above, above.index, key)) return is_corrupted(above.number);
      number = child_of(read_as<node_header>(key.data() - sizeof(node_header)));
    }
    if (!enter(at, number)) return false;
    if (to_last) levels_[at].index = levels_[at].count - 1;
  }
  return true;
}

/// Moves to the first entry that is not less than `wanted`, in the leaf where it belongs; this may be one past the leaf's last entry.
bool page_cursor::seek(std::string_view wanted) {
  for (unsigned at = 0; at < table_.depth; ++at) {
    auto number = table_.root;
    std::string_view key;
    if (at > 0) {
      const auto& above = levels_[at - 1];
      if (!key_at(above, above.index, key)) return is_corrupted(above.number);
      number = child_of(read_as<node_header>(key.data() - sizeof(node_header)));
    }
    if (!enter(at, number)) return false;
    auto& here = levels_[at];
    const bool is_branch_page = at + 1 < table_.depth;
    std::uint32_t low = is_branch_page ? 1 : 0, high = here.count;  // the first of a branch has no key
    while (low < high) {
      const auto middle = low + (high - low) / 2;
      if (!key_at(here, middle, key)) return is_corrupted(here.number);
      const int order = compare(key, wanted);
      if (is_branch_page ? order <= 0 : order < 0)
        low = middle + 1;
      else
        high = middle;
    }
    here.index = is_branch_page ? low - 1 : low;
  }
  return true;
}

/// Whether entry `i` of the branch page `above` separates two neighbouring leaves correctly. A walk does not need that key, but a
/// search does, so a walk checks it.
bool page_cursor::are_parted(const level& above, std::size_t i, const level& left, const level& right) {
  std::string_view last, parting, first;
  const bool has_keys = key_at(left, left.count - 1, last) && key_at(above, i, parting) && key_at(right, 0, first);
  return (has_keys && compare(last, parting) < 0 && compare(parting, first) <= 0) || is_corrupted(above.number);
}

int page_cursor::move(bool forward) {
  if (entered_ < table_.depth) return MDB_CORRUPTED;
  if (++moved_ > table_.entries + 1) {
    damaged_ = leaf();
    return MDB_CORRUPTED;
  }
  const unsigned leaves = table_.depth - 1u;
  const auto from = levels_[leaves];
  for (auto at = leaves + 1; at-- > 0u;) {
    auto& here = levels_[at];
    if (forward ? here.index + 1 >= here.count : here.index == 0) continue;
    here.index += forward ? 1 : -1;
    if (at == leaves) return 0;
    const auto& to = levels_[leaves];
    const bool sound = descend(at + 1, !forward) && are_parted(here, forward ? here.index : here.index + 1, forward ? from : to, forward ? to : from);
    return sound ? 0 : MDB_CORRUPTED;
  }
  return MDB_NOTFOUND;
}

int page_cursor::move_leaf(bool forward) {
  auto& here = levels_[table_.depth - 1];
  here.index = forward ? here.count - 1 : 0;
  return move(forward);
}

bool page_cursor::far_value(std::uint64_t number, std::size_t bytes, MDB_val& val) {
  if (!is_far_page(*file_, number, bytes, last_page_)) return is_corrupted(number);
  val = {bytes, const_cast<char*>(file_->page(number) + sizeof(page_header))};
  return true;
}

int page_cursor::show(MDB_val& key, MDB_val& val) {
  const auto& here = levels_[table_.depth - 1];
  damaged_ = here.number;
  std::string_view name;
  if (!key_at(here, here.index, name) || name.empty() || name.size() > key_bytes_max) return MDB_CORRUPTED;
  const auto header = read_as<node_header>(name.data() - sizeof(node_header));
  const auto bytes = value_bytes(header);
  const char* const begin = name.data() + name.size();
  const auto left = static_cast<std::size_t>(here.page + file_->page_bytes() - begin);
  if (header.flags == value_is_elsewhere) {
    if (left < sizeof(std::uint64_t) || !far_value(read_as<std::uint64_t>(begin), bytes, val)) return MDB_CORRUPTED;
  } else {
    if (bytes > left || (header.flags != 0 && header.flags != value_is_table)) return MDB_CORRUPTED;
    val = val_of({begin, bytes});
  }
  key = val_of(name);
  return 0;
}

int page_cursor::get(MDB_val& key, MDB_val& val, MDB_cursor_op op) {
  if (table_.root == no_page || table_.depth == 0) return MDB_NOTFOUND;
  if (op == MDB_NEXT || op == MDB_PREV) {
    const int rc = move(op == MDB_NEXT);
    return rc ? rc : show(key, val);
  }
  moved_ = 0;
  if (op == MDB_FIRST || op == MDB_LAST) return descend(0, op == MDB_LAST) ? show(key, val) : MDB_CORRUPTED;
  const auto wanted = view_of(key);
  if (!seek(wanted)) return MDB_CORRUPTED;
  if (auto& here = levels_[table_.depth - 1]; here.index == here.count) {
    --here.index;
    if (op == MDB_SET) return MDB_NOTFOUND;
    if (const int rc = move(true)) return rc;
  }
  MDB_val found{};
  if (const int rc = show(found, val)) return rc;
  if (op == MDB_SET && compare(view_of(found), wanted) != 0) return MDB_NOTFOUND;
  key = found;
  return 0;
}

std::string_view page_cursor::key_after_damage() const {
  for (auto at = std::min<unsigned>(entered_, table_.depth); at-- > 0u;) {
    const auto& here = levels_[at];
    std::string_view key;
    if (here.index + 1 < here.count && key_at(here, here.index + 1, key) && !key.empty()) return key;
  }
  return {};
}

bool is_whole_page(const page_file& file, const char* page, std::uint64_t last_page) {
  const auto header = read_as<page_header>(page);
  std::size_t sum = header.upper;
  for (std::size_t i = 0; i < count_of(header); ++i) {
    const std::size_t offset = read_as<std::uint16_t>(offset_place(page, i));
    if (offset < header.upper || offset % 2 != 0 || offset + sizeof(node_header) > file.page_bytes()) return false;
    const auto node = read_as<node_header>(page + offset);
    const bool is_in_leaf = header.flags == is_leaf, is_far = is_in_leaf && node.flags == value_is_elsewhere;
    const auto bytes = sizeof node + node.key_bytes + (is_far ? sizeof(std::uint64_t) : is_in_leaf ? value_bytes(node) : 0);
    if (offset + bytes > file.page_bytes() || node.key_bytes > key_bytes_max) return false;
    if (node.key_bytes == 0 && (is_in_leaf || i > 0)) return false;
    if (is_in_leaf && !is_far && node.flags != 0 && node.flags != value_is_table) return false;
    const char* const key_end = page + offset + sizeof node + node.key_bytes;
    if (is_far && !is_far_page(file, read_as<std::uint64_t>(key_end), value_bytes(node), last_page)) return false;
    sum += (bytes + 1) & ~std::size_t{1};
  }
  return sum == file.page_bytes();
}

int find_table(const page_file& file, const meta& m, std::string_view name, table& into, std::string& damage) {
  page_cursor c{file, m.main, m.last_page};
  MDB_val key = val_of(name), val{};
  if (const int rc = c.get(key, val, MDB_SET)) {
    if (rc == MDB_CORRUPTED) damage = c.damage();
    return rc;
  }
  const bool has_table = val.mv_size == sizeof(table);
  if (has_table) into = read_as<table>(static_cast<const char*>(val.mv_data));
  if (has_table && (into.root == no_page ? into.depth == 0 : into.depth >= 1 && into.depth <= depth_max)) return 0;
  damage = c.damage();
  return MDB_CORRUPTED;
}

}  // namespace annals::store
