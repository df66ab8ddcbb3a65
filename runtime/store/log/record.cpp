// The bytes of a record, format 1. Integers are little-endian.
//
//   record    := checksum:u64  XXH3-64, seeded with the position, of all that follows this field
//                format:u8     1
//                flags:u8      bit 0: `seen` is there; bit 1: the trace is there; the other bits are 0, and may announce fields of
//                              later programs. A program from before bit 1 refuses a record that has it.
//                stream_bytes:u8 type_bytes:u8 id_bytes:u8 causation_bytes:u8 correlation_bytes:u8 principal_bytes:u8
//                schema:u16 index:u16 count:u16 reserved:u16 (0)
//                payload_bytes:u32
//                time:i64      microseconds since 1970 UTC
//                version:u64
//                fingerprint:u64
//                [seen:u64]
//                [trace_id:16 span_id:8]   of the span that wrote it; only sampled ones are stored
//                stream type id causation correlation principal payload
//
// XXH3 is defined in https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md.
#include "store/log/record.hpp"

#include <xxhash.h>

#include <bit>
#include <cstring>
#include <utility>

namespace annals::store {
namespace {

static_assert(std::endian::native == std::endian::little, "records are written as they lie in memory");

#pragma pack(push, 1)
struct header {
  std::uint64_t checksum;
  std::uint8_t format;
  std::uint8_t flags;
  std::uint8_t stream_bytes;
  std::uint8_t type_bytes;
  std::uint8_t id_bytes;
  std::uint8_t causation_bytes;
  std::uint8_t correlation_bytes;
  std::uint8_t principal_bytes;
  std::uint16_t schema;
  std::uint16_t index;
  std::uint16_t count;
  std::uint16_t reserved;
  std::uint32_t payload_bytes;
  std::int64_t time;
  std::uint64_t version;
  std::uint64_t fingerprint;
};
#pragma pack(pop)
static_assert(sizeof(header) == 52);

constexpr std::uint8_t record_format = 1;
constexpr std::uint8_t has_seen = 1, has_trace = 2;
constexpr std::size_t trace_bytes = 24;
static_assert(sizeof(trace_context::trace_id) + sizeof(trace_context::span_id) == trace_bytes);

std::size_t bytes_of(const header& h) {
  return sizeof(header) + (h.flags & has_seen ? sizeof(std::uint64_t) : 0) + (h.flags & has_trace ? trace_bytes : 0) + h.stream_bytes + h.type_bytes +
         h.id_bytes + h.causation_bytes + h.correlation_bytes + h.principal_bytes + std::size_t{h.payload_bytes};
}

std::uint8_t text_bytes(std::string_view text) {
  if (text.size() > text_bytes_max) detail::broken("a text of a record's envelope is over 255 bytes");
  return static_cast<std::uint8_t>(text.size());
}

std::uint64_t checksum_of(position at, const char* record, std::size_t bytes) {
  // The position is the seed: hashing it as input would need a stream state.
  return XXH3_64bits_withSeed(record + sizeof(std::uint64_t), bytes - sizeof(std::uint64_t), at);
}

bool is_newer(const header& h) { return h.format != record_format || (h.flags & ~(has_seen | has_trace)) != 0 || h.reserved != 0; }

error bad(position at, std::string what) { return {errc::corrupt_record, "bad record at position " + std::to_string(at), std::move(what), 0, at}; }

}  // namespace

void append_record(std::string& out, const record_view& r) {
  if (r.payload.size() > 0xffffffffu) detail::broken("a payload is over 4 GiB");
  const header h{0,
                 record_format,
                 static_cast<std::uint8_t>((r.seen ? has_seen : 0) | (r.trace.sampled ? has_trace : 0)),
                 text_bytes(r.stream),
                 text_bytes(r.type),
                 text_bytes(r.command_id),
                 text_bytes(r.causation),
                 text_bytes(r.correlation),
                 text_bytes(r.principal),
                 r.schema,
                 r.index,
                 r.count,
                 0,
                 static_cast<std::uint32_t>(r.payload.size()),
                 r.time,
                 r.version,
                 r.fingerprint};
  const auto begin = out.size();
  out.resize(begin + bytes_of(h));
  char* to = out.data() + begin;
  const auto put = [&to](const void* from, std::size_t count) {
    if (count > 0) std::memcpy(to, from, count);
    to += count;
  };
  put(&h, sizeof h);
  if (r.seen) put(&r.seen, sizeof r.seen);
  if (r.trace.sampled) {
    put(r.trace.trace_id.data(), r.trace.trace_id.size());
    put(r.trace.span_id.data(), r.trace.span_id.size());
  }
  for (const auto text : {r.stream, r.type, r.command_id, r.causation, r.correlation, r.principal, r.payload}) put(text.data(), text.size());
}

std::size_t record_bytes(std::string_view bytes) {
  if (bytes.size() < sizeof(header)) return 0;
  header h;
  std::memcpy(&h, bytes.data(), sizeof h);
  const auto whole = bytes_of(h);
  return whole <= bytes.size() && !is_newer(h) ? whole : 0;
}

void seal_record(char* record, std::size_t bytes, position at, timestamp time) {
  std::memcpy(record + offsetof(header, time), &time, sizeof time);
  const auto checksum = checksum_of(at, record, bytes);
  std::memcpy(record, &checksum, sizeof checksum);
}

std::optional<error> newer_record(position at, std::string_view bytes) {
  if (bytes.size() < sizeof(header)) return std::nullopt;
  header h;
  std::memcpy(&h, bytes.data(), sizeof h);
  if (!is_newer(h)) return std::nullopt;
  return error{errc::store_newer, "the record at position " + std::to_string(at) + " was written by a newer program",
               "format " + std::to_string(h.format) + ", flags " + std::to_string(h.flags) + ", reserved " + std::to_string(h.reserved), 0, at};
}

result<void> read_record(position at, std::string_view bytes, record_view& r) {
  if (bytes.size() < sizeof(header)) return bad(at, "shorter than a record's header");
  header h;
  std::memcpy(&h, bytes.data(), sizeof h);
  if (checksum_of(at, bytes.data(), bytes.size()) != h.checksum) return bad(at, "the checksum is wrong");
  if (auto newer = newer_record(at, bytes)) return std::move(*newer);
  if (bytes_of(h) != bytes.size()) return bad(at, "the lengths do not add up");
  r.at = at;
  r.checksum = h.checksum;
  r.stored_bytes = static_cast<std::uint32_t>(bytes.size());
  r.time = h.time;
  r.version = h.version;
  r.schema = h.schema;
  r.index = h.index;
  r.count = h.count;
  r.fingerprint = h.fingerprint;
  r.seen = 0;
  const char* from = bytes.data() + sizeof h;
  if (h.flags & has_seen) {
    std::memcpy(&r.seen, from, sizeof r.seen);
    from += sizeof r.seen;
  }
  r.trace = {};
  if (h.flags & has_trace) {
    std::memcpy(r.trace.trace_id.data(), from, sizeof r.trace.trace_id);
    std::memcpy(r.trace.span_id.data(), from + sizeof r.trace.trace_id, sizeof r.trace.span_id);
    r.trace.sampled = true;
    from += trace_bytes;
  }
  const auto take = [&from](std::size_t count) {
    const std::string_view text{from, count};
    from += count;
    return text;
  };
  r.stream = take(h.stream_bytes);
  r.type = take(h.type_bytes);
  r.command_id = take(h.id_bytes);
  r.causation = take(h.causation_bytes);
  r.correlation = take(h.correlation_bytes);
  r.principal = take(h.principal_bytes);
  r.payload = take(h.payload_bytes);
  return {};
}

result<record_view> read_record(position at, std::string_view bytes) {
  record_view record;
  if (auto ok = read_record(at, bytes, record); !ok) return std::move(ok).error();
  return record;
}

std::uint64_t record_checksum(std::string_view bytes) {
  std::uint64_t checksum = 0;
  if (bytes.size() >= sizeof checksum) std::memcpy(&checksum, bytes.data(), sizeof checksum);
  return checksum;
}

}  // namespace annals::store
