// The front of the log: a file that takes each batch with one synced write, ahead of LMDB. Used as a ring: what LMDB has may
// be overwritten. The ring grows while nothing is in it. front_format.hpp has its grammar. One writer, one thread; release() from any, and
// lengthen() too.
#pragma once

#include "store/os/block_buffer.hpp"
#include "store/os/descriptor.hpp"

#include <annals/receipt.hpp>
#include <annals/result.hpp>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace annals::store {

class front {
public:
  /// Where the next batch goes, and what it follows. Kept in LMDB, in the transaction that takes a batch over.
  struct place {
    std::uint64_t at = 0;        ///< bytes ever put into the ring, those left free at its end included
    std::uint64_t previous = 0;  ///< the checksum of the batch before

    friend bool operator==(const place&, const place&) = default;
  };
  struct batch {
    position first = 0;
    std::uint32_t count = 0;
    std::string_view records;  ///< sealed, one behind the other
    place next;                ///< behind it
  };
  static constexpr std::uint64_t block_bytes = block_buffer::block_bytes;

  /// A file of this many bytes (a multiple of block_bytes) for batches, to begin with; written once from end to end, since a write into
  /// blocks that the file system has not seen yet costs a second one. Synced by the caller.
  static result<void> create(const std::filesystem::path& file, std::string_view store_id, std::uint64_t ring_bytes);
  /// store_foreign when it is missing, truncated or another store's. An empty id is that of any store.
  static result<std::unique_ptr<front>> open(const std::filesystem::path& file, std::string_view store_id, bool read_only);

  /// Visits the whole batches of this generation that follow each other from `from` and position `first` on; what comes
  /// behind them was never answered. Returns the place behind the last.
  result<place> replay(place from, position first, std::uint64_t generation,
                       const std::function<result<void>(const batch&)>& visit) const;

  /// The first position of a whole batch of this generation that is at or behind `first`, wherever it lies. When the
  /// chain that replay() follows ends at `first`, such a batch proves that one before it, which was answered, is damaged:
  /// what merely tore is the last.
  result<std::optional<position>> find_from(position first, std::uint64_t generation) const;

  /// Visits the whole batches of this generation, or of the newest there is, wherever they lie, in no order.
  result<void> visit_all(std::optional<std::uint64_t> generation, const std::function<void(const batch&)>& visit) const;

  /// What is in the page cache alone goes to the disk.
  result<void> sync() const;
  /// Sets where the next batch goes; all before it is free.
  void begin(place at, std::uint64_t generation);
  /// How many bytes a batch with so many bytes of records takes.
  static std::uint64_t bytes_of_batch(std::uint64_t record_bytes);
  std::uint64_t ring_bytes() const { return ring_bytes_.load(std::memory_order_relaxed); }
  /// Whether all of the ring may be overwritten.
  bool is_empty() const { return tail_.load(std::memory_order_acquire) == next_.at; }
  /// Makes the file long enough for a ring of so many bytes, and durably so; the ring stays as it is.
  result<void> lengthen(std::uint64_t ring_bytes) const;
  /// The ring has so many bytes from now on. Needs an empty one (asserted). After store_failed nothing may be appended any more;
  /// after storage_full all is as before.
  result<void> grow(std::uint64_t ring_bytes);
  const std::filesystem::path& path() const { return path_; }
  /// Whether a batch of bytes_of_batch() would fit now.
  bool has_room(std::uint64_t bytes) const;
  /// Puts sealed records behind the last batch, in one synced write. `buffer` gets the batch as it was written, for who
  /// takes it over. Needs room (asserted). After an error nothing may be appended any more.
  result<batch> append(position first, std::span<const std::string_view> records, block_buffer& buffer);
  /// What lies before this place may be overwritten.
  void release(place up_to) { tail_.store(up_to.at, std::memory_order_release); }

private:
  front(std::filesystem::path path, descriptor fd, descriptor synced);
  std::uint64_t start_of(std::uint64_t bytes) const;
  result<std::optional<batch>> read_batch(std::uint64_t at, const batch& expected, std::uint64_t generation,
                                          std::string& buffer) const;
  result<void> look_through(const std::function<result<void>(std::uint64_t at, const batch&, std::uint64_t generation)>& candidate) const;
  void look_at_ring() const;
  result<bool> is_whole(std::uint64_t offset, std::uint64_t record_bytes, std::string& buffer) const;

  std::filesystem::path path_;
  descriptor fd_;       // to read, and to lengthen
  descriptor synced_;   // each write is durable when it returns
  mutable std::atomic<std::uint64_t> ring_bytes_{0};  // as the header has it: where another process writes, it is looked at again
  std::uint64_t store_ = 0;  // hash of the store's id
  std::uint64_t generation_ = 0;
  place next_;
  std::atomic<std::uint64_t> tail_{0};
  mutable std::mutex lengthening_;
};

}  // namespace annals::store
