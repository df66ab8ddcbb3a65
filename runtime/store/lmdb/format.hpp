// The bytes of LMDB's file, format version 1 (all of LMDB 0.9): what annals reads without LMDB, which trusts every byte.
//
//   file   = page*                    pages 0 and 1 are meta pages; the one with the higher transaction is current
//   page   = header, then what its kind says
//   branch = node offsets:u16*, free space, nodes       a node: the child's number in low, high and flags; key (none in the first)
//   leaf   = the same                                   a node: size of the value; key; the value, or the page where it is stored
//   elsewhere (overflow) = header, in which lower and upper are the number of pages as u32, then the value
//
// Transaction n writes meta page n mod 2. The named tables are values in the main table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace annals::store::lmdb_format {

constexpr std::uint64_t no_page = ~std::uint64_t{0};  // the root of an empty table
constexpr unsigned depth_max = 32;                    // as many as LMDB's cursor can hold
constexpr std::size_t key_bytes_max = 511;

struct table {
  std::uint32_t pad;  // in the free list's table: bytes in a page
  std::uint16_t flags;
  std::uint16_t depth;
  std::uint64_t branch_pages;
  std::uint64_t leaf_pages;
  std::uint64_t overflow_pages;
  std::uint64_t entries;
  std::uint64_t root;
};
static_assert(sizeof(table) == 48);
constexpr std::uint16_t integer_keys = 0x08;

struct page_header {
  std::uint64_t number;
  std::uint16_t pad;
  std::uint16_t flags;
  std::uint16_t lower;  // end of the offsets
  std::uint16_t upper;  // start of the nodes
};
static_assert(sizeof(page_header) == 16);
constexpr std::uint16_t is_branch = 0x01, is_leaf = 0x02, is_overflow = 0x04;

struct meta {
  std::uint32_t magic;
  std::uint32_t version;
  std::uint64_t address;
  std::uint64_t map_bytes;
  table free;
  table main;
  std::uint64_t last_page;
  std::uint64_t transaction;
};
static_assert(sizeof(meta) == 136);
constexpr std::uint32_t magic = 0xBEEFC0DE;

struct node_header {
  std::uint16_t low;
  std::uint16_t high;
  std::uint16_t flags;
  std::uint16_t key_bytes;
};
static_assert(sizeof(node_header) == 8);
constexpr std::uint16_t value_is_elsewhere = 0x01, value_is_table = 0x02;

template <class T>
T read_as(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

inline std::size_t count_of(const page_header& h) { return h.lower < sizeof h ? 0 : (h.lower - sizeof h) / sizeof(std::uint16_t); }
inline const char* offset_place(const char* page, std::size_t i) { return page + sizeof(page_header) + i * sizeof(std::uint16_t); }
inline std::uint64_t child_of(const node_header& h) { return h.low | std::uint64_t{h.high} << 16 | std::uint64_t{h.flags} << 32; }
inline std::size_t value_bytes(const node_header& h) { return h.low | std::size_t{h.high} << 16; }

}  // namespace annals::store::lmdb_format
