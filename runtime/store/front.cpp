// Grammar of the front, all numbers little-endian:
//
//   file    = header block*                     the blocks are the ring
//   header  = magic:8 format:u32 0:u32 ring_bytes:u64 store:u64 checksum:u64 0…   (one block)
//   batch   = checksum:u64 magic:u32 count:u32 bytes:u64 first:u64 generation:u64 previous:u64 store:u64
//             record{count} 0…                  (whole blocks; `bytes` of records; record.cpp has theirs)
//
// `store` is a hash of the store's id; checksums are XXH3 of what follows them (in the header: of what stands before).
// A batch never wraps: when it does not fit before the end of the ring, it begins at the ring's first block.
// `previous` is the checksum of the batch before it, so that what a lap before left in the ring never follows.
#include "store/front.hpp"

#include "store/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

namespace annals::store {
namespace {

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

std::uint64_t hash_of(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }
std::uint64_t checksum_of(const file_header& h) { return XXH3_64bits(&h, offsetof(file_header, checksum)); }
std::uint64_t checksum_of(std::string_view batch) { return hash_of(batch.substr(sizeof(std::uint64_t))); }

std::uint64_t in_blocks(std::uint64_t bytes) { return (bytes + front::block_bytes - 1) / front::block_bytes * front::block_bytes; }

/// Reads or writes all of it; 0 or errno. Reading behind the end of the file is EIO.
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
int write_all(int fd, std::string_view bytes, std::uint64_t at) {
  return all([&](std::size_t done) { return ::pwrite(fd, bytes.data() + done, bytes.size() - done, static_cast<off_t>(at + done)); },
             bytes.size());
}
int read_all(int fd, char* to, std::size_t bytes, std::uint64_t at) {
  return all([&](std::size_t done) { return ::pread(fd, to + done, bytes - done, static_cast<off_t>(at + done)); }, bytes);
}

/// For writes that are durable when they return. Past the page cache, where the file system can do that with blocks of this
/// size: one trip to the disk, and nothing of its cache to look after (a fifth less time than write and fdatasync, on ext4).
int open_synced(const std::filesystem::path& file) {
  constexpr int flags = O_WRONLY | O_DSYNC | O_CLOEXEC;
  struct statx info {};
  const bool says = ::statx(AT_FDCWD, file.c_str(), 0, STATX_DIOALIGN, &info) == 0 && (info.stx_mask & STATX_DIOALIGN) != 0;
  if (!says || (info.stx_dio_offset_align > 0 && info.stx_dio_offset_align <= front::block_bytes)) {
    const int fd = ::open(file.c_str(), flags | O_DIRECT);
    if (fd >= 0 || errno != EINVAL) return fd;
  }
  return ::open(file.c_str(), flags);
}

/// Some file systems say only with a write that they cannot do that. False when it was not so.
bool leave_direct(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  return flags >= 0 && (flags & O_DIRECT) != 0 && ::fcntl(fd, F_SETFL, flags & ~O_DIRECT) == 0;
}

error failed(const std::filesystem::path& path, const char* doing, int code) {
  const auto kind = code == ENOSPC || code == EDQUOT ? errc::storage_full : errc::store_failed;
  return {kind, std::string{doing} + " " + path.string(), std::strerror(code)};
}

/// Zeros up to this length of the file, from where it ends on; in parts, each synced: a large sync would keep the log's waiting.
int write_zeros(int fd, std::uint64_t up_to) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) return errno;
  const std::string zeros(256 * front::block_bytes, '\0');
  for (auto at = static_cast<std::uint64_t>(info.st_size); at < up_to; at += zeros.size()) {
    if (const int rc = write_all(fd, std::string_view{zeros}.substr(0, up_to - at), at)) return rc;
    if (::fdatasync(fd) != 0) return errno;
  }
  return 0;
}

/// The first block of the file.
std::string header_block(std::uint64_t ring_bytes, std::uint64_t store) {
  file_header h{{}, format_now, 0, ring_bytes, store, 0};
  std::memcpy(h.magic, file_magic, sizeof h.magic);
  h.checksum = checksum_of(h);
  std::string block(front::block_bytes, '\0');
  std::memcpy(block.data(), &h, sizeof h);
  return block;
}

}  // namespace

result<void> front::create(const std::filesystem::path& file, std::string_view store_id, std::uint64_t ring_bytes) {
  ring_bytes = in_blocks(ring_bytes);
  const descriptor fd{::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, files::mode_of_file(false))};
  if (fd.get() < 0) return failed(file, "creating", errno);
  int rc = write_all(fd.get(), header_block(ring_bytes, hash_of(store_id)), 0);
  if (rc == 0) rc = write_zeros(fd.get(), block_bytes + ring_bytes);
  if (rc != 0) return failed(file, "writing", rc);
  return {};
}

