// Finds many records of a log at once, with memory fetched ahead.
//
// LMDB walks its tree for one key after the other, and where keys lie scattered each step waits for memory: a stream of
// 1,000 events in a log of 5 M took 1.2 ms, nine tenths of it waiting. Here the walks of some keys go on together, a
// level at a time, and each asks for the memory of its next step before another one goes on.
//
// It reads LMDB's pages by their format (version 1, of all of 0.9), inside a read transaction, whose pages nobody
// changes. Nothing rests on it: what it hands out is believed only when the record's checksum holds, and what it does
// not find LMDB is asked for.
#pragma once

#include "store/lmdb.hpp"

#include <annals/receipt.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace annals::store {

class page_finder {
public:
  static constexpr std::size_t at_once = 16;

  /// A key on its way from the root of the tree to its value.
  struct walk {
    position key;
    const char* page;   // null: given up
    position from, to;  // what the page holds
    std::size_t count;  // of its nodes
    std::size_t index;  // where the key is likely
    const char* node;   // where its value is, if it is; null: not found
  };
  using walks = std::array<walk, at_once>;

  /// `txn` outlives it. The table, one of the main table's, has positions as integer keys.
  page_finder(MDB_txn* txn, MDB_dbi main, std::string_view table);

  /// Goes to where these keys' values are, and has them fetched: let something else be done before they are looked at.
  /// At most `at_once` keys.
  void go(std::span<const position> keys, walks& all) const;

  /// The value, or empty.
  std::string_view value_of(const walk& w) const;

private:
  const char* page(std::uint64_t number) const;
  void aim(walk& w) const;
  void descend(walk& w, bool to_leaf) const;
  void look_up(walk& w) const;

  const char* base_ = nullptr;  // of the map; null: nothing is found
  std::size_t page_bytes_ = 0;
  std::uint64_t last_page_ = 0;
  std::uint64_t root_ = 0;
  std::uint64_t end_ = 0;  // behind the last position, about
  unsigned depth_ = 0;
};

}  // namespace annals::store
