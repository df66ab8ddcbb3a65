#include "net/identity/fields.hpp"

#include "net/identity/messages.hpp"

#include <algorithm>

namespace annals::net {
namespace {

constexpr std::string_view magic = "annals";

std::string_view name_of(kind k) {
  constexpr std::array<std::string_view, 6> names{"", "hello", "challenge", "proof", "accepted", "refused"};
  return names[static_cast<std::size_t>(k)];
}

/// Text of somebody who has proved nothing: without what a terminal obeys.
std::string shown(std::string_view text) {
  std::string out{text};
  std::ranges::replace_if(out, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return out;
}

}  // namespace

void put_number(std::string& out, std::uint64_t number, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) out += static_cast<char>(number >> (8 * i));
}

std::uint64_t number_of(std::string_view bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) number = number << 8 | static_cast<unsigned char>(bytes[i - 1]);
  return number;
}

void append_field(std::string& out, tag t, std::string_view value) {
  out += static_cast<char>(t);
  put_number(out, value.size(), 2);
  out += value;
}

field_writer::field_writer(kind k) : out_(magic) { out_ += static_cast<char>(k); }

field_writer& field_writer::text(tag t, std::string_view value) {
  append_field(out_, t, value);
  return *this;
}

field_writer& field_writer::number(tag t, std::uint64_t value, std::size_t bytes) {
  std::string text;
  put_number(text, value, bytes);
  return this->text(t, text);
}

std::string_view field_reader::text(tag t, std::string_view called, std::size_t least, std::size_t most) {
  if (wrong_) return {};
  const auto* found = find(t);
  if (!found) return refuse("has no " + std::string{called}), std::string_view{};
  if (found->value.size() >= least && found->value.size() <= most) return found->value;
  const auto wanted = least == most ? std::to_string(most) : std::to_string(least) + " to " + std::to_string(most);
  refuse("has a " + std::string{called} + " of " + std::to_string(found->value.size()) + " bytes, not " + wanted);
  return {};
}

void field_reader::name(tag t, std::string_view called, std::string& out) {
  out = text(t, called, 1, node_name_bytes_max);
  if (!wrong_ && !is_node_name(out)) refuse("has control characters in its " + std::string{called});
}

void field_reader::needs_signature() {
  signature ignored;
  bytes(tag::signature, "signature", ignored);
}

void field_reader::refuse(std::string_view why) { refuse_all(std::string{name_of(kind_)}.append(" ").append(why)); }

void field_reader::refuse_all(std::string why) {
  if (!wrong_) wrong_ = error{errc::undecodable, std::move(why)};
}

const field_reader::field* field_reader::find(tag t) const {
  const auto found = std::ranges::find(fields_, static_cast<unsigned char>(t), &field::tag);
  return found == fields_.end() ? nullptr : &*found;
}

void field_reader::read(std::string_view message) {
  if (message.size() > handshake_bytes_max)
    return refuse("has " + std::to_string(message.size()) + " bytes, at most " + std::to_string(handshake_bytes_max));
  if (message.size() <= magic.size() || !message.starts_with(magic)) return refuse_all("the peer does not speak the protocol of annals");
  const auto is = static_cast<unsigned char>(message[magic.size()]);
  if (is == 0 || is > static_cast<unsigned char>(kind::refused)) return refuse_all("a message of the unknown kind " + std::to_string(is));
  read_fields(message.substr(magic.size() + 1));
  if (wrong_ || is == static_cast<unsigned char>(kind_)) return;
  if (is == static_cast<unsigned char>(kind::refused)) return take_refusal();
  refuse_all("expected " + std::string{name_of(kind_)} + ", got " + std::string{name_of(static_cast<kind>(is))});
}

void field_reader::read_fields(std::string_view rest) {
  while (!rest.empty()) {
    if (rest.size() < field_head_bytes) return refuse("ends within a field");
    const auto t = static_cast<unsigned char>(rest[0]);
    const auto size = static_cast<std::size_t>(number_of(rest.substr(1, 2)));
    if (rest.size() < field_head_bytes + size) return refuse("ends within field " + std::to_string(t));
    if (!fields_.empty() && fields_.back().tag >= t)
      return refuse("has field " + std::to_string(t) + " after field " + std::to_string(fields_.back().tag));
    fields_.push_back({t, rest.substr(field_head_bytes, size)});
    rest.remove_prefix(field_head_bytes + size);
  }
}

void field_reader::take_refusal() {
  kind_ = kind::refused;
  std::uint16_t code = 0;
  number(tag::code, "code", code);
  const auto reason = text(tag::reason, "reason", 0, handshake_bytes_max), detail = text(tag::detail, "detail", 0, handshake_bytes_max);
  if (!wrong_) wrong_ = error{static_cast<errc>(code), shown(reason), shown(detail)};
}

}  // namespace annals::net