result<void> front::lengthen(std::uint64_t ring_bytes) const {
  const std::lock_guard lock{lengthening_};  // who comes second finds it long enough, and perhaps in use
  if (const int rc = write_zeros(fd_.get(), block_bytes + ring_bytes)) return failed(path_, "lengthening", rc);
  return {};
}

// With an empty ring nothing depends on its size: what is in it is in LMDB, and of no batch that comes next.
result<void> front::grow(std::uint64_t ring_bytes) {
  if (!is_empty()) detail::broken("a ring that grows while something is in it");
  ring_bytes = in_blocks(ring_bytes);
  if (auto ok = lengthen(ring_bytes); !ok) return ok;
  block_buffer buffer;
  char* const block = buffer.room_for(block_bytes);
  const auto header = header_block(ring_bytes, store_);
  std::copy(header.begin(), header.end(), block);
  const auto write = [&] { return write_all(synced_.get(), {block, block_bytes}, 0); };
  int rc = write();
  if (rc == EINVAL && leave_direct(synced_.get())) rc = write();
  if (rc != 0) return error{errc::store_failed, "writing " + path_.string(), std::strerror(rc)};
  ring_bytes_ = ring_bytes;
  return {};
}

result<void> front::sync() const {
  if (::fdatasync(fd_.get()) != 0) return failed(path_, "syncing", errno);
  return {};
}

void front::look_at_ring() const {
  file_header h{};
  if (synced_.get() < 0 && read_all(fd_.get(), reinterpret_cast<char*>(&h), sizeof h, 0) == 0 && checksum_of(h) == h.checksum)
    ring_bytes_ = h.ring_bytes;
}

