// Fields of the messages of a handshake: a tag, a length, a value. messages.cpp has the grammar.
#pragma once

#include <annals/result.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace annals::net {

enum class kind : unsigned char { hello = 1, challenge, proof, accepted, refused };

enum class tag : unsigned char {
  version_from = 1,
  version_to = 2,
  name = 3,
  key = 4,
  session = 5,
  link = 6,
  nonce = 7,
  agreement = 8,
  pinned_history = 9,
  store_id = 10,
  history = 11,
  head = 12,
  checksum = 13,
  fork = 14,
  taken = 20,
  session_is_new = 21,
  credit_commands = 22,
  credit_bytes = 23,
  credit_questions = 24,
  credit_deliveries = 25,
  frame_bytes_max = 26,
  code = 30,
  reason = 31,
  detail = 32,
  signature = 255,
};

inline constexpr std::size_t field_head_bytes = 3;

/// Little-endian.
void put_number(std::string& out, std::uint64_t number, std::size_t bytes);
std::uint64_t number_of(std::string_view bytes);
void append_field(std::string& out, tag t, std::string_view value);

/// Makes one message. Fields are added in the order of their tags.
class field_writer {
public:
  explicit field_writer(kind k);

  field_writer& text(tag t, std::string_view value);
  template <std::size_t N>
  field_writer& bytes(tag t, const std::array<unsigned char, N>& value) {
    return text(t, {reinterpret_cast<const char*>(value.data()), N});
  }
  field_writer& number(tag t, std::uint64_t value, std::size_t bytes);
  std::string done() { return std::move(out_); }

private:
  std::string out_;
};

/// Reads one message, which must outlive it. What is wrong with the message first is kept, as the error undecodable; the fields that are
/// asked for after that are empty. If the message is a refusal, its error is what is wrong.
class field_reader {
public:
  field_reader(std::string_view message, kind expected) : kind_(expected) { read(message); }

  /// A field that must be there, `called` so in errors.
  std::string_view text(tag t, std::string_view called, std::size_t least, std::size_t most);
  template <std::size_t N>
  void bytes(tag t, std::string_view called, std::array<unsigned char, N>& out) {
    if (const auto value = text(t, called, N, N); !value.empty()) std::memcpy(out.data(), value.data(), N);
  }
  template <class T>
  void number(tag t, std::string_view called, T& out) {
    out = static_cast<T>(number_of(text(t, called, sizeof(T), sizeof(T))));
  }
  void name(tag t, std::string_view called, std::string& out);
  void optional(tag t, std::string_view called, std::optional<std::uint64_t>& out) {
    if (find(t)) number(t, called, out.emplace());
  }
  /// The signature is the last field, as its tag is the highest.
  void needs_signature();
  /// "<kind of message> <why>".
  void refuse(std::string_view why);

  template <class T>
  result<T> done(T value) {
    if (wrong_) return std::move(*wrong_);
    return value;
  }
  const std::optional<error>& wrong() const { return wrong_; }

private:
  struct field {
    unsigned char tag;
    std::string_view value;
  };

  void refuse_all(std::string why);
  const field* find(tag t) const;
  void read(std::string_view message);
  void read_fields(std::string_view rest);
  void take_refusal();

  kind kind_;
  std::vector<field> fields_;
  std::optional<error> wrong_;
};

}  // namespace annals::net
