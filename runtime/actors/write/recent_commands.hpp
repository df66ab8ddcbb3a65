// The command ids that an aggregate remembers (rule 3): at least the last 100, so that a repeat is recognized without reading the log,
// and, once it had to search the stream, the ids found there. Ids are stored as 128-bit hashes. An aggregate does not know positions: a
// fence gives an upper bound for everything before it, which is enough to decide what may be forgotten.
#pragma once

#include <annals/receipt.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace annals::actors {

struct remembered {
  std::uint64_t id_low = 0;
  std::uint64_t id_high = 0;
  std::uint64_t fingerprint = 0;
  annals::version version = 0;  // of the stream after the command's events

  static remembered as(std::string_view id, std::uint64_t fingerprint, annals::version version);
};

class recent_commands {
public:
  static constexpr std::uint64_t remembered_min = 100;
  /// After a search in the stream, this many are kept, however old: a sender that omits `since` is likely to do it again.
  static constexpr std::uint64_t remembered_max = std::uint64_t{1} << 20;
  /// More records than commands in flight can reach back. Ids at least this far before the head may be forgotten.
  static constexpr position window = 200'000;

  const remembered* find(std::string_view id) const;
  void remember(std::string_view id, std::uint64_t fingerprint, annals::version version);
  /// Adds the ids that a look_back found below first_version(): all past position `covered`, oldest first, at most room().
  void extend(std::span<const remembered> older, position covered);
  /// The version of the stream after the oldest remembered command; nothing if there is none.
  std::optional<annals::version> first_version() const;

  /// Call while nothing is remembered: ids up to this position will not be.
  void begin_after(position at) { forgotten_ = at; }
  /// The highest position whose id may be forgotten: an id first used at or after it is either remembered or new.
  position forgotten() const { return forgotten_; }

  /// How many were ever remembered, forgotten ones included; without those of extend().
  std::uint64_t count() const { return next_ - first_number; }
  /// True if so many entries have no bound yet that a fence is worthwhile. After it, call fenced() with the present count().
  bool wants_fence() const { return size() > remembered_min && next_ - bounded() >= bound_every; }
  /// The first `count` commands have positions up to `head`. Forgets what is old enough.
  void fenced(std::uint64_t count, position head);

  std::uint64_t size() const { return next_ - oldest_; }
  /// How many more extend() may add.
  std::size_t room() const { return size() < remembered_max ? remembered_max - size() : 0; }
  /// Approximate memory in use.
  std::size_t bytes() const { return entries_.capacity() * sizeof(remembered) + slots_.capacity() * sizeof(slots_[0]); }
  /// Address of the next entry, for prefetching.
  const void* end() const { return entries_.data() + entries_.size(); }

private:
  static constexpr std::uint64_t bound_every = 64;
  static constexpr std::size_t linear_max = 32;  // up to this many are searched one by one

  struct bound {
    std::uint64_t count;  // commands with numbers below this …
    position head;        // … have positions up to this
  };
  std::uint64_t bounded() const { return bounds_.empty() ? oldest_ : bounds_.back().count; }
  std::size_t index_of(std::uint64_t number) const { return static_cast<std::size_t>(number - first_); }
  std::size_t slot_of(std::uint64_t id_low) const { return id_low & (slots_.size() - 1); }
  void put_into_slots(std::uint64_t number);
  void rebuild_slots();
  void drop_front();

  bool may_have(std::uint64_t id_low) const;
  void note(std::uint64_t id_low);

  /// A Bloom filter with two bits for each id: if one is missing, the id is new, and the entries, which are in no cache when there are
  /// many aggregates, need not be read. Less selective with more ids; rebuilt when old ids are removed.
  std::array<std::uint64_t, 8> seen_{};

  // Commands are numbered in the order in which they were remembered. Numbers below the first are for older ones, added by extend().
  static constexpr std::uint64_t first_number = std::uint64_t{1} << 40;
  std::uint64_t oldest_ = first_number;  // the numbers below it are forgotten
  std::uint64_t next_ = first_number;
  std::uint64_t first_ = first_number;  // the number of the first of `entries_`
  std::uint64_t retained_min_ = remembered_min;
  std::vector<remembered> entries_;
  std::vector<bound> bounds_;  // ascending; few
  position forgotten_ = 0;
  /// Hash table with open addressing by id_low, at most half full. A slot has an entry's number - slots_base_ + 1, or 0 if it is free.
  /// Forgotten entries stay until the next rebuild. Empty while there are few entries.
  std::vector<std::uint32_t> slots_;
  std::size_t slots_taken_ = 0;
  std::uint64_t slots_base_ = first_number;  // numbers in slots are relative to this
};

}  // namespace annals::actors
