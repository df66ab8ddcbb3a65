#include "store/lmdb/page_finder.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace annals::store {
using namespace lmdb_format;

page_finder::page_finder(const read_transaction& txn, const table& events, leaf_table& leaves)
    : leaves_(&leaves),
      file_(&txn.pages()),
      page_bytes_(file_->page_bytes()),
      last_page_(txn.meta().last_page),
      root_(events.root),
      end_(events.entries + 1),
      depth_(events.depth) {}

const char* page_finder::page(std::uint64_t number) const { return number <= last_page_ ? file_->page(number) : nullptr; }

/// Positions are consecutive, so the key's place follows from the page's range, or is near it.
void page_finder::aim(walk& w) const {
  if (!w.page) return;
  const auto header = read_as<page_header>(w.page);
  w.count = count_of(header);
  if ((header.flags & is_branch) == 0 || w.count == 0 || header.lower > page_bytes_) {
    w.page = nullptr;
    return;
  }
  const auto range = std::max<position>(w.to - w.from, 1);
  w.index = std::min<std::size_t>(w.count - 1, (w.key - w.from) * w.count / range);
  __builtin_prefetch(offset_place(w.page, w.index));
  // Where the node lies if records were only appended to the page.
  __builtin_prefetch(w.page + page_bytes_ - (w.index + 1) * (sizeof(node_header) + sizeof(position)));
}

void page_finder::descend(walk& w) const {
  if (!w.page) return;
  const char* const page_of = std::exchange(w.page, nullptr);
  const auto node = [&](std::size_t i) -> const char* {
    const auto offset = read_as<std::uint16_t>(offset_place(page_of, i));
    const auto bytes = sizeof(node_header) + (i > 0 ? sizeof(position) : 0);
    return offset + bytes <= page_bytes_ ? page_of + offset : nullptr;
  };
  const auto first_key = [&](std::size_t i) -> position {
    if (i == 0) return w.from;
    const char* n = node(i);
    return n ? read_as<position>(n + sizeof(node_header)) : ~position{0};
  };
  auto i = w.index;
  while (i > 0 && first_key(i) > w.key) --i;
  while (i + 1 < w.count && first_key(i + 1) <= w.key) ++i;
  const char* chosen = node(i);
  if (!chosen) return;
  const auto header = read_as<node_header>(chosen);
  w.number = header.low | std::uint64_t{header.high} << 16 | std::uint64_t{header.flags} << 32;
  w.page = page(w.number);
  if (i + 1 < w.count) w.to = first_key(i + 1);
  w.from = first_key(i);
  if (w.page) __builtin_prefetch(w.page);
}

void page_finder::walk_to_leaves(std::span<walk*> walks) const {
  for (auto* w : walks) {
    w->page = depth_ > 0 ? page(root_) : nullptr;
    w->number = root_;
    w->from = 1;
    w->to = end_;
  }
  for (unsigned level = 1; level < depth_; ++level) {
    for (auto* w : walks) aim(*w);
    for (auto* w : walks) descend(*w);
  }
  for (const auto* w : walks)
    if (w->page && w->to < end_) leaves_->add(w->number, w->from, w->to);  // not the last leaf, which still changes
}

void page_finder::begin(std::span<const position> keys) const {
  for (const auto key : keys) leaves_->prefetch(key);
}

void page_finder::go_to_leaves(std::span<const position> keys, std::span<walk> walks) const {
  std::array<walk*, at_once> unknown;
  std::size_t count = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    auto& w = walks[i] = {keys[i]};
    const auto known = leaves_->find(w.key);
    if (known.page != 0 && known.page <= last_page_) {  // not beyond this snapshot: the entry may come from a later one
      w.page = page(known.page);
      w.from = w.key - known.index;
    } else
      unknown[count++] = &w;
  }
  if (count > 0) walk_to_leaves(std::span{unknown}.first(count));
  for (const auto& w : walks)
    if (w.page) {
      __builtin_prefetch(w.page);
      __builtin_prefetch(offset_place(w.page, std::min<std::size_t>(w.key - w.from, page_bytes_ / 4)));
    }
}

void page_finder::go_to_values(std::span<walk> walks) const {
  constexpr std::size_t line = 64;
  for (auto& w : walks) {
    if (!w.page) continue;
    const auto header = read_as<page_header>(w.page);
    const auto i = w.key - w.from;
    if ((header.flags & is_leaf) == 0 || header.lower > page_bytes_ || i >= count_of(header)) continue;
    const std::size_t offset = read_as<std::uint16_t>(offset_place(w.page, i));
    if (offset + sizeof(node_header) + sizeof(position) > page_bytes_) continue;
    w.node = w.page + offset;
    for (std::size_t ahead = 0; ahead < 3 * line; ahead += line) __builtin_prefetch(w.node + ahead);
  }
}

std::string_view page_finder::value_of(const walk& w) const {
  if (!w.node) return {};
  const auto header = read_as<node_header>(w.node);
  const std::size_t bytes = header.low | std::size_t{header.high} << 16;
  const auto left = static_cast<std::size_t>(w.page + page_bytes_ - w.node) - sizeof header - sizeof(position);
  const char* const key = w.node + sizeof header;
  if (header.flags != 0 || header.key_bytes != sizeof(position) || read_as<position>(key) != w.key || bytes > left) return {};
  return {key + sizeof(position), bytes};
}

}  // namespace annals::store
