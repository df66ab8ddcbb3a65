/// Described values to msgpack bytes and back; the msgpack library stays behind these two classes.
/// Rules, frozen: a struct is a map with field names; unknown fields are ignored, missing ones keep their defaults,
/// duplicate keys are refused, integers are never narrowed.
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

/// Appends msgpack values to a string that it does not own.
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
  /// `value` is one encoded value; it becomes part of what is written.
  void put_encoded(std::string_view value);

private:
  std::string* out_;
};

/// One decoded value: a view into a document, valid as long as the document and its bytes are.
class value {
public:
  bool is_nil() const;
  bool is_map() const;
  bool is_array() const;
  std::size_t size() const;                   ///< entries of a map or array, else 0
  std::string_view key(std::size_t i) const;  ///< of a map whose i-th key is a text, else empty
  value at(std::size_t i) const;              ///< the i-th entry's value
  /// The value under `name` of a map.
  std::optional<value> find(std::string_view name) const;

  /// False when the value is of another kind or does not fit.
  bool get(bool& out) const;
  bool get(std::int64_t& out) const;
  bool get(std::uint64_t& out) const;
  bool get(double& out) const;
  bool get(std::string_view& out) const;

  /// Appends the bytes of this value.
  void copy_to(std::string& out) const;

private:
  friend class document;
  explicit value(const void* object) : object_(object) {}
  const void* object_;
};

/// A field that holds any one encoded value as it is, to be decoded by whoever knows what it is.
struct encoded_value {
  std::string bytes = "\xc0";  ///< nil

  friend bool operator==(const encoded_value&, const encoded_value&) = default;
};

/// Parses one value; reuse it to save the allocation. Refuses what is too deep or too large to be ours.
class document {
public:
  document();
  document(const document&) = delete;
  document& operator=(const document&) = delete;
  ~document();

  /// `bytes` must outlive the value: texts refer to them. Ends the life of the value parsed before.
  result<value> parse(std::string_view bytes);

private:
  struct zone;
  zone* zone_;
};

/// The payload as one line of JSON, for people: floats that JSON does not know become null, binary is base64.
result<std::string> to_json(std::string_view payload);

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
