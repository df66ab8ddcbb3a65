// The command ids that an aggregate remembers (rule 3): the last 100 and more, so that a repeat is known without a look at the
// log; and once it had to look, what it found there. Ids are kept as 128-bit hashes. An aggregate does not know positions by itself:
// a fence tells an upper bound for all before it, which is what forgetting needs.
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
  annals::version version = 0;  // of the stream, after the command's events

  static remembered as(std::string_view id, std::uint64_t fingerprint, annals::version version);
};

class recent_commands {
public:
  static constexpr std::uint64_t kept_min = 100;
  /// Once ids were looked for in the stream, so many are kept, however old: who sends one without `since` sends more.
  static constexpr std::uint64_t kept_max = std::uint64_t{1} << 20;
  /// Longer than commands in flight can reach back: what lies this far behind the head may be forgotten.
  static constexpr position window = 200'000;

  const remembered* find(std::string_view id) const;
  void remember(std::string_view id, std::uint64_t fingerprint, annals::version version);
  /// What a look-back found below first_version(): all past position `covered`, oldest first, at most room() of them.
  void extend(std::span<const remembered> older, position covered);
  /// The oldest remembered command left its stream at this version; nothing when there is none.
  std::optional<annals::version> first_version() const;

  /// Nothing was remembered yet, and what lies up to this position never will be.
  void begin_behind(position at) { forgotten_ = at; }
  /// The highest position that may have been forgotten: an id first used at or after it is either here or new.
  position forgotten() const { return forgotten_; }

  /// How many were ever remembered.
  std::uint64_t count() const { return next_ - first_number; }
  /// True when enough entries wait for their bound that a fence is worth its while; then fenced() is told the count.
  bool wants_fence() const { return size() > kept_min && next_ - bounded() >= bound_every; }
  /// The first `count` have positions up to `head`. Forgets what is old enough.
  void fenced(std::uint64_t count, position head);

  std::uint64_t size() const { return next_ - oldest_; }
  /// How many more extend() may bring.
  std::size_t room() const { return size() < kept_max ? kept_max - size() : 0; }
  /// In memory, about.
  std::size_t bytes() const { return entries_.capacity() * sizeof(remembered) + slots_.capacity() * sizeof(slots_[0]); }
  /// Where the next one goes, for who wants it in the caches.
  const void* end() const { return entries_.data() + entries_.size(); }

private:
  static constexpr std::uint64_t bound_every = 64;
  static constexpr std::size_t linear_max = 32;  // fewer are searched one by one

  struct bound {
    std::uint64_t count;  // numbers below it …
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

  /// Two bits for each id: an id without both is new, and the entries need not be touched, which are not in any cache
  /// when there are many aggregates. Says less the more there are; made anew when old ids leave.
  std::array<std::uint64_t, 8> seen_{};

  // Commands are numbered in the order in which they were remembered; below the first number there is room for older ones.
  static constexpr std::uint64_t first_number = std::uint64_t{1} << 40;
  std::uint64_t oldest_ = first_number;  // those before it are forgotten
  std::uint64_t next_ = first_number;
  std::uint64_t first_ = first_number;  // the number of the first of `entries_`
  std::uint64_t kept_ = kept_min;       // so many stay
  std::vector<remembered> entries_;
  std::vector<bound> bounds_;  // ascending; few
  position forgotten_ = 0;
  /// Open addressing by id_low, twice as many as there are entries: number + 1 of an entry, 0 for a free slot. What is
  /// forgotten stays until the next rebuild. Empty while there are few entries.
  std::vector<std::uint32_t> slots_;
  std::size_t slots_taken_ = 0;
  std::uint64_t slots_base_ = first_number;  // slots count from here
};

}  // namespace annals::actors
