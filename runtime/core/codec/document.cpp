// Reads msgpack (https://github.com/msgpack/msgpack/blob/master/spec.md) into a flat list of nodes, within limits. This is
// our own parser because every event that is read passes through it: msgpack-c allocates twice per value and builds its
// objects in a zone, which took more than half of the time of folding an event. tests/core/codec compares the two.
#include <annals/codec.hpp>

#include <bit>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace annals {
namespace {

using detail::node;

// The number of bytes bounds the number of values. The depth limit is what the encoder may write: a value of nesting_max
// levels that contains an encoded value of nesting_max levels.
constexpr std::size_t depth_max = 2 * nesting_max;
constexpr std::size_t bytes_max = std::numeric_limits<std::uint32_t>::max();  // a node stores sizes in 32 bits
constexpr std::size_t nodes_kept_max = 4'096;                                 // capacity kept for the next document

class parser {
public:
  parser(std::string_view bytes, std::vector<node>& nodes, std::size_t deepest)
      : at_(bytes.data()), end_(bytes.data() + bytes.size()), nodes_(nodes), deepest_(deepest) {}

  /// Returns what is wrong; null means that one value was parsed and `at_` points after it.
  const char* parse(std::size_t into, std::size_t depth) {
    const char* const begin = at_;
    const char* wrong = parse_value(into, depth);
    nodes_[into].begin = begin;
    nodes_[into].encoded_bytes = static_cast<std::uint32_t>(at_ - begin);
    return wrong;
  }
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

private:
  static constexpr auto ends = "the bytes end within a value";

  template <class T>
  bool take(T& out) {
    if (left() < sizeof out) return false;
    std::uint64_t number = 0;  // big-endian
    for (const char* const end = at_ + sizeof out; at_ != end; ++at_) number = number << 8 | static_cast<unsigned char>(*at_);
    out = static_cast<T>(number);
    return true;
  }

  template <class T>
  const char* number(node& to) {
    T v{};
    if (!take(v)) return ends;
    if constexpr (std::is_signed_v<T>)
      if (v < 0) {
        to.what = node::kind::negative;
        to.negative = v;
        return nullptr;
      }
    to.what = node::kind::natural;
    to.natural = static_cast<std::uint64_t>(v);
    return nullptr;
  }

  template <class Bits, class Float>
  const char* real(node& to) {
    Bits bits{};
    if (!take(bits)) return ends;
    to.what = node::kind::real;
    to.number = std::bit_cast<Float>(bits);
    return nullptr;
  }

  const char* text(node& to, node::kind what, std::size_t bytes) {
    if (bytes > left()) return ends;
    to.what = what;
    to.size = static_cast<std::uint32_t>(bytes);
    to.text = at_;
    at_ += bytes;
    return nullptr;
  }

  template <class Length>
  const char* long_text(node& to, node::kind what, std::size_t more = 0) {
    Length bytes{};
    return take(bytes) ? text(to, what, bytes + more) : ends;
  }

  /// All entries lie together, after the nodes that exist so far; those of a map alternate key and value.
  const char* container(std::size_t into, node::kind what, std::size_t entries, std::size_t depth) {
    if (depth >= deepest_) return "the value is nested too deep";
    const auto count = what == node::kind::map ? 2 * entries : entries;
    if (count > left()) return ends;  // each takes at least one byte
    const auto first = nodes_.size();
    nodes_.resize(first + count);
    nodes_[into].what = what;
    nodes_[into].size = static_cast<std::uint32_t>(entries);
    nodes_[into].entries = first - into;
    for (std::size_t i = 0; i < count; ++i)
      if (const char* wrong = parse(first + i, depth + 1)) return wrong;
    return nullptr;
  }

  template <class Length>
  const char* long_container(std::size_t into, node::kind what, std::size_t depth) {
    Length entries{};
    return take(entries) ? container(into, what, entries, depth) : ends;
  }

