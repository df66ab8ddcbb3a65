/// Described values to msgpack bytes and back; what msgpack is stays behind these two classes.
/// Rules, frozen: a struct is a map with field names; unknown fields are ignored, missing ones keep their defaults,
/// duplicate keys are refused, integers are never narrowed, and lists, maps and structs are nested in each other up to
/// `nesting_max` deep.
#pragma once

#include <annals/describe.hpp>
#include <annals/result.hpp>

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace annals {

/// A vector of structs in a struct is three deep. Where an encoded_value stands, another value of as many may begin.
inline constexpr std::size_t nesting_max = 64;

/// Appends msgpack values to a string that it does not own. For what is nested deeper than nesting_max it puts a byte that
/// nobody decodes.
class encoder {
public:
  explicit encoder(std::string& out) : out_(&out) {}

  void put(bool v);
  void put(std::int64_t v);
  void put(std::uint64_t v);
  void put(double v);
  void put(std::string_view v);
  void put_nil();
  void begin_map(std::size_t entries);
  void begin_array(std::size_t entries);
  /// `value` is one encoded value; it becomes part of what is written. For anything else it puts what nobody decodes.
  void put_encoded(std::string_view value);

  /// Before one value is put that has others in it. False when it is too deep: then nothing more is put of it.
  bool begin_nested() {
    if (depth_ == nesting_max) return put_nothing(), false;
    return ++depth_, true;
  }
  /// After it.
  void end_nested() { --depth_; }
  /// Whether it has put what nobody decodes.
  bool is_undecodable() const { return is_undecodable_; }

private:
  void put_nothing();

  std::string* out_;
  std::size_t depth_ = 0;
  bool is_undecodable_ = false;
};

namespace detail {
/// A value in a document. What it has of the bytes it refers to.
struct node {
  enum class kind : std::uint8_t { nil, boolean, natural, negative, real, text, array, map, other };
  kind what = kind::nil;
  std::uint32_t size = 0;  ///< bytes of a text, entries of an array or a map
  union {
    std::uint64_t natural = 0;  ///< of a boolean, too
    std::int64_t negative;
    double number;
    const char* text;
    std::size_t entries;  ///< where they begin: so many nodes behind this one; of a map key and value in turn
  };
  const char* begin = nullptr;  ///< of its bytes
  std::uint32_t encoded_bytes = 0;
};
[[noreturn]] void past_the_end();
/// One value and nothing behind it, nesting_max deep at most.
bool is_one_value(std::string_view bytes);
}  // namespace detail

/// One decoded value: a view into a document, valid as long as the document and its bytes are.
class value {
public:
  bool is_nil() const { return node_->what == kind::nil; }
  bool is_map() const { return node_->what == kind::map; }
  bool is_array() const { return node_->what == kind::array; }
  /// Entries of a map or array, else 0.
  std::size_t size() const { return is_map() || is_array() ? node_->size : 0; }
  /// Of a map whose i-th key is a text, else empty.
  std::string_view key(std::size_t i) const {
    std::string_view name;
    if (is_map() && i < node_->size) value{node_ + node_->entries + 2 * i}.get(name);
    return name;
  }
  /// The i-th entry's value.
  value at(std::size_t i) const {
    if (i >= size()) detail::past_the_end();
    return value{node_ + node_->entries + (is_map() ? 2 * i + 1 : i)};
  }
  /// The value under `name` of a map.
  std::optional<value> find(std::string_view name) const;

  /// False when the value is of another kind or does not fit.
  bool get(bool& out) const {
    if (node_->what != kind::boolean) return false;
    out = node_->natural != 0;
    return true;
  }
  bool get(std::int64_t& out) const {
    const bool fits = node_->what == kind::negative || (node_->what == kind::natural && node_->natural <= std::uint64_t{INT64_MAX});
    if (fits) out = node_->what == kind::negative ? node_->negative : static_cast<std::int64_t>(node_->natural);
    return fits;
  }
  bool get(std::uint64_t& out) const {
    if (node_->what != kind::natural) return false;
    out = node_->natural;
    return true;
  }
  bool get(double& out) const;
  bool get(std::string_view& out) const {
    if (node_->what != kind::text) return false;
    out = {node_->text, node_->size};
    return true;
  }

  /// Appends the bytes of this value.
  void copy_to(std::string& out) const { out.append(node_->begin, node_->encoded_bytes); }

private:
  using kind = detail::node::kind;
  friend class document;
  explicit value(const detail::node* of) : node_(of) {}
  const detail::node* node_;
};

/// A field that holds any one encoded value as it is, to be decoded by whoever knows what it is.
struct encoded_value {
  std::string bytes = "\xc0";  ///< nil

  friend bool operator==(const encoded_value&, const encoded_value&) = default;
};

/// Parses one value; reuse it to save the allocation. Refuses what is too deep to be ours, and 4 GiB or more.
class document {
public:
  document() = default;
  document(const document&) = delete;
  document& operator=(const document&) = delete;

  /// `bytes` must outlive the value: texts refer to them. Ends the life of the value parsed before.
  result<value> parse(std::string_view bytes);

private:
  std::vector<detail::node> nodes_;
};

/// The payload as one line of JSON, for people: floats that JSON does not know become null, binary is base64.
result<std::string> to_json(std::string_view payload);
namespace detail {
struct shown_as;
result<std::string> to_json(std::string_view payload, const shown_as& as);
}  // namespace detail

template <described T>
void encode(encoder& out, const T& object);
template <described T>
result<void> decode(const value& from, T& object);

/// The bytes of one described value.
template <described T>
std::string encoded(const T& object) {
  std::string bytes;
  encoder out{bytes};
  encode(out, object);
  return bytes;
}

/// The value that the bytes hold; `undecodable` names the field.
template <described T>
result<T> decoded(std::string_view bytes);

}  // namespace annals

#include <annals/detail/codec.hpp>
