// Bytes of the handshake. Numbers are little-endian.
//
//   message = "annals" kind field*            at most 4 KiB
//   kind    = u8: 1 hello, 2 challenge, 3 proof, 4 accepted, 5 refused
//   field   = tag length value                tag: u8, length: u16, value: that many bytes
//
// Tags ascend within a message, so none comes twice. A tag that a program does not know is ignored by it; signatures cover it.
//
//   hello      1 version from u16 · 2 version to u16 · 3 name · 4 Ed25519 key 32 · 5 session 16 · 6 link u64 · 7 nonce 32 ·
//              8 X25519 key 32 · [9 pinned history u64]
//   challenge  1 version u16 · 3 name · 4 Ed25519 key 32 · 7 nonce 32 · 8 X25519 key 32 · 10 store id · 11 history u64 ·
//              12 head u64 · 13 checksum there u64 · [14 fork u64] · 255 signature 64
//   proof      255 signature 64
//   accepted   20 taken u64 · 21 session is new u8 · 22 credit in commands u32 · 23 credit in bytes u64 ·
//              24 credit in questions u32 · 25 credit in deliveries u32 · 26 largest frame u64
//   refused    30 code u16 · 31 reason · 32 detail
#include "net/identity/messages.hpp"

#include "net/identity/fields.hpp"

#include <algorithm>
#include <cstring>

namespace annals::net {
namespace {

constexpr std::size_t signature_field_bytes = field_head_bytes + std::tuple_size_v<signature>;

std::string text_of(const version_range& versions) {
  if (versions.min == versions.max) return "version " + std::to_string(versions.min);
  return "versions " + std::to_string(versions.min) + " to " + std::to_string(versions.max);
}

}  // namespace

result<std::uint16_t> common_version(const version_range& own, const version_range& peer) {
  const auto highest = std::min(own.max, peer.max);
  if (highest >= std::max(own.min, peer.min)) return highest;
  return error{errc::unreachable, "this node speaks " + text_of(own) + ", the peer " + text_of(peer)};
}

std::string encode(const hello& h) {
  field_writer w{kind::hello};
  w.number(tag::version_from, h.versions.min, 2).number(tag::version_to, h.versions.max, 2).text(tag::name, h.name);
  w.bytes(tag::key, h.key.bytes).bytes(tag::session, h.session).number(tag::link, h.link, 8);
  w.bytes(tag::nonce, h.nonce).bytes(tag::agreement, h.agreement);
  if (h.pinned_history) w.number(tag::pinned_history, *h.pinned_history, 8);
  return w.done();
}

std::string encode(const challenge& c) {
  field_writer w{kind::challenge};
  w.number(tag::version_from, c.version, 2).text(tag::name, c.name).bytes(tag::key, c.key.bytes);
  w.bytes(tag::nonce, c.nonce).bytes(tag::agreement, c.agreement);
  w.text(tag::store_id, c.store.store_id).number(tag::history, c.store.history, 8);
  w.number(tag::head, c.store.head, 8).number(tag::checksum, c.store.checksum, 8);
  if (c.store.fork) w.number(tag::fork, *c.store.fork, 8);
  return w.done();
}

std::string encode_proof() { return field_writer{kind::proof}.done(); }

std::string encode(const accepted& a) {
  field_writer w{kind::accepted};
  w.number(tag::taken, a.taken, 8).number(tag::session_is_new, a.session_is_new ? 1 : 0, 1);
  w.number(tag::credit_commands, a.credit_commands, 4).number(tag::credit_bytes, a.credit_bytes, 8);
  w.number(tag::credit_questions, a.credit_questions, 4).number(tag::credit_deliveries, a.credit_deliveries, 4);
  w.number(tag::frame_bytes_max, a.frame_bytes_max, 8);
  return w.done();
}

std::string encode_refusal(const error& why) {
  constexpr std::size_t text_bytes_max = 1024;
  field_writer w{kind::refused};
  w.number(tag::code, static_cast<std::uint64_t>(why.code), 2);
  w.text(tag::reason, std::string_view{why.reason}.substr(0, text_bytes_max))
      .text(tag::detail, std::string_view{why.detail}.substr(0, text_bytes_max));
  return w.done();
}

void add_signature(std::string& message, const signature& by) {
  append_field(message, tag::signature, {reinterpret_cast<const char*>(by.data()), by.size()});
}

signed_message split_signature(std::string_view message) {
  signed_message parts{message.substr(0, message.size() - signature_field_bytes), {}};
  std::memcpy(parts.by.data(), message.data() + message.size() - parts.by.size(), parts.by.size());
  return parts;
}

result<hello> decode_hello(std::string_view message) {
  field_reader r{message, kind::hello};
  hello h;
  r.number(tag::version_from, "first version", h.versions.min);
  r.number(tag::version_to, "last version", h.versions.max);
  if (h.versions.min == 0 || h.versions.min > h.versions.max) r.refuse("has no range of versions");
  r.name(tag::name, "name", h.name);
  r.bytes(tag::key, "key", h.key.bytes);
  r.bytes(tag::session, "session", h.session);
  r.number(tag::link, "link number", h.link);
  if (h.link == 0) r.refuse("has the link number 0");
  r.bytes(tag::nonce, "nonce", h.nonce);
  r.bytes(tag::agreement, "key of the agreement", h.agreement);
  r.optional(tag::pinned_history, "pinned history", h.pinned_history);
  return r.done(std::move(h));
}

result<challenge> decode_challenge(std::string_view message) {
  field_reader r{message, kind::challenge};
  challenge c;
  r.number(tag::version_from, "version", c.version);
  r.name(tag::name, "name", c.name);
  r.bytes(tag::key, "key", c.key.bytes);
  r.bytes(tag::nonce, "nonce", c.nonce);
  r.bytes(tag::agreement, "key of the agreement", c.agreement);
  r.name(tag::store_id, "store id", c.store.store_id);
  r.number(tag::history, "history", c.store.history);
  r.number(tag::head, "head", c.store.head);
  r.number(tag::checksum, "checksum", c.store.checksum);
  r.optional(tag::fork, "fork", c.store.fork);
  r.needs_signature();
  return r.done(std::move(c));
}

result<void> check_proof(std::string_view message) {
  field_reader r{message, kind::proof};
  r.needs_signature();
  if (r.wrong()) return *r.wrong();
  return {};
}

result<accepted> decode_accepted(std::string_view message) {
  field_reader r{message, kind::accepted};
  accepted a;
  std::uint8_t is_new = 0;
  r.number(tag::taken, "number taken", a.taken);
  r.number(tag::session_is_new, "mark of a new session", is_new);
  r.number(tag::credit_commands, "credit in commands", a.credit_commands);
  r.number(tag::credit_bytes, "credit in bytes", a.credit_bytes);
  r.number(tag::credit_questions, "credit in questions", a.credit_questions);
  r.number(tag::credit_deliveries, "credit in deliveries", a.credit_deliveries);
  r.number(tag::frame_bytes_max, "largest frame", a.frame_bytes_max);
  if (is_new > 1) r.refuse("has a mark of a new session that is neither 0 nor 1");
  a.session_is_new = is_new == 1;
  return r.done(a);
}

}  // namespace annals::net