  const char* parse_value(std::size_t into, std::size_t depth) {
    using kind = node::kind;
    if (at_ == end_) return ends;
    const auto head = static_cast<unsigned char>(*at_++);
    auto& to = nodes_[into];
    if (head < 0x80 || head >= 0xe0) return --at_, number<std::int8_t>(to);
    if (head < 0x90) return container(into, kind::map, head & 0x0f, depth);
    if (head < 0xa0) return container(into, kind::array, head & 0x0f, depth);
    if (head < 0xc0) return text(to, kind::text, head & 0x1f);
    switch (head) {
      case 0xc0: return to.what = kind::nil, nullptr;
      case 0xc2:
      case 0xc3: return to.what = kind::boolean, to.natural = head & 1, nullptr;
      case 0xc4: return long_text<std::uint8_t>(to, kind::other);
      case 0xc5: return long_text<std::uint16_t>(to, kind::other);
      case 0xc6: return long_text<std::uint32_t>(to, kind::other);
      case 0xc7: return long_text<std::uint8_t>(to, kind::other, 1);  // one more byte for the extension type
      case 0xc8: return long_text<std::uint16_t>(to, kind::other, 1);
      case 0xc9: return long_text<std::uint32_t>(to, kind::other, 1);
      case 0xca: return real<std::uint32_t, float>(to);
      case 0xcb: return real<std::uint64_t, double>(to);
      case 0xcc: return number<std::uint8_t>(to);
      case 0xcd: return number<std::uint16_t>(to);
      case 0xce: return number<std::uint32_t>(to);
      case 0xcf: return number<std::uint64_t>(to);
      case 0xd0: return number<std::int8_t>(to);
      case 0xd1: return number<std::int16_t>(to);
      case 0xd2: return number<std::int32_t>(to);
      case 0xd3: return number<std::int64_t>(to);
      case 0xd4: return text(to, kind::other, 1 + 1);
      case 0xd5: return text(to, kind::other, 1 + 2);
      case 0xd6: return text(to, kind::other, 1 + 4);
      case 0xd7: return text(to, kind::other, 1 + 8);
      case 0xd8: return text(to, kind::other, 1 + 16);
      case 0xd9: return long_text<std::uint8_t>(to, kind::text);
      case 0xda: return long_text<std::uint16_t>(to, kind::text);
      case 0xdb: return long_text<std::uint32_t>(to, kind::text);
      case 0xdc: return long_container<std::uint16_t>(into, kind::array, depth);
      case 0xdd: return long_container<std::uint32_t>(into, kind::array, depth);
      case 0xde: return long_container<std::uint16_t>(into, kind::map, depth);
      case 0xdf: return long_container<std::uint32_t>(into, kind::map, depth);
      default: return "an invalid first byte of a value";
    }
  }

  const char* at_;
  const char* end_;
  std::vector<node>& nodes_;
  const std::size_t deepest_;
};

/// Replaces the content of `nodes`.
std::optional<std::string> parse_into(std::vector<node>& nodes, std::string_view bytes, std::size_t deepest) {
  if (bytes.size() > bytes_max) return "4 GiB or more";
  if (nodes.capacity() > nodes_kept_max) nodes = {};
  nodes.clear();
  nodes.resize(1);
  parser from{bytes, nodes, deepest};
  if (const char* wrong = from.parse(0, 0)) return wrong;
  if (from.left() > 0) return std::to_string(from.left()) + " bytes after the value";
  return std::nullopt;
}

}  // namespace

std::optional<value> value::find(std::string_view name) const {
  if (!is_map()) return std::nullopt;
  for (std::size_t i = 0; i < size(); ++i)
    if (key(i) == name) return at(i);
  return std::nullopt;
}

bool value::get(double& out) const {
  using kind = node::kind;
  if (node_->what == kind::real) {
    out = node_->number;
    return true;
  }
  // The packer writes a whole number as an integer, exactly. So an integer that no double can represent was not a double.
  if (node_->what == kind::natural) out = static_cast<double>(node_->natural);
  if (node_->what == kind::negative) out = static_cast<double>(node_->negative);
  constexpr double past_u64 = 18446744073709551616.0;
  return (node_->what == kind::natural && out < past_u64 && static_cast<std::uint64_t>(out) == node_->natural) ||
         (node_->what == kind::negative && static_cast<std::int64_t>(out) == node_->negative);
}

result<value> document::parse(std::string_view bytes) {
  if (auto wrong = parse_into(nodes_, bytes, depth_max)) return error{errc::undecodable, "not msgpack", std::move(*wrong)};
  return value{nodes_.data()};
}

namespace detail {

void past_the_end() { throw std::out_of_range{"value::at past the end"}; }

bool is_one_value(std::string_view bytes) {
  thread_local std::vector<node> nodes;
  return !parse_into(nodes, bytes, nesting_max);
}

error wrong_kind(std::string_view expected) { return {errc::undecodable, "undecodable", "expected " + std::string{expected}}; }

error within(std::string_view name, error inner) {
  const bool is_place = inner.detail.starts_with("expected ") || inner.detail.starts_with("duplicate ");
  inner.detail = std::string{name} + (is_place ? ": " : ".") + inner.detail;
  return inner;
}

error duplicate_key(std::string_view name) { return {errc::undecodable, "undecodable", "duplicate key " + std::string{name}}; }

}  // namespace detail
}  // namespace annals
