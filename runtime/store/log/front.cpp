// The writer's part of the front (the write-ahead log). front_reading.cpp reads its bytes.
#include "store/log/front.hpp"

#include "store/log/front_format.hpp"
#include "store/os/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace annals::store {

using namespace front_format;

namespace {

std::uint64_t in_blocks(std::uint64_t bytes) { return (bytes + front::block_bytes - 1) / front::block_bytes * front::block_bytes; }

/// For writes that are durable when they return. They bypass the page cache if the file system can do that with blocks of
/// this size: one trip to the disk and no cache to maintain (a fifth less time than write and fdatasync, on ext4).
int open_synced(const std::filesystem::path& file) {
  constexpr int flags = O_WRONLY | O_DSYNC | O_CLOEXEC;
  struct statx info{};
  const bool says = ::statx(AT_FDCWD, file.c_str(), 0, STATX_DIOALIGN, &info) == 0 && (info.stx_mask & STATX_DIOALIGN) != 0;
  if (!says || (info.stx_dio_offset_align > 0 && info.stx_dio_offset_align <= front::block_bytes)) {
    const int fd = ::open(file.c_str(), flags | O_DIRECT);
    if (fd >= 0 || errno != EINVAL) return fd;
  }
  return ::open(file.c_str(), flags);
}

/// Falls back to the page cache: some file systems refuse direct writes only when the first one comes. False if the
/// descriptor was not direct.
bool leave_direct(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  return flags >= 0 && (flags & O_DIRECT) != 0 && ::fcntl(fd, F_SETFL, flags & ~O_DIRECT) == 0;
}

/// Writes zeros from the end of the file up to this length, in parts of 1 MiB, each synced: one large sync would delay those of the log.
int write_zeros(int fd, std::uint64_t up_to) {
  struct stat info{};
  if (::fstat(fd, &info) != 0) return errno;
  const std::string zeros(256 * front::block_bytes, '\0');
  for (auto at = static_cast<std::uint64_t>(info.st_size); at < up_to; at += zeros.size()) {
    if (const int rc = write_all(fd, std::string_view{zeros}.substr(0, up_to - at), at)) return rc;
    if (::fdatasync(fd) != 0) return errno;
  }
  return 0;
}

/// The content of the file's first block.
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
  files::write_in_place(fd.get());
  int rc = write_all(fd.get(), header_block(ring_bytes, hash_of(store_id)), 0);
  if (rc == 0) rc = write_zeros(fd.get(), block_bytes + ring_bytes);
  if (rc != 0) return failed(file, "writing", rc);
  return {};
}

result<void> front::lengthen(std::uint64_t ring_bytes) const {
  const std::lock_guard lock{lengthening_};  // a second caller finds the file long enough, and perhaps in use
  if (const int rc = write_zeros(fd_.get(), block_bytes + ring_bytes)) return failed(path_, "lengthening", rc);
  return {};
}

// Nothing depends on the size of an empty ring: its content is in LMDB, and no later batch refers to a place in it.
result<void> front::grow(std::uint64_t ring_bytes) {
  if (!is_empty()) detail::broken("a ring that grows while it holds a batch");
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
  if (fd.get() < 0) return errno == ENOENT ? refuse(std::strerror(errno)) : failed(file, "opening", errno);
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0) return failed(file, "checking", errno);
  file_header h{};
  if (static_cast<std::uint64_t>(info.st_size) < sizeof h) return refuse("the file is empty or truncated");
  if (const int rc = read_all(fd.get(), reinterpret_cast<char*>(&h), sizeof h, 0)) return failed(file, "reading", rc);
  if (std::memcmp(h.magic, file_magic, sizeof h.magic) != 0 || checksum_of(h) != h.checksum) return refuse("not the front of a log");
  if (h.format != format_now) return error{errc::store_newer, file.string(), "format " + std::to_string(h.format)};
  if (!store_id.empty() && h.store != hash_of(store_id)) return refuse("the front of another store");
  if (static_cast<std::uint64_t>(info.st_size) < block_bytes + h.ring_bytes) return refuse("the file is truncated");
  descriptor synced{read_only ? -1 : open_synced(file)};
  if (!read_only && synced.get() < 0) return failed(file, "opening", errno);
  std::unique_ptr<front> made{new front{file, std::move(fd), std::move(synced)}};
  made->ring_bytes_ = h.ring_bytes;
  made->store_ = h.store;
  return made;
}

front::front(std::filesystem::path path, descriptor fd, descriptor synced) : path_(std::move(path)), fd_(std::move(fd)), synced_(std::move(synced)) {}

void front::begin(place at, std::uint64_t generation) {
  next_ = at;
  generation_ = generation;
  release(at);
}

std::uint64_t front::bytes_of_batch(std::uint64_t record_bytes) { return in_blocks(sizeof(batch_header) + record_bytes); }

/// Where a batch of this many bytes begins: after the last batch, or at the ring's first block.
std::uint64_t front::start_of(std::uint64_t bytes) const {
  const auto left = ring_bytes() - next_.at % ring_bytes();
  return bytes <= left ? next_.at : next_.at + left;
}

bool front::has_room(std::uint64_t bytes) const { return start_of(bytes) + bytes - tail_.load(std::memory_order_acquire) <= ring_bytes(); }

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

}  // namespace annals::store
