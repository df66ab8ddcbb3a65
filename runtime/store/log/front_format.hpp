// Grammar of the front (the write-ahead log); all numbers are little-endian:
//
//   file    = header block*                     the blocks are the ring
//   header  = magic:8 format:u32 0:u32 ring_bytes:u64 store:u64 checksum:u64 0…   (one block)
//   batch   = checksum:u64 magic:u32 count:u32 bytes:u64 first:u64 generation:u64 previous:u64 store:u64
//             record{count} 0…                  (whole blocks; `bytes` of records; record.cpp has theirs)
//
// `store` is a hash of the store's id. A batch's checksum is XXH3 of everything after it, the header's of everything before
// it. A batch never wraps: if it does not fit before the end of the ring, it begins at the ring's first block. `previous` is
// the checksum of the batch before it, so that leftovers of an earlier lap never continue a chain.
#pragma once

#include "store/log/front.hpp"

#include <unistd.h>
#include <xxhash.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace annals::store::front_format {

constexpr std::uint32_t format_now = 1;
constexpr char file_magic[8] = {'a', 'n', 'n', 'a', 'l', 's', 'F', 'R'};
constexpr std::uint32_t batch_magic = 0x42524641;

struct file_header {
  char magic[8];
  std::uint32_t format;
  std::uint32_t reserved;
  std::uint64_t ring_bytes;
  std::uint64_t store;
  std::uint64_t checksum;
};
static_assert(sizeof(file_header) == 40);

struct batch_header {
  std::uint64_t checksum;
  std::uint32_t magic;
  std::uint32_t count;
  std::uint64_t bytes;
  std::uint64_t first;
  std::uint64_t generation;
  std::uint64_t previous;
  std::uint64_t store;
};
static_assert(sizeof(batch_header) == 56);

inline std::uint64_t hash_of(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }
inline std::uint64_t checksum_of(const file_header& h) { return XXH3_64bits(&h, offsetof(file_header, checksum)); }
inline std::uint64_t checksum_of(std::string_view batch) { return hash_of(batch.substr(sizeof(std::uint64_t))); }

/// Reads or writes all bytes; returns 0 or errno. Reading past the end of the file is EIO.
template <class Transfer>
int all(Transfer&& transfer, std::size_t bytes) {
  for (std::size_t done = 0; done < bytes;) {
    const auto n = transfer(done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n < 0 ? errno : EIO;
    done += static_cast<std::size_t>(n);
  }
  return 0;
}
inline int write_all(int fd, std::string_view bytes, std::uint64_t at) {
  return all([&](std::size_t done) { return ::pwrite(fd, bytes.data() + done, bytes.size() - done, static_cast<off_t>(at + done)); }, bytes.size());
}
inline int read_all(int fd, char* to, std::size_t bytes, std::uint64_t at) {
  return all([&](std::size_t done) { return ::pread(fd, to + done, bytes - done, static_cast<off_t>(at + done)); }, bytes);
}

inline error failed(const std::filesystem::path& path, const char* doing, int code) {
  const auto kind = code == ENOSPC || code == EDQUOT ? errc::storage_full : errc::store_failed;
  return {kind, std::string{doing} + " " + path.string(), std::strerror(code)};
}

}  // namespace annals::store::front_format