result<std::unique_ptr<front>> front::open(const std::filesystem::path& file, std::string_view store_id, bool read_only) {
  const auto refuse = [&](std::string why) { return error{errc::store_foreign, file.string(), std::move(why)}; };
  descriptor fd{::open(file.c_str(), (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC)};
  if (fd.get() < 0) return refuse(std::strerror(errno));
  file_header h{};
  if (read_all(fd.get(), reinterpret_cast<char*>(&h), sizeof h, 0) != 0) return refuse("it is empty or truncated");
  if (std::memcmp(h.magic, file_magic, sizeof h.magic) != 0 || checksum_of(h) != h.checksum) return refuse("it is not the front of a log");
  if (h.format != format_now) return error{errc::store_newer, file.string(), "format " + std::to_string(h.format)};
  if (h.store != hash_of(store_id)) return refuse("it is the front of another store");
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return failed(file, "looking at", errno);
  if (static_cast<std::uint64_t>(info.st_size) < block_bytes + h.ring_bytes) return refuse("it is truncated");
  descriptor synced{read_only ? -1 : open_synced(file)};
  if (!read_only && synced.get() < 0) return refuse(std::strerror(errno));
  std::unique_ptr<front> made{new front{file, std::move(fd), std::move(synced)}};
  made->ring_bytes_ = h.ring_bytes;
  made->store_ = h.store;
  return made;
}

front::front(std::filesystem::path path, descriptor fd, descriptor synced)
    : path_(std::move(path)), fd_(std::move(fd)), synced_(std::move(synced)) {}

void front::begin(place at, std::uint64_t generation) {
  next_ = at;
  generation_ = generation;
  release(at);
}

std::uint64_t front::bytes_of_batch(std::uint64_t record_bytes) { return in_blocks(sizeof(batch_header) + record_bytes); }

/// Where a batch of so many bytes begins: behind the last, or at the ring's first block.
std::uint64_t front::start_of(std::uint64_t bytes) const {
  const auto left = ring_bytes() - next_.at % ring_bytes();
  return bytes <= left ? next_.at : next_.at + left;
}

bool front::has_room(std::uint64_t bytes) const {
  return start_of(bytes) + bytes - tail_.load(std::memory_order_acquire) <= ring_bytes();
}

result<front::batch> front::append(position first, std::span<const std::string_view> records, block_buffer& buffer) {
  std::uint64_t bytes = 0;
  for (const auto record : records) bytes += record.size();
  const auto whole = bytes_of_batch(bytes);
  if (!has_room(whole)) detail::broken("a batch that the front has no room for");
  batch_header h{0, batch_magic, static_cast<std::uint32_t>(records.size()), bytes, first, generation_, next_.previous, store_};
  char* const blocks = buffer.room_for(whole);
  std::memcpy(blocks, &h, sizeof h);
  char* end = blocks + sizeof h;
  for (const auto record : records) end = std::copy(record.begin(), record.end(), end);
  h.checksum = checksum_of({blocks, sizeof h + bytes});
  std::memcpy(blocks, &h.checksum, sizeof h.checksum);
  std::fill(end, blocks + whole, '\0');
  const auto start = start_of(whole);
  const auto write = [&] { return write_all(synced_.get(), {blocks, whole}, block_bytes + start % ring_bytes()); };
  int rc = write();
  if (rc == EINVAL && leave_direct(synced_.get())) rc = write();
  if (rc != 0) return failed(path_, "writing", rc);
  next_ = {start + whole, h.checksum};
  return batch{first, h.count, {blocks + sizeof h, bytes}, next_};
}

/// Whether a batch with so many bytes of records, which seems to begin here, is what its checksum says. Fills the buffer.
result<bool> front::is_whole(std::uint64_t offset, std::uint64_t record_bytes, std::string& buffer) const {
  if (record_bytes > ring_bytes() || bytes_of_batch(record_bytes) > ring_bytes() - offset) return false;
  buffer.resize(sizeof(batch_header) + record_bytes);
  if (const int rc = read_all(fd_.get(), buffer.data(), buffer.size(), block_bytes + offset)) return failed(path_, "reading", rc);
  std::uint64_t checksum = 0;
  std::memcpy(&checksum, buffer.data(), sizeof checksum);
  return checksum_of(buffer) == checksum;
}

/// The batch that begins here, when it is whole and the expected one.
result<std::optional<front::batch>> front::read_batch(std::uint64_t at, const batch& expected, std::uint64_t generation,
                                                      std::string& buffer) const {
  const auto offset = at % ring_bytes();
  batch_header h{};
  if (const int rc = read_all(fd_.get(), reinterpret_cast<char*>(&h), sizeof h, block_bytes + offset)) return failed(path_, "reading", rc);
  const bool expected_one = h.magic == batch_magic && h.store == store_ && h.generation == generation &&
                            h.first == expected.first && h.previous == expected.next.previous && h.count > 0;
  if (!expected_one) return std::optional<batch>{};
  const auto whole = is_whole(offset, h.bytes, buffer);
  if (!whole) return whole.error();
  if (!*whole) return std::optional<batch>{};
  const place next{at + bytes_of_batch(h.bytes), h.checksum};
  return std::optional{batch{h.first, h.count, std::string_view{buffer}.substr(sizeof h), next}};
}

result<front::place> front::replay(place from, position first, std::uint64_t generation,
                                   const std::function<result<void>(const batch&)>& visit) const {
  batch expected{first, 0, {}, from};
  std::string buffer;
  look_at_ring();
  for (;;) {
    const auto here = expected.next.at;
    auto found = read_batch(here, expected, generation, buffer);
    if (found && !*found && here % ring_bytes() != 0)
      found = read_batch(here + ring_bytes() - here % ring_bytes(), expected, generation, buffer);
    if (!found) return std::move(found).error();
    if (!*found) return expected.next;
    if (auto ok = visit(**found); !ok) return std::move(ok).error();
    expected = {(*found)->first + (*found)->count, 0, {}, (*found)->next};
  }
}

result<std::optional<position>> front::find_from(position first, std::uint64_t generation) const {
  constexpr std::uint64_t looked_at_once = 256 * block_bytes;
  std::string blocks, buffer;
  std::optional<position> lowest;
  for (std::uint64_t begin = 0; begin < ring_bytes(); begin += blocks.size()) {
    blocks.resize(std::min(looked_at_once, ring_bytes() - begin));
    if (const int rc = read_all(fd_.get(), blocks.data(), blocks.size(), block_bytes + begin)) return failed(path_, "reading", rc);
    for (std::uint64_t at = 0; at < blocks.size(); at += block_bytes) {
      batch_header h{};
      std::memcpy(&h, blocks.data() + at, sizeof h);
      const bool candidate = h.magic == batch_magic && h.store == store_ && h.generation == generation && h.first >= first;
      if (!candidate || (lowest && h.first >= *lowest)) continue;
      const auto whole = is_whole(begin + at, h.bytes, buffer);
      if (!whole) return whole.error();
      if (*whole) lowest = h.first;
    }
  }
  return lowest;
}

}  // namespace annals::store
