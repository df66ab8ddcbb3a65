/// Encodes described values as msgpack, and decodes them. Only encoder and document know the msgpack format.
/// The format is frozen. A struct is a map with field names. The decoder ignores unknown fields, leaves missing fields at their defaults,
/// refuses duplicate keys, and never narrows an integer. Lists, maps and structs may be nested up to `nesting_max` levels deep.
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

/// A vector of structs within a struct has a depth of three. An encoded_value may contain another `nesting_max` levels.
inline constexpr std::size_t nesting_max = 64;

/// Appends msgpack values to a string that the caller owns. For a value nested deeper than nesting_max it writes a byte that no
/// decoder accepts.
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
  /// Appends `value`, which must be exactly one encoded value. Anything else becomes a byte that no decoder accepts.
  void put_encoded(std::string_view value);

  /// Call this before a value that contains other values. False: the value is too deep, so write nothing more of it.
  bool begin_nested() {
    if (depth_ == nesting_max) return put_nothing(), false;
    return ++depth_, true;
  }
  /// Call this after that value, if begin_nested() returned true.
  void end_nested() { --depth_; }
  /// True if the encoder has written a byte that no decoder accepts.
  bool is_undecodable() const { return is_undecodable_; }

private:
  void put_nothing();

  std::string* out_;
  std::size_t depth_ = 0;
  bool is_undecodable_ = false;
};

namespace detail {
/// One value of a document. Texts and encoded bytes refer to the parsed bytes.
struct node {
  enum class kind : std::uint8_t { nil, boolean, natural, negative, real, text, array, map, other };
  kind what = kind::nil;
  std::uint32_t size = 0;  ///< bytes of a text, entries of an array or a map
  union {
    std::uint64_t natural = 0;  ///< also holds a boolean
    std::int64_t negative;
    double number;
    const char* text;
    std::size_t entries;  ///< distance to the first entry, in nodes; a map alternates keys and values
  };
  const char* begin = nullptr;  ///< of the encoded value
  std::uint32_t encoded_bytes = 0;
};
[[noreturn]] void past_the_end();
/// True if `bytes` are exactly one value, nested at most nesting_max levels deep.
bool is_one_value(std::string_view bytes);
}  // namespace detail

/// One decoded value: a view into a document. Valid as long as the document and the parsed bytes, until the next parse().
class value {
public:
  bool is_nil() const { return node_->what == kind::nil; }
  bool is_map() const { return node_->what == kind::map; }
  bool is_array() const { return node_->what == kind::array; }
  /// Number of entries of a map or an array; 0 for other kinds.
  std::size_t size() const { return is_map() || is_array() ? node_->size : 0; }
  /// The i-th key of a map if it is a text, else empty.
  std::string_view key(std::size_t i) const {
    std::string_view name;
    if (is_map() && i < node_->size) value{node_ + node_->entries + 2 * i}.get(name);
    return name;
  }
  /// The value of the i-th entry. Throws std::out_of_range if there is none.
  value at(std::size_t i) const {
    if (i >= size()) detail::past_the_end();
    return value{node_ + node_->entries + (is_map() ? 2 * i + 1 : i)};
  }
  /// The value under the key `name`; empty if there is none, or if this is no map.
  std::optional<value> find(std::string_view name) const;

  /// These return false when the value has another kind or does not fit.
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

  /// Appends the encoded bytes of this value.
  void copy_to(std::string& out) const { out.append(node_->begin, node_->encoded_bytes); }

private:
  using kind = detail::node::kind;
  friend class document;
  explicit value(const detail::node* of) : node_(of) {}
  const detail::node* node_;
};

/// A field that holds one encoded value of any type, unchanged. Code that knows the type decodes it.
struct encoded_value {
  std::string bytes = "\xc0";  ///< nil

  friend bool operator==(const encoded_value&, const encoded_value&) = default;
};

/// Parses one value. Reuse a document to save allocations. parse() refuses 4 GiB or more, and more than 2 * nesting_max levels.
class document {
public:
  document() = default;
  document(const document&) = delete;
  document& operator=(const document&) = delete;

  /// `bytes` must outlive the returned value, whose texts refer to them. Invalidates the previous value. Errors: undecodable.
  result<value> parse(std::string_view bytes);

private:
  std::vector<detail::node> nodes_;
};

/// The payload as one line of JSON, for people. Floats that JSON cannot express become null; binary becomes an object that
/// lists its bytes. Errors: undecodable.
result<std::string> to_json(std::string_view payload);
namespace detail {
struct shown_as;
result<std::string> to_json(std::string_view payload, const shown_as& as);
}  // namespace detail

template <described T>
void encode(encoder& out, const T& object);
template <described T>
result<void> decode(const value& from, T& object);

/// Encodes one described value.
template <described T>
std::string encoded(const T& object) {
  std::string bytes;
  encoder out{bytes};
  encode(out, object);
  return bytes;
}

/// Decodes one described value. Errors: undecodable, naming the field. Fields missing in the bytes keep their defaults.
template <described T>
result<T> decoded(std::string_view bytes);

}  // namespace annals

#include <annals/detail/codec.hpp>
