// The grammar, version 1. Numbers are little-endian; a text is length u16, bytes. An unknown kind of frame is an error, since both ends
// speak the version that they have agreed on.
//
//   frame       length u32 (of what follows), kind u8, payload
//   command     sequence u64, flags u8, [since: history u64, position u64], [expected version u64], category text, key text, name text,
//               [id text], correlation text, causation text, principal text, [trace text], body (the rest)
//                 flags: 1 since, 2 expected version, 4 resent, 8 no id: it is the session in hex, "-", the sequence number, 16 trace
//   request     sequence u64, call u8, body (the rest: calls.hpp)
//   confirm     answers u64
//   resent_end  nothing
//   goodbye     sequence u64: the last one taken; of a caller 0
//   answer      sequence u64, what u8, and
//                 what 0, a receipt: version u64, position u64, events u32, history u64
//                 what 1, an error: code u16, actual version u64, place u64, reason text, detail text
//                 what 2, bytes (the rest)
#include "net/wire/frames.hpp"

#include "net/wire/bytes.hpp"

#include <algorithm>

namespace annals::net {
namespace {

constexpr std::size_t length_bytes = 4;
constexpr std::uint8_t has_since = 1, has_expected = 2, is_resent = 4, has_made_id = 8, has_trace = 16;
constexpr std::size_t answer_head_bytes = length_bytes + 1 + 8;  // up to the sequence number
constexpr std::size_t flags_at = length_bytes + 1 + 8;
constexpr std::uint8_t is_receipt = 0, is_error = 1, is_bytes = 2;

error malformed(std::string_view what) { return {errc::undecodable, "a malformed frame", std::string{what}}; }

/// Writes the length of a frame when all of it is there.
class framed {
public:
  framed(std::string& out, frame_kind kind) : out_(out), begin_(out.size()) {
    byte_writer to{out};
    to.number(std::uint32_t{0});
    to.number(static_cast<std::uint8_t>(kind));
  }
  ~framed() {
    const auto length = static_cast<std::uint32_t>(out_.size() - begin_ - length_bytes);
    for (std::size_t i = 0; i < length_bytes; ++i) out_[begin_ + i] = static_cast<char>(length >> (8 * i));
  }
  framed(const framed&) = delete;
  framed& operator=(const framed&) = delete;

private:
  std::string& out_;
  const std::size_t begin_;
};

void put_number(std::string& out, frame_kind kind, std::uint64_t n) {
  const framed one{out, kind};
  byte_writer{out}.number(n);
}

}  // namespace

void put(std::string& out, const command_frame& f) {
  const framed one{out, frame_kind::command};
  byte_writer to{out};
  to.number(f.sequence);
  to.number(static_cast<std::uint8_t>((f.since ? has_since : 0) | (f.expect ? has_expected : 0) | (f.is_resent ? is_resent : 0) |
                                      (f.has_made_id ? has_made_id : 0) | (f.trace.empty() ? 0 : has_trace)));
  if (f.since) {
    to.number(f.since->history);
    to.number(f.since->at);
  }
  if (f.expect) to.number(*f.expect);
  for (const auto text : {f.category, f.key, f.name}) to.text(text);
  if (!f.has_made_id) to.text(f.id);
  for (const auto text : {f.correlation, f.causation, f.principal}) to.text(text);
  if (!f.trace.empty()) to.text(f.trace);
  to.raw(f.body);
}

void mark_resent(std::string& frame) { frame[flags_at] = static_cast<char>(frame[flags_at] | is_resent); }

result<command_frame> read_command(std::string_view payload) {
  byte_reader from{payload};
  command_frame f;
  f.sequence = from.number<std::uint64_t>();
  const auto flags = from.number<std::uint8_t>();
  if (flags & ~(has_since | has_expected | is_resent | has_made_id | has_trace)) return malformed("a command with an unknown flag");
  f.is_resent = flags & is_resent;
  f.has_made_id = flags & has_made_id;
  if (flags & has_since) {
    f.since.emplace();
    f.since->history = from.number<std::uint64_t>();
    f.since->at = from.number<std::uint64_t>();
  }
  if (flags & has_expected) f.expect = from.number<std::uint64_t>();
  for (auto* text : {&f.category, &f.key, &f.name}) *text = from.text();
  if (!f.has_made_id) f.id = from.text();
  for (auto* text : {&f.correlation, &f.causation, &f.principal}) *text = from.text();
  if (flags & has_trace) f.trace = from.text();
  f.body = from.rest();
  if (!from.ok()) return malformed("a command that is cut off");
  return f;
}

void put(std::string& out, const request_frame& f) {
  const framed one{out, frame_kind::request};
  byte_writer to{out};
  to.number(f.sequence);
  to.number(f.call);
  to.raw(f.body);
}

result<request_frame> read_request(std::string_view payload) {
  byte_reader from{payload};
  request_frame f;
  f.sequence = from.number<std::uint64_t>();
  f.call = from.number<std::uint8_t>();
  f.body = from.rest();
  if (!from.ok()) return malformed("a request that is cut off");
  return f;
}

void put(std::string& out, const answer_frame& f) {
  const framed one{out, frame_kind::answer};
  byte_writer to{out};
  to.number(f.sequence);
  if (!f.given) {
    const auto& why = f.given.error();
    to.number(is_error);
    to.number(static_cast<std::uint16_t>(why.code));
    to.number(why.actual_version);
    to.number(why.place);
    to.text(why.reason);
    to.text(why.detail);
  } else if (!f.given->bytes.empty() || f.given->accepted == receipt{}) {
    to.number(is_bytes);
    to.raw(f.given->bytes);
  } else {
    const auto& accepted = f.given->accepted;
    to.number(is_receipt);
    to.number(accepted.version);
    to.number(accepted.at);
    to.number(accepted.events);
    to.number(accepted.token.history);
  }
}

result<answer_frame> read_answer(std::string_view payload) {
  byte_reader from{payload};
  answer_frame f;
  f.sequence = from.number<std::uint64_t>();
  const auto what = from.number<std::uint8_t>();
  if (what == is_error) {
    error why{static_cast<errc>(from.number<std::uint16_t>())};
    why.actual_version = from.number<std::uint64_t>();
    why.place = from.number<std::uint64_t>();
    why.reason = from.text();
    why.detail = from.text();
    f.given = std::move(why);
  } else if (what == is_bytes) {
    f.given = detail::answered{{}, std::string{from.rest()}};
  } else if (what == is_receipt) {
    receipt accepted;
    accepted.version = from.number<std::uint64_t>();
    accepted.at = from.number<std::uint64_t>();
    accepted.events = from.number<std::uint32_t>();
    accepted.token = {from.number<std::uint64_t>(), accepted.at};
    f.given = detail::answered{accepted, {}};
  } else {
    return malformed("an answer of an unknown kind");
  }
  if (!from.ok() || !from.at_end()) return malformed("an answer of a wrong length");
  return f;
}

void put_confirm(std::string& out, std::uint64_t answers) { put_number(out, frame_kind::confirm, answers); }
void put_goodbye(std::string& out, std::uint64_t last_taken) { put_number(out, frame_kind::goodbye, last_taken); }
void put_resent_end(std::string& out) { const framed one{out, frame_kind::resent_end}; }

result<std::uint64_t> read_number(std::string_view payload) {
  byte_reader from{payload};
  const auto n = from.number<std::uint64_t>();
  if (!from.ok() || !from.at_end()) return malformed("a number of a wrong length");
  return n;
}

result<std::size_t> frame_reader::size_of_first(std::string_view bytes) const {
  if (bytes.size() < length_bytes) return std::size_t{0};
  const auto length = byte_reader{bytes}.number<std::uint32_t>();
  if (length == 0) return malformed("without a kind");
  if (length > frame_bytes_max_ && then_ == large_frames::are_passed_over) return answer_head_bytes;
  if (length > frame_bytes_max_)
    return error{errc::too_large, "the frame is too large", std::to_string(length) + " bytes, at most " + std::to_string(frame_bytes_max_)};
  return length_bytes + length;
}

std::string_view payload_of(std::string_view frame) { return frame.substr(length_bytes + 1); }

result<void> frame_reader::begin_passing_over(std::string_view first) {
  byte_reader from{first};
  const std::uint64_t length = from.number<std::uint32_t>();
  const auto kind = static_cast<frame_kind>(from.number<std::uint8_t>());
  if (kind != frame_kind::answer) return error{errc::too_large, "the frame is too large", std::to_string(length) + " bytes"};
  passing_ = {from.number<std::uint64_t>(), length, length + length_bytes - answer_head_bytes};
  return {};
}

bool frame_reader::pass_over(std::string_view& bytes) {
  const auto now = std::min<std::uint64_t>(passing_->left, bytes.size());
  bytes.remove_prefix(now);
  passing_->left -= now;
  return passing_->left == 0;
}

result<void> frame_reader::visit_too_large(const visitor& each) {
  const auto detail = std::to_string(passing_->bytes) + " bytes, at most " + std::to_string(frame_bytes_max_);
  std::string made;
  put(made, answer_frame{passing_->sequence, error{errc::too_large, "the answer is larger than the caller takes", detail}});
  passing_.reset();
  return each(frame_kind::answer, std::string_view{made}.substr(length_bytes + 1));
}

result<void> frame_reader::take(std::string_view bytes, const visitor& each) {
  constexpr std::size_t memory_kept_max = std::size_t{1} << 20;
  for (;;) {
    if (passing_) {
      if (!pass_over(bytes)) return {};
      if (auto ok = visit_too_large(each); !ok) return ok;
    }
    // A frame that began in an earlier message is completed first; the others are visited where they are.
    const auto begun = size_of_first(partial_);
    if (!begun) return begun.error();
    if (!partial_.empty() && partial_.size() < std::max(*begun, length_bytes)) {
      const auto missing = std::max(*begun, length_bytes) - partial_.size();
      const auto more = bytes.substr(0, missing);
      partial_.append(more);
      bytes.remove_prefix(more.size());
      if (more.size() < missing) return {};
      continue;
    }
    const std::string_view from = partial_.empty() ? bytes : std::string_view{partial_};
    const auto size = size_of_first(from);
    if (!size) return size.error();
    if (*size == 0 || from.size() < *size) {
      partial_.assign(bytes);
      return {};
    }
    const auto kind = static_cast<frame_kind>(from[length_bytes]);
    const bool is_large = byte_reader{from}.number<std::uint32_t>() > frame_bytes_max_;
    auto ok = is_large ? begin_passing_over(from) : each(kind, from.substr(length_bytes + 1, *size - length_bytes - 1));
    if (!ok) return ok;
    if (partial_.empty())
      bytes.remove_prefix(*size);
    else if (partial_.capacity() > memory_kept_max)
      partial_ = {};
    else
      partial_.clear();
  }
}

}  // namespace annals::net
