// Finds batches in the front (the write-ahead log): those that follow each other, and any that are there at all.
#include "store/log/front_format.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

namespace annals::store {

using namespace front_format;

/// Whether the checksum of a batch that seems to begin here, with this many bytes of records, is valid. Fills the buffer.
result<bool> front::is_whole(std::uint64_t offset, std::uint64_t record_bytes, std::string& buffer) const {
  if (record_bytes > ring_bytes() || bytes_of_batch(record_bytes) > ring_bytes() - offset) return false;
  buffer.resize(sizeof(batch_header) + record_bytes);
  if (const int rc = read_all(fd_.get(), buffer.data(), buffer.size(), block_bytes + offset)) return failed(path_, "reading", rc);
  std::uint64_t checksum = 0;
  std::memcpy(&checksum, buffer.data(), sizeof checksum);
  return checksum_of(buffer) == checksum;
}

/// The batch that begins here, if it is whole and the expected one.
result<std::optional<front::batch>> front::read_batch(std::uint64_t at, const batch& expected, std::uint64_t generation, std::string& buffer) const {
  const auto offset = at % ring_bytes();
  batch_header h{};
  if (const int rc = read_all(fd_.get(), reinterpret_cast<char*>(&h), sizeof h, block_bytes + offset)) return failed(path_, "reading", rc);
  const bool expected_one = h.magic == batch_magic && h.store == store_ && h.generation == generation && h.first == expected.first &&
                            h.previous == expected.next.previous && h.count > 0;
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
    if (found && !*found && here % ring_bytes() != 0) found = read_batch(here + ring_bytes() - here % ring_bytes(), expected, generation, buffer);
    if (!found) return std::move(found).error();
    if (!*found) return expected.next;
    if (auto ok = visit(**found); !ok) return std::move(ok).error();
    expected = {(*found)->first + (*found)->count, 0, {}, (*found)->next};
  }
}

/// Visits everything that looks like the header of a batch of this store. The visited batch has no records yet: `next.at`
/// holds their size in bytes.
result<void> front::look_through(const std::function<result<void>(std::uint64_t at, const batch&, std::uint64_t generation)>& candidate) const {
  constexpr std::uint64_t looked_at_once = 256 * block_bytes;
  std::string blocks;
  for (std::uint64_t begin = 0; begin < ring_bytes(); begin += blocks.size()) {
    blocks.resize(std::min(looked_at_once, ring_bytes() - begin));
    if (const int rc = read_all(fd_.get(), blocks.data(), blocks.size(), block_bytes + begin)) return failed(path_, "reading", rc);
    for (std::uint64_t at = 0; at < blocks.size(); at += block_bytes) {
      batch_header h{};
      std::memcpy(&h, blocks.data() + at, sizeof h);
      if (h.magic != batch_magic || h.store != store_) continue;
      if (auto ok = candidate(begin + at, {h.first, h.count, {}, {h.bytes, h.previous}}, h.generation); !ok) return ok;
    }
  }
  return {};
}

result<std::optional<position>> front::find_from(position first, std::uint64_t generation) const {
  std::string buffer;
  std::optional<position> lowest;
  auto ok = look_through([&](std::uint64_t at, const batch& seen, std::uint64_t of) -> result<void> {
    if (of != generation || seen.first < first || (lowest && seen.first >= *lowest)) return {};
    const auto whole = is_whole(at, seen.next.at, buffer);
    if (!whole) return whole.error();
    if (*whole) lowest = seen.first;
    return {};
  });
  if (!ok) return std::move(ok).error();
  return lowest;
}

result<void> front::visit_all(std::optional<std::uint64_t> generation, const std::function<void(const batch&)>& visit) const {
  std::string buffer;
  std::uint64_t newest = 0;
  const auto look = [&](const std::function<void(const batch&, std::uint64_t)>& whole) {
    return look_through([&](std::uint64_t at, const batch& seen, std::uint64_t of) -> result<void> {
      const auto ok = is_whole(at, seen.next.at, buffer);
      if (!ok) return ok.error();
      if (*ok) whole(seen, of);
      return {};
    });
  };
  if (!generation)
    if (auto ok = look([&](const batch&, std::uint64_t of) { newest = std::max(newest, of); }); !ok) return ok;
  return look([&](const batch& seen, std::uint64_t of) {
    if (of == generation.value_or(newest)) visit({seen.first, seen.count, std::string_view{buffer}.substr(sizeof(batch_header)), {}});
  });
}

}  // namespace annals::store
