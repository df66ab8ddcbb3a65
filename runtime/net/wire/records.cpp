// The grammar, version 1. Numbers are little-endian.
//
//   batch   next u64, is last u8, (position u64, attempt u32, length u32, record)*
//
// A record is what the log stores, sealed with its position and time: store/log/record.cpp.
#include "net/wire/records.hpp"

#include "net/wire/bytes.hpp"
#include "store/log/record.hpp"

namespace annals::net {
namespace {
constexpr std::size_t head_bytes = 9;
}

record_batch::record_batch() : bytes_(head_bytes, '\0') {}

void record_batch::add(const record_view& record, std::uint32_t attempt) {
  byte_writer to{bytes_};
  to.number(record.at);
  to.number(attempt);
  const auto length_at = bytes_.size();
  to.number(std::uint32_t{0});
  const auto begin = bytes_.size();
  store::append_record(bytes_, record);
  const auto length = bytes_.size() - begin;
  store::seal_record(bytes_.data() + begin, length, record.at, record.time);
  for (std::size_t i = 0; i < 4; ++i) bytes_[length_at + i] = static_cast<char>(length >> (8 * i));
  ++count_;
}

std::string record_batch::done(std::uint64_t next, bool is_last) {
  std::string head;
  byte_writer to{head};
  to.number(next);
  to.number(static_cast<std::uint8_t>(is_last));
  bytes_.replace(0, head_bytes, head);
  return std::move(bytes_);
}

namespace {

template <class Visit>
result<batch_end> read(std::string_view bytes, Visit&& visit) {
  byte_reader from{bytes};
  batch_end end;
  end.next = from.number<std::uint64_t>();
  end.is_last = from.number<std::uint8_t>() != 0;
  record_view view;
  while (from.ok() && !from.at_end()) {
    const auto at = from.number<std::uint64_t>();
    const auto attempt = from.number<std::uint32_t>();
    const auto record = from.raw(from.number<std::uint32_t>());
    if (!from.ok()) break;
    if (auto ok = store::read_record(at, record, view); !ok) return std::move(ok).error();
    if (!visit(view, attempt, record)) return end;
  }
  if (!from.ok()) return error{errc::undecodable, "a batch of records that is cut off"};
  return end;
}

}  // namespace

result<batch_end> read_batch(std::string_view bytes, const std::function<bool(const record_view&, std::uint32_t attempt)>& visit) {
  return read(bytes, [&](const record_view& one, std::uint32_t attempt, std::string_view) { return visit(one, attempt); });
}

result<batch_end> read_batch_for_a_log(std::string_view bytes, const std::function<bool(const record_view&, std::string_view record)>& visit) {
  return read(bytes, [&](const record_view& one, std::uint32_t, std::string_view record) { return visit(one, record); });
}

}  // namespace annals::net
