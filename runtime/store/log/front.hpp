// The front (the write-ahead log): a ring file that makes each batch durable with one synced write, before LMDB gets it.
// Batches that LMDB has may be overwritten. The ring grows only while it is empty. front_format.hpp has its grammar. One
// writer on one thread; release() and lengthen() may be called from any.
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
  /// Where the next batch goes, and which batch it follows. LMDB stores it in the transaction that takes a batch over.
  struct place {
    std::uint64_t at = 0;        ///< bytes ever put into the ring, including those left free at its end
    std::uint64_t previous = 0;  ///< the checksum of the batch before

    friend bool operator==(const place&, const place&) = default;
  };
  struct batch {
    position first = 0;
    std::uint32_t count = 0;
    std::string_view records;  ///< sealed, one after the other
    place next;                ///< the place after this batch
  };
  static constexpr std::uint64_t block_bytes = block_buffer::block_bytes;

  /// Creates a file with a ring of this many bytes (a multiple of block_bytes) and fills it with zeros, since the first write
  /// into blocks that the file system has not seen costs a second write. The caller syncs it.
  static result<void> create(const std::filesystem::path& file, std::string_view store_id, std::uint64_t ring_bytes);
  /// store_foreign if the file is missing, truncated or another store's. An empty id accepts any store.
  static result<std::unique_ptr<front>> open(const std::filesystem::path& file, std::string_view store_id, bool read_only);

  /// Visits the whole batches of this generation that follow each other, starting at `from` with position `first`; anything
  /// after them was never answered. Returns the place after the last.
  result<place> replay(place from, position first, std::uint64_t generation, const std::function<result<void>(const batch&)>& visit) const;

  /// The lowest first position, at or after `first`, of a whole batch of this generation, wherever it lies. If the chain that
  /// replay() follows ends at `first`, such a batch proves that an answered batch before it is damaged: only the last batch can be torn.
  result<std::optional<position>> find_from(position first, std::uint64_t generation) const;

  /// Visits the whole batches of this generation, or of the newest one if none is given, wherever they lie, in no order.
  result<void> visit_all(std::optional<std::uint64_t> generation, const std::function<void(const batch&)>& visit) const;

  /// Writes to the disk what may be only in the page cache.
  result<void> sync() const;
  /// Sets where the next batch goes; everything before it is free.
  void begin(place at, std::uint64_t generation);
  /// The bytes that a batch with this many bytes of records takes.
  static std::uint64_t bytes_of_batch(std::uint64_t record_bytes);
  std::uint64_t ring_bytes() const { return ring_bytes_.load(std::memory_order_relaxed); }
  /// Whether all of the ring may be overwritten.
  bool is_empty() const { return tail_.load(std::memory_order_acquire) == next_.at; }
  /// Makes the file long enough for a ring of this many bytes, durably; the ring itself keeps its size.
  result<void> lengthen(std::uint64_t ring_bytes) const;
  /// Gives the ring this many bytes. The ring must be empty (asserted). After store_failed nothing may be appended any more;
  /// after storage_full everything is as before.
  result<void> grow(std::uint64_t ring_bytes);
  const std::filesystem::path& path() const { return path_; }
  /// Whether a batch of this size (see bytes_of_batch()) would fit now.
  bool has_room(std::uint64_t bytes) const;
  /// Appends a batch of sealed records in one synced write. `buffer` gets the batch as it was written, for the code that
  /// later takes it over into LMDB. Needs room (asserted). After an error nothing may be appended any more.
  result<batch> append(position first, std::span<const std::string_view> records, block_buffer& buffer);
  /// Everything before this place may be overwritten.
  void release(place up_to) { tail_.store(up_to.at, std::memory_order_release); }

private:
  front(std::filesystem::path path, descriptor fd, descriptor synced);
  std::uint64_t start_of(std::uint64_t bytes) const;
  result<std::optional<batch>> read_batch(std::uint64_t at, const batch& expected, std::uint64_t generation, std::string& buffer) const;
  result<void> look_through(const std::function<result<void>(std::uint64_t at, const batch&, std::uint64_t generation)>& candidate) const;
  void look_at_ring() const;
  result<bool> is_whole(std::uint64_t offset, std::uint64_t record_bytes, std::string& buffer) const;

  std::filesystem::path path_;
  descriptor fd_;                                     // for reading and lengthening
  descriptor synced_;                                 // each write is durable when it returns
  mutable std::atomic<std::uint64_t> ring_bytes_{0};  // from the header; a reader beside a writer reads it again
  std::uint64_t store_ = 0;                           // hash of the store's id
  std::uint64_t generation_ = 0;
  place next_;
  std::atomic<std::uint64_t> tail_{0};
  mutable std::mutex lengthening_;
};

}  // namespace annals::store
